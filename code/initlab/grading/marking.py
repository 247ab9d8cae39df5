"""The marks of one submission: every test asked of it, each with its outcome and its words."""

import inspect
import warnings

from initlab.grading.assignment import Assignment, Case
from initlab.grading.cells import Unreadable, code_cells
from initlab.grading.isolation import Isolation
from initlab.grading.marks import CaseResult, Marks
from initlab.grading.misconceptions import Misconceived
from initlab.grading.session import Broken, Limits, Session, Stopped

_WRONG = "This is not the right answer."


class CannotGrade(RuntimeError):
    """A submission that got no marks through no fault of its own."""


def grade(
    assignment: Assignment,
    notebook: bytes,
    student: str,
    isolation: Isolation,
    limits: Limits | None = None,
) -> Marks:
    """Marks of the notebook in the file ``notebook``: the same at every run.

    The tests run here, the student's code in a worker that ``isolation`` shuts in. A file that is
    no notebook has no cases, and the status "not readable" with the reason as its note. Raises
    :class:`CannotGrade` if a test sends what cannot be sent or no worker can be started.
    """
    try:
        cells = code_cells(notebook)
    except Unreadable as error:
        return Marks(student, "not readable", (), (f"not readable: {error}",))
    files = {path.name: path.read_bytes() for path in assignment.files}
    limits = limits or Limits()
    try:
        with Session(cells, assignment.given, files, isolation, limits) as session:
            cases = tuple(judge(case, session) for case in assignment.cases)
    except Broken as error:
        raise CannotGrade(str(error)) from error
    notes = [f"Code {fault}" for _, fault in sorted(session.faults.items())]
    if not cells:
        notes.append("The notebook has no code cells.")
    whole = not (session.dropped or session.cut)
    return Marks(student, "graded" if whole else "graded in part", cases, tuple(notes))


def judge(case: Case, session: Session) -> CaseResult:
    """One test's result."""
    outcome, message, misconception = "passed", "", ""
    try:
        names = inspect.signature(case.function).parameters
        arguments = {name: session.find(name) for name in names}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case.function(**arguments)
    except Stopped as stopped:
        outcome, message = stopped.outcome, stopped.message
    except Exception as error:
        if any(error is known for known in session.raised):
            outcome, message = "error", error.initlab_message
        elif isinstance(error, AssertionError):
            outcome, message = "wrong", _words(error, case)
            misconception = getattr(error, "name", "") if type(error) is Misconceived else ""
        else:  # the test itself could not go on with what it got
            outcome = "wrong"
            message = case.failure_message or (
                f"{_WRONG} Its form is not what is asked for: the last value that came back was "
                f"of type {session.kind or 'unknown'}."
            )
    return CaseResult(
        case.question, case.name, case.points, case.hidden, outcome, message, misconception
    )


def _words(error: AssertionError, case: Case) -> str:
    """What a test says of a wrong answer.

    Texts of several lines are not ours: numpy's own asserts show right values in them.
    """
    text = str(error).strip()
    return text if text and "\n" not in text else case.failure_message or _WRONG
