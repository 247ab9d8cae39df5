"""``initlab-grade``: build assignments, grade what a class handed in, write the reports."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from initlab.grading.collection import assignment_of, key_of, slugs
from initlab.grading.gradebook import FILE, Entry, Gradebook, Item
from initlab.grading.intake import Intake, LogLine, collect
from initlab.grading.manual import parser
from initlab.grading.report import CLASS, FEEDBACK, GRADES, LOG, status_counts, write_reports
from initlab.grading.results import (
    LOCK,
    Results,
    digest,
    digest_of_folder,
    grader_version,
    locked,
)
from initlab.grading.roster import Naming, Roster
from initlab.grading.run import Grader, Outcome, Stopped, grade_class
from initlab.grading.sources import files_in
from initlab.grading.usage import UsageError

RESULTS = "results"
#: What a folder of results may hold; a folder with anything else is somebody's own.
OURS = {FILE, LOCK, RESULTS, FEEDBACK, GRADES, LOG, CLASS}

GradeFunction = Callable[..., object]


def main(arguments: Sequence[str] | None = None, grade: GradeFunction | None = None) -> int:
    """Run the command; return 0, or 2 for what cannot be done as asked, 1 for what failed."""
    asked = parser().parse_args(arguments)
    try:
        return COMMANDS[asked.command](asked, grade)
    except UsageError as error:
        return _complain(str(error), 2)
    except Stopped:
        return _complain("stopped. What is graded is kept: the same command goes on from here", 130)
    except KeyboardInterrupt:
        return _complain("stopped", 130)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        reason = f"{place}{error.strerror or error}"
        return _complain(f"{reason}. What is graded is kept: the same command goes on from here", 1)


def command() -> None:
    """The console command; a second Ctrl+C ends it at once."""
    try:
        code = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        os._exit(130)
    except BrokenPipeError:
        os._exit(1)
    sys.exit(code)


def _build(asked, grade) -> int:
    from initlab.grading.current import build_anew

    masters = {path.parent.name: path for path in sorted(asked.masters.glob("*/master.py"))}
    there = f"there are: {', '.join(masters)}" if masters else "there is no */master.py"
    if unknown := [slug for slug in asked.slugs if slug not in masters] or not masters:
        names = f"assignment {unknown[0]!r}" if masters else "assignment"
        raise UsageError(f"no {names} in {asked.masters}; {there}")
    for slug in asked.slugs or masters:
        print(f"{slug}: building", file=sys.stderr)
        try:
            print(build_anew(masters[slug], asked.assignments))
        except (ValueError, FileNotFoundError) as error:
            return _complain(str(error), 1)
    return 0


def _run(asked, grade) -> int:
    roster = Roster.read(asked.roster) if asked.roster else None
    _check_out(asked.out)
    with files_in(asked.submissions, asked.out) as files:
        known = slugs(asked.assignments)
        naming = Naming(asked.pattern, (f.path for f in files if f.is_notebook), known)
        intake = collect(files, naming, roster)
        chosen = [submission.found for submission in intake.submissions]
        slug = asked.assignment or assignment_of(chosen, asked.assignments)
        grader = _grader(key_of(slug, asked.assignments), asked, grade)
        asked.out.mkdir(parents=True, exist_ok=True)
        with locked(asked.out):
            book = _begin(asked.out, intake, grader.assignment)
            outcomes = _grade(asked, intake, grader)
            return _finish(asked.out, book, outcomes)


def _check_out(out: Path) -> None:
    """Refuse to write among files that are somebody's own."""
    try:
        strange = sorted({path.name for path in out.iterdir()} - OURS) if out.exists() else []
    except OSError as error:
        raise UsageError(f"{out} must be a folder for the results: {error.strerror}") from error
    strange = [name for name in strange if not name.endswith(".tmp")]
    if strange:
        raise UsageError(
            f"{out} must be a new folder or one with results, but it holds {strange[0]!r}"
        )


def _grader(key: Path, asked, grade: GradeFunction | None) -> Grader:
    from initlab.grading.assignment import Assignment

    assignment, isolation = Assignment.load(key), None
    if grade is None:
        from initlab.grading import isolation as isolations
        from initlab.grading.marking import grade

        try:
            isolation = isolations.choose(asked.no_sandbox)
        except isolations.NoIsolation as error:
            raise UsageError(str(error)) from error
    version = digest(digest_of_folder(key), grader_version())
    return Grader(grade, assignment, isolation, version)


def _begin(out: Path, intake: Intake, assignment) -> Gradebook:
    """The gradebook of this run, stored before anything is graded."""
    before = Gradebook.load_or_none(out)
    if before and before.slug != assignment.slug:
        raise UsageError(
            f"{out} holds the results of {before.slug}; name another folder for {assignment.slug}"
        )
    items = tuple(Item(q.name, q.title, q.points) for q in assignment.questions)
    handed_in = [Entry(s.student, s.found.path) for s in intake.submissions]
    entries = sorted([*handed_in, *map(Entry, intake.missing)], key=Entry.order)
    book = Gradebook(assignment.slug, assignment.title, items, tuple(entries), intake.log)
    book.save(out)
    return book


def _grade(asked, intake: Intake, grader: Grader) -> list[Outcome]:
    results = Results(asked.out / RESULTS)
    slow = 0.1 if sys.stderr.isatty() else 10  # a log file needs no more
    total = len(intake.submissions)
    with tqdm(total=total, desc="grading", unit=" notebook", mininterval=slow) as bar:
        return grade_class(intake.submissions, grader, results, asked.jobs, lambda _: bar.update())


def _finish(out: Path, book: Gradebook, outcomes: list[Outcome]) -> int:
    failures = [
        LogLine(o.submission.student, o.submission.found.path, o.failure)
        for o in outcomes
        if o.failure
    ]
    events = [outcome.log for outcome in outcomes if outcome.log]
    book = replace(book, log=(*book.log, *events, *failures), complete=True)
    book.save(out)
    _write(book, out)
    kept = sum(outcome.kept for outcome in outcomes)
    if kept:
        print(f"{kept} unchanged since an earlier run, not graded again")
    for line in failures:
        print(f"initlab-grade: {line.file}: {line.what}", file=sys.stderr)
    return 1 if failures else 0


def _report(asked, grade) -> int:
    book = Gradebook.load(asked.out)
    with locked(asked.out):
        _write(book, asked.out)
    if not book.complete:
        print("initlab-grade: the run did not come to its end; the same command goes on from there",
              file=sys.stderr)  # fmt: skip
    return 0


def _write(book: Gradebook, out: Path) -> None:
    book = book.marked(Results(out / RESULTS))
    write_reports(book, out)
    counts = ", ".join(f"{count} {status}" for status, count in status_counts(book).items())
    print(f"{book.title or book.slug}: {counts or 'nobody handed anything in'}")
    left = len(book.whole_log())
    print(f"{out / GRADES}\n{out / CLASS}\n{out / FEEDBACK}{os.sep}\n{out / LOG} ({left} lines)")


def _complain(message: str, code: int) -> int:
    print(f"initlab-grade: {message}", file=sys.stderr)
    return code


COMMANDS = {"build": _build, "run": _run, "report": _report}

if __name__ == "__main__":
    command()
