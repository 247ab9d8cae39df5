"""The benchmark of grading: its class, its measures, and that it runs."""

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest
from helpers import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import bench_grading
import mixed_class
from measuring import MEGABYTE, Cost

from initlab.grading.assignment import Assignment

MASTER = ROOT / "assignments" / bench_grading.SLUG / "master.py"
BANK = MASTER.with_name("bank.toml")
NUMBER = r"(\d+(?:\.\d+)?)"
SPREAD = rf"{NUMBER} / {NUMBER} / {NUMBER} s"


@pytest.fixture(scope="module")
def assignment(assignments):
    return Assignment.load(assignments / bench_grading.SLUG / "key")


# ------------------------------------------------------------------ the class


def test_the_class_is_mixed_as_promised_and_always_the_same(assignment):
    handed = mixed_class.mixed_class(assignment, BANK, 300)
    assert Counter(one.kind for one in handed) == {
        **{"honest": 180, "several wrong": 75, "hanging": 9, "ending": 6},
        **{"unfinished": 15, "broken file": 15},
    }
    assert len({one.student for one in handed}) == 300
    assert handed == mixed_class.mixed_class(assignment, BANK, 300)
    assert handed != mixed_class.mixed_class(assignment, BANK, 300, seed=1)
    # An answer that calls another question's function would make predictions wrong.
    assert b"= forward(h, W, b)" in BANK.read_bytes()
    assert not any(b"= forward(h, W, b)" in one.content for one in handed)
    totals = {kind: [] for kind in mixed_class.SHARES}
    for one in handed:
        totals[one.kind].append(sum(one.marks.values()))
    assert totals["honest"].count(100) == 90
    assert max(totals["several wrong"]) < 100
    assert max(totals["unfinished"]) < 100
    assert set(totals["broken file"]) == {0}
    # Some hang or end where the function must be given up, some where only its cell is cut down.
    assert min(totals["hanging"]) < 100 == max(totals["hanging"])
    assert min(totals["ending"]) < 100 == max(totals["ending"])


def test_a_class_too_small_is_refused(assignment):
    with pytest.raises(ValueError, match="6 students or more, got 5"):
        mixed_class.mixed_class(assignment, BANK, 5)


# ------------------------------------------------------------------ measures

BURN = "import time\nwhile time.process_time() < {}: pass\n"


#: In a process of its own, because measuring waits for every child that there is.
MEASURE = """
import json, sys
from dataclasses import asdict
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from measuring import measure
print(json.dumps(asdict(measure([sys.executable, "-c", sys.argv[2]], Path.cwd()))))
"""


def spent(code):
    command = [sys.executable, "-c", MEASURE, str(ROOT / "tools"), code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Cost(**json.loads(done.stdout))


def test_what_children_compute_is_counted():
    inner = BURN.format(0.5)
    cost = spent(f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {inner!r}])")
    assert cost.code == 0
    assert 0.5 <= cost.cpu < 1.5
    assert cost.wall >= 0.5


def test_what_orphans_compute_is_counted():
    code = "import os\nif os.fork(): os._exit(3)\n" + BURN.format(0.5)
    cost = spent(code)
    assert cost.code == 3
    assert 0.5 <= cost.cpu < 1.5


def test_what_ends_with_its_sandbox_is_counted():
    inner = BURN.format(0.5) + "print(flush=True)\ntime.sleep(60)\n"
    cost = spent(
        "import os, subprocess\n"
        "from initlab.grading.isolation import choose\n"
        "for _ in range(6):\n"
        f"    process = choose().start(['-c', {inner!r}], stdout=subprocess.PIPE)\n"
        "    process.stdout.readline()\n"
        "    os.killpg(process.pid, 9)\n"
        "    process.wait()\n"
    )
    if not cost.whole:
        pytest.skip("this system has no counter of computing time for everybody")
    assert cost.code == 0, cost.output
    assert 3 <= cost.cpu < 9


def test_waiting_is_not_computing():
    cost = spent("import time\ntime.sleep(0.8)\nprint('slept')")
    assert cost.output == "slept\n"
    assert cost.cpu < 0.5 <= cost.wall


def test_memory_is_that_of_all_processes_together():
    code = "import os, time\nos.fork()\nblock = bytearray(b'x' * 100_000_000)\ntime.sleep(1.5)\n"
    cost = spent(code)
    assert 100 < cost.largest / 1e6 < 290
    assert 200 < cost.peak / 1e6 < 500


# ------------------------------------------------------------------ the benchmark


def test_wrong_marks_are_found(assignment):
    one = next(one for one in mixed_class.mixed_class(assignment, BANK, 12) if one.kind == "honest")
    row = {"status": one.status, "total": str(sum(one.marks.values()))}
    row |= {name: f"{points:g}" for name, points in one.marks.items()}
    assert bench_grading._faults(one, row) == []
    assert bench_grading._faults(one, {**row, "q3": "1"}) == [
        f"{one.student} (honest): q3 is 1, predicted {one.marks['q3']}"
    ]
    assert bench_grading._faults(replace(one, status="graded in part"), row) == [
        f"{one.student} (honest): status is graded, predicted graded in part"
    ]
    assert len(bench_grading._faults(one, {})) == 2 + len(one.marks)


def test_the_benchmark_runs_and_its_figures_can_be_read(assignments):
    command = [sys.executable, str(ROOT / "tools" / "bench_grading.py"), "--students", "12"]
    command += ["--sample", "1", "--assignments", str(assignments)]
    done = subprocess.run(command, capture_output=True, text=True)
    printed = done.stdout

    def figures(pattern):
        found = re.search(f"^{pattern}", printed, re.MULTILINE)
        assert found, f"no {pattern!r} in:\n{printed}{done.stderr}"
        return [float(figure) for figure in found.groups()]

    assert "wrong:" not in printed
    assert figures(rf"marks as predicted: {NUMBER} of {NUMBER}$") == [12, 12]
    (wall,) = figures(rf"wall time: {NUMBER} s \(budget 90 s\)$")
    (cpu,) = figures(rf"computing time: (?:at least )?{NUMBER} s \(budget 180 s")
    (peak,) = figures(rf"peak memory: {NUMBER} MB \(budget 2048 MB;")
    (largest,) = figures(rf"largest process: {NUMBER} MB$")
    # 12 of 300 in the budget of all: slow machines keep it, and a grader gone astray does not.
    assert 0 < cpu < bench_grading.CORES * bench_grading.SECONDS
    assert 0 < largest <= peak + 200 < bench_grading.MEMORY / MEGABYTE
    assert done.returncode == (wall > bench_grading.SECONDS)
    ours, otter = figures(rf"initlab-grade: {SPREAD}"), figures(rf"otter run: {SPREAD}$")
    assert ours == sorted(ours)
    assert otter == sorted(otter)
    (ratio,) = figures(rf"ratio of medians: {NUMBER}$")
    assert ratio == pytest.approx(otter[1] / ours[1], rel=0.1, abs=1)
    assert "marks agree" in printed
