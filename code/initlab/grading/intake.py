"""From files to students: one submission each, and a line in the log for every file left out."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from initlab.grading.names import natural
from initlab.grading.roster import Naming, Roster
from initlab.grading.sources import EMPTY, Found

NOT_A_NOTEBOOK = "not a notebook: its name does not end in .ipynb"


@dataclass(frozen=True)
class LogLine:
    """What was left out, or what an instructor should know about a file; and why."""

    student: str
    file: str
    what: str


@dataclass(frozen=True)
class Submission:
    """The file that is graded as the work of a student."""

    student: str
    found: Found


@dataclass(frozen=True)
class Intake:
    """One submission for each student, the students without one, and the log, all sorted."""

    submissions: tuple[Submission, ...]
    missing: tuple[str, ...]
    log: tuple[LogLine, ...]


def collect(files: Iterable[Found], naming: Naming, roster: Roster | None = None) -> Intake:
    """Give every file to a student.

    Of several notebooks of one student, the one whose path sorts last is graded (numbers by
    their value, so that attempt 10 comes after attempt 2); one that cannot be read counts only
    if there is no other. A file of another kind counts only where its name tells the student
    for certain and the student has no notebook.
    """
    handed_in, log = defaultdict(list), []
    for found in files:
        student, certain, remark = _owner(found.path, naming, roster)
        if found.is_notebook or certain:
            handed_in[student].append(found)
            if remark:
                log.append(LogLine(student, found.path, remark))
        else:
            log.append(LogLine("", found.path, found.problem or NOT_A_NOTEBOOK))
    submissions, absent = [], []
    for student in sorted(handed_in, key=natural):
        *others, chosen = sorted(handed_in[student], key=_rank)
        if chosen.problem == EMPTY:
            absent.append(student)
            log.append(LogLine(student, chosen.path, EMPTY))
            continue
        if not chosen.is_notebook:
            chosen = replace(chosen, problem=chosen.problem or NOT_A_NOTEBOOK)
        submissions.append(Submission(student, chosen))
        log += [LogLine(student, other.path, _left_out(other, chosen)) for other in others]
    listed = set(roster.keys if roster else ()) - set(handed_in)
    missing = sorted([*listed, *absent], key=natural)
    return Intake(tuple(submissions), tuple(missing), tuple(sorted(log, key=_order)))


def _owner(path: str, naming: Naming, roster: Roster | None) -> tuple[str, bool, str]:
    """The student, whether that is certain, and what the log should say about it."""
    by_form = naming.by_form(path)
    name = by_form or naming.plain(path)
    if roster is None:
        return name, bool(by_form), ""
    students = roster.find(name) or roster.find(path)
    if len(students) == 1:
        return students[0], True, ""
    fits = f"fits several on the roster ({', '.join(students)})" if students else (
        "fits nobody on the roster")  # fmt: skip
    return name, False, f"{fits}: graded as {name}"


def _rank(found: Found) -> tuple:
    # Without its ending, so that the first attempt, which has no number, comes first.
    return found.is_notebook, not found.problem, natural(found.path.rpartition(".")[0])


def _left_out(other: Found, chosen: Found) -> str:
    if other.problem or not other.is_notebook:
        return other.problem or NOT_A_NOTEBOOK
    return f"not graded: {chosen.path} is this student's last"


def _order(line: LogLine) -> tuple:
    return natural(line.file), natural(line.student), line.what
