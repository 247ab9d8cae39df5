"""What ``initlab-grade`` says about itself: every option, with an example and what comes out."""

import os
from argparse import ArgumentParser, ArgumentTypeError, RawDescriptionHelpFormatter
from pathlib import Path

ASSIGNMENTS = Path("_build") / "assignments"

WHOLE = """\
Grade the assignments of the book: build them, run what a class handed in, report.

The path of an assignment, from the folder of the book:

  initlab-grade build                          make the notebooks for students, and the keys
  (hand out _build/assignments/*/student, collect the notebooks)
  initlab-grade run submissions.zip -o marks   grade them
  open marks/report.html                       what the class knows, question by question
  open marks/feedback/                         a page for each student, to send back
"""

BUILD = """\
Make from each master (assignments/SLUG/master.py) what students get and what the grader needs.

  initlab-grade build                      all assignments
  initlab-grade build break-the-symmetry   one of them

What comes out, below _build/assignments/SLUG:

  student/   the notebook without solutions and hidden tests, its files, and a zip of all
  key/       solutions and tests; keep it to yourself

Every master is checked: its solutions must earn all of its points.
"""

RUN = """\
Grade the notebooks of a class. Students' code runs shut in, away from your files and the network.

  initlab-grade run submissions.zip -o marks
  initlab-grade run submissions/ -o marks -a break-the-symmetry --roster class.csv
  initlab-grade run submissions/ -o marks --pattern '(?P<student>[^/]+)/[^/]+$'

What comes out:

  marks/grades.csv     a row for each student: student, status, total, possible, q1, q2 ..., file
  marks/report.html    the class: totals, statistics of the questions, misconceptions
  marks/feedback/      a page for each student, without hidden code
  marks/log.csv        every file that was left out and every cell that was dropped, and why
  marks/results/       the marks as data, from which `initlab-grade report` writes the rest

The status of a student is graded, graded in part (cells were dropped: the page says which), not
readable, no submission (a student on the roster), or not graded (the grader failed: run again).
CSV files are UTF-8 with a byte order mark, as Excel wants them; a text that a spreadsheet would
take for a formula begins with an apostrophe.

A run may be interrupted at any moment. The same command goes on where it ended, and grades again
only what changed. The same notebooks always get the same marks.

Whose notebook is it? Names from Moodle, Canvas, Blackboard and Gradescope are known; where names
can repeat, the platform's number is a part of the student. Otherwise id.ipynb is the work of id;
where notebooks of one name lie in several folders, or bear the assignment's name, the folder is
the student: id/break-the-symmetry.ipynb. --pattern says it in another way. Of several notebooks
of one student the one that sorts last is graded (attempt 10 after attempt 2).

A roster is a CSV with a column `student`. If file names do not contain it, a column `file` says
what they contain instead:

  student,file
  a.lovelace,lovelaceada
  c.babbage,12345
"""

REPORT = """\
Write the reports of a folder of results again, without the submissions and without grading.

  initlab-grade report marks

What comes out: grades.csv, report.html, feedback/ and log.csv, the same as those of the run.
"""


def parser() -> ArgumentParser:
    """The command line of ``initlab-grade``."""
    whole = _parser(ArgumentParser, prog="initlab-grade", description=WHOLE)
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")

    build = _parser(
        commands.add_parser, "build", help="make assignments from masters", description=BUILD
    )
    build.add_argument("slugs", nargs="*", metavar="SLUG", help="which; without any, all")
    build.add_argument(
        "--masters", type=Path, default=Path("assignments"), metavar="DIR",
        help="where the masters are (default: %(default)s)",
    )  # fmt: skip
    _assignments(build, "where to write")

    run = _parser(commands.add_parser, "run", help="grade submissions", description=RUN)
    run.add_argument(
        "submissions", type=Path, metavar="SUBMISSIONS",
        help="a folder of notebooks, or a zip of them, as a learning platform exports it",
    )  # fmt: skip
    run.add_argument(
        "-o", "--out", type=Path, required=True, metavar="OUT",
        help="the folder for the results: a new one, or that of an earlier run",
    )  # fmt: skip
    run.add_argument(
        "-a", "--assignment", metavar="ASSIGNMENT",
        help="which one, such as break-the-symmetry (default: what most notebooks say they are)",
    )  # fmt: skip
    run.add_argument("--roster", type=Path, metavar="CSV", help="the students of the class")
    run.add_argument(
        "--pattern", metavar="REGEX",
        help="whose file a path is: a regular expression with a group (?P<student>...), searched "
        "for in the path below SUBMISSIONS",
    )  # fmt: skip
    run.add_argument(
        "--jobs", type=_jobs, default=os.cpu_count() or 1, metavar="N",
        help="submissions graded at a time (default: one for each core, %(default)s)",
    )  # fmt: skip
    run.add_argument(
        "--no-sandbox", action="store_true",
        help="run students' code with your rights where this machine has no way to shut it in: "
        "only for work that you trust",
    )  # fmt: skip
    _assignments(run, "where the built assignments are")

    report = _parser(
        commands.add_parser, "report", help="write the reports again", description=REPORT
    )
    report.add_argument("out", type=Path, metavar="OUT", help="the folder of results of a run")
    return whole


def _parser(make, *names, **words) -> ArgumentParser:
    return make(*names, formatter_class=RawDescriptionHelpFormatter, allow_abbrev=False, **words)


def _assignments(parser: ArgumentParser, what: str) -> None:
    parser.add_argument(
        "--assignments", type=Path, default=ASSIGNMENTS, metavar="DIR",
        help=f"{what} (default: %(default)s)",
    )  # fmt: skip


def _jobs(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1024:
        raise ArgumentTypeError(f"must be a whole number from 1 to 1024, got {text!r}")
    return int(text)
