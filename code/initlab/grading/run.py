"""Grading a class: several submissions at a time, each result stored as soon as it is known."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from initlab.grading.intake import LogLine, Submission
from initlab.grading.marks import Marks
from initlab.grading.results import Results, digest
from initlab.grading.sources import Unreadable

#: Notebooks of more bytes than this are graded one at a time, so that memory stays small.
LARGE = 16 * 2**20


@dataclass(frozen=True)
class Grader:
    """How one submission is graded: ``grade(assignment, notebook, student, isolation)``.

    ``version`` is a digest of whatever besides the notebook decides about the marks.
    """

    grade: Callable[[Any, bytes, str, Any], Marks]
    assignment: Any
    isolation: Any
    version: str


@dataclass(frozen=True)
class Outcome:
    """What a run did with one submission: graded it, kept it, or (``failure``) could do neither."""

    submission: Submission
    kept: bool = False
    log: LogLine | None = None
    failure: str = ""


class Stopped(KeyboardInterrupt):
    """The person stopped the run; what was graded is stored."""


def grade_class(
    submissions: Iterable[Submission],
    grader: Grader,
    results: Results,
    jobs: int,
    on_each: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Grade all submissions, ``jobs`` at a time, and store every result; keep what is unchanged.

    A failure of the grader itself costs one submission its mark, never the class. Ctrl+C ends the
    run when the submissions at work are done, with :class:`Stopped`; an ``OSError`` of the disk
    ends it too.
    """
    stop, one_at_a_time = threading.Event(), threading.Lock()

    def work(submission: Submission) -> Outcome | None:
        if stop.is_set():
            return None
        with one_at_a_time if submission.found.size > LARGE else nullcontext():
            return _grade_one(submission, grader, results)

    with ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(work, submission) for submission in submissions]
        try:
            for future in as_completed(futures):
                on_each(future.result())
        except BaseException as error:
            stop.set()
            if isinstance(error, KeyboardInterrupt):
                raise Stopped from error
            raise
    return [future.result() for future in futures]


def _grade_one(submission: Submission, grader: Grader, results: Results) -> Outcome:
    student, log = submission.student, None
    try:
        notebook, problem = submission.found.read(), ""
    except Unreadable as error:
        notebook, problem = b"", str(error)
    fingerprint = digest(notebook, problem, student, grader.version)
    try:
        if results.load(student, fingerprint):
            return Outcome(submission, kept=True)
    except ValueError as error:
        aside = results.set_aside(student)
        log = LogLine(student, submission.found.path, f"{error}: set aside as {aside}, graded anew")
    if problem:
        marks = Marks(student, "not readable", (), (problem,))
    else:
        try:
            marks = grader.grade(grader.assignment, notebook, student, grader.isolation)
        except Exception as error:  # whatever it is: the others must get their marks
            reason = f"the grader failed: {type(error).__name__}: {error}"
            results.discard(student)  # of an older notebook, perhaps
            return Outcome(submission, log=log, failure=reason)
    results.save(marks, fingerprint)
    return Outcome(submission, log=log)
