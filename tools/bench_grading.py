"""Measure the grader on a mixed class: time, computing time, memory, beside ``otter run``.

Every mark is compared with what the class predicts: fast and wrong is worth nothing.
"""

import argparse
import csv
import json
import os
import platform
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from zipfile import ZipFile

from measuring import MEGABYTE, Cost, measure
from mixed_class import Handed, mixed_class

from initlab.grading.assignment import Assignment
from initlab.grading.isolation import choose
from initlab.grading.marking import grade

ROOT = Path(__file__).resolve().parent.parent
SLUG = "break-the-symmetry"
#: Two cores, 90 seconds, 2 GB, for a class of 300. On a machine with other work to do the clock
#: says little: then it is the computing time that must fit into two cores.
CORES, SECONDS, MEMORY, STUDENTS = 2, 90, 2048 * MEGABYTE, 300
REPEATS = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Print all figures; return 1 if marks are wrong or the budget is exceeded."""
    asked = _parser().parse_args(arguments)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    assignment = Assignment.load(asked.assignments / SLUG / "key")
    bank = ROOT / "assignments" / SLUG / "bank.toml"
    handed = mixed_class(assignment, bank, asked.students)
    mix = Counter(one.kind for one in handed)
    print(f"{assignment.title}: {len(handed)} submissions, {CORES} at a time")
    print("mix: " + ", ".join(f"{count} {kind}" for kind, count in mix.most_common()))
    load, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
    print(f"machine: {cores} cores, load {load:.1f} before, Python {platform.python_version()}")
    with TemporaryDirectory() as scratch:
        cost, wrong = _whole_class(handed, asked.assignments, Path(scratch))
        kept = _report_class(cost, wrong, len(handed))
        honest = [one for one in handed if one.kind == "honest"][: asked.sample]
        if honest:
            each = cost.cpu / len(handed)
            kept &= _compare(honest, assignment, asked.assignments, Path(scratch), each)
    return 0 if kept else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--students", type=int, default=STUDENTS, help="size of the class (300)")
    parser.add_argument("--sample", type=int, default=5, help="submissions for otter run, too (5)")
    built = ROOT / "_build" / "assignments"
    parser.add_argument("--assignments", type=Path, default=built, help="where they are built")
    return parser


def _must(cost: Cost) -> Cost:
    """The cost of a command that went well."""
    if cost.code != 0:
        sys.exit(f"the command failed with exit code {cost.code}:\n{cost.output}")
    return cost


# ------------------------------------------------------------------ the class


def _whole_class(handed: list[Handed], assignments: Path, scratch: Path) -> tuple[Cost, list[str]]:
    """What grading the class costs, and all that is wrong with its marks."""
    folder, out = scratch / "handed-in", scratch / "marks"
    folder.mkdir()
    for one in handed:
        (folder / f"{one.student}.ipynb").write_bytes(one.content)
    command = [sys.executable, "-m", "initlab.grading.cli", "run", folder, "-o", out, "-a", SLUG]
    command += ["--jobs", str(CORES), "--assignments", assignments.resolve()]
    cost = _must(measure(list(map(str, command)), ROOT))
    with open(out / "grades.csv", encoding="utf-8-sig", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    return cost, [fault for one in handed for fault in _faults(one, rows.get(one.student, {}))]


def _faults(one: Handed, row: dict[str, str]) -> list[str]:
    """How a row of the grades differs from what was predicted."""
    predicted = {"status": one.status, "total": sum(one.marks.values()), **one.marks}
    return [
        f"{one.student} ({one.kind}): {name} is {row.get(name)}, predicted {value}"
        for name, value in predicted.items()
        if row.get(name) != value and not _equal(row.get(name), value)
    ]


def _equal(text: str | None, value) -> bool:
    try:
        return abs(float(text) - value) < 1e-6
    except (TypeError, ValueError):
        return False


def _report_class(cost: Cost, wrong: list[str], students: int) -> bool:
    """Print what the class cost; return whether all is as it should be."""
    for fault in wrong:
        print(f"wrong: {fault}")
    off = len({fault.split()[0] for fault in wrong})
    print(f"marks as predicted: {students - off} of {students}")
    compute = CORES * SECONDS
    print(f"wall time: {cost.wall:.1f} s (budget {SECONDS} s)")
    least = "" if cost.whole else "at least "
    print(f"computing time: {least}{cost.cpu:.1f} s (budget {compute} s: {CORES} cores' time)")
    print(f"peak memory: {cost.peak / MEGABYTE:.0f} MB (budget {MEMORY / MEGABYTE:.0f} MB; "
          "resident memory of all processes, what they share counted in each)")  # fmt: skip
    print(f"largest process: {cost.largest / MEGABYTE:.0f} MB")
    exceeded = [
        name
        for name, over in {
            "wall time": cost.wall > SECONDS,
            "computing time": cost.cpu > compute,
            "peak memory": cost.peak > MEMORY,
        }.items()
        if over
    ]
    print(f"budget: {'exceeded in ' + ', '.join(exceeded) if exceeded else 'kept'}")
    return not wrong and not exceeded


# ------------------------------------------------------------------ beside otter run


def _compare(
    honest: list[Handed], assignment: Assignment, assignments: Path, scratch: Path, each: float
) -> bool:
    """Print seconds per submission here and with ``otter run``; return whether marks agree."""
    isolation, ours, right = choose(), [], True
    for one in honest * REPEATS:
        begun = perf_counter()
        marks = grade(assignment, one.content, one.student, isolation)
        ours.append(perf_counter() - begun)
        right &= _equal(str(marks.earned()), sum(one.marks.values()))
    tests, archive = assignments / SLUG / "key" / "tests", scratch / "autograder.zip"
    with ZipFile(archive, "w") as file:  # what otter run takes from the one that otter makes
        file.writestr("otter_config.json", "{}")
        for path in tests.glob("*.py"):
            file.write(path, f"tests/{path.name}")
    theirs = []
    for one in honest:
        (scratch / f"{one.student}.ipynb").write_bytes(one.content)
        command = [sys.executable, "-m", "otter", "run", f"{one.student}.ipynb"]
        theirs.append(_must(measure([*command, "-a", str(archive), "-o", "."], scratch)))
        tests = json.loads((scratch / "results.json").read_text(encoding="utf-8"))["tests"]
        total = sum(test.get("score", 0) for test in tests)
        right &= _equal(str(total), sum(one.marks.values()))
    walls, cpu = [cost.wall for cost in theirs], median(cost.cpu for cost in theirs)
    print(f"the same {len(honest)} by both, marks {'agree' if right else 'DISAGREE'}; "
          "seconds per submission, min / median / max:")  # fmt: skip
    print(f"initlab-grade: {_spread(ours)} s ({REPEATS} times each)")
    print(f"otter run: {_spread(walls)} s")
    print(f"ratio of medians: {median(walls) / median(ours):.0f}")
    print(f"computing time per submission: {each:.2f} s (mean of the class, all included), "
          f"otter run {cpu:.2f} s (median), ratio {cpu / each:.0f}")  # fmt: skip
    return right


def _spread(seconds: list[float]) -> str:
    return f"{min(seconds):.2f} / {median(seconds):.2f} / {max(seconds):.2f}"


if __name__ == "__main__":
    sys.exit(main())
