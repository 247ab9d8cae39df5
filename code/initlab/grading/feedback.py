"""The page that a student gets: points, what was right, what was not and why; no hidden code."""

from initlab.grading.gradebook import Entry, Gradebook, Item, rounded
from initlab.grading.items import idea
from initlab.grading.marks import CaseResult
from initlab.grading.page import render

#: How an outcome is said to a student, and what it means where the test has no words of its own.
SAID = {
    "passed": ("Passed", ""),
    "wrong": ("Not right yet", "The answer is not the right one."),
    "error": ("Error", "Your code raised an exception."),
    "missing": ("Not found", "What this check asks for was not defined."),
    "time limit": ("Too slow", "Your code did not answer within the time limit."),
    "ended": ("Ended", "Your code ended, or was ended, before it answered."),
    "refused": ("Not plain data", "The answer was an object of a kind that is not accepted."),
}


def feedback_page(book: Gradebook, entry: Entry) -> str:
    """The HTML page for one student whose work was graded, or could not be read."""
    return render(
        "feedback.html",
        book=book,
        entry=entry,
        total=entry.earned(),
        questions=[_question(item, entry) for item in book.items],
        ideas=_ideas(entry),
    )


def _question(item: Item, entry: Entry) -> dict:
    cases = [case for case in entry.marks.cases if case.question == item.name]
    return {
        "item": item,
        "earned": entry.earned(item.name),
        "share": min(max(entry.earned(item.name) / item.points, 0), 1) if item.points else 1,
        "passed": all(case.outcome == "passed" for case in cases),
        "checks": [_check(case) for case in cases],
    }


def _check(case: CaseResult) -> dict:
    """A check as a student may see it: never its code, and not even its name if it is hidden."""
    said, meaning = SAID[case.outcome]
    passed = case.outcome == "passed"
    title, feedback = idea(case.misconception) if case.misconception else ("", "")
    return {
        "kind": "Further check" if case.hidden else "Check in the notebook",
        "passed": passed,
        "said": said,
        "points": rounded(case.points),
        "earned": rounded(case.points) if passed else 0,
        "message": "" if passed else feedback or case.message or meaning,
        "idea": title,
    }


def _ideas(entry: Entry) -> list[tuple[str, list[str]]]:
    """Title of each misconception met, with the questions where it was."""
    met = {}
    for case in entry.marks.cases:
        if case.misconception:
            questions = met.setdefault(idea(case.misconception)[0], [])
            if case.question not in questions:
                questions.append(case.question)
    return list(met.items())
