"""Results are whole or not there at all: through crashes, kills, full disks and two at once."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import pytest
from grading_class import ASSIGNMENT, grade, notebook, tree

from initlab.grading import results as module
from initlab.grading.gradebook import Entry, Gradebook, Item
from initlab.grading.intake import Submission
from initlab.grading.marks import CaseResult, Marks
from initlab.grading.results import (
    Results,
    digest,
    digest_of_folder,
    grader_version,
    locked,
    write_atomically,
)
from initlab.grading.run import Grader, Stopped, grade_class
from initlab.grading.sources import Found, Unreadable
from initlab.grading.usage import UsageError

MARKS = Marks("ada", "graded", (CaseResult("q1", "q1_a", 2.5, True, "passed"),), ("note",))


def submissions(**contents):
    return [Submission(name, Found(f"{name}.ipynb", fetch=lambda content=content: content))
            for name, content in contents.items()]  # fmt: skip


class Counting:
    """A grade function that remembers whom it graded."""

    def __init__(self, function=grade):
        self.function, self.graded = function, []

    def __call__(self, assignment, content, student, isolation):
        self.graded.append(student)
        return self.function(assignment, content, student, isolation)


def run(folder, function=grade, version="1", jobs=1, **contents):
    grader = Grader(function, ASSIGNMENT, None, version)
    return grade_class(submissions(**contents), grader, Results(folder), jobs)


# ------------------------------------------------------------------ files


def test_what_is_stored_comes_back(tmp_path):
    results = Results(tmp_path / "new" / "results")
    results.save(MARKS, "print")
    assert results.load("ada", "print") == results.load("ada") == MARKS
    assert results.load("ada", "other") is None
    assert results.load("ben") is None


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch, step):
    path = tmp_path / "file"
    write_atomically(path, "old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, step, full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, "new")
    assert tree(tmp_path) == {"file": b"old"}


def test_what_a_killed_run_left_is_removed(tmp_path):
    (tmp_path / ".ada.json.tmp").write_text('{"half')
    results = Results(tmp_path)
    assert tree(tmp_path) == {}
    assert results.load("ada") is None


GOOD = {"fingerprint": "print", "marks": MARKS.to_json()}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "[" * 100_000,
        '{"fingerprint": "print"}',
        json.dumps(GOOD | {"fingerprint": 5}),
        json.dumps(GOOD | {"marks": GOOD["marks"] | {"student": "ben"}}),
        json.dumps(GOOD | {"marks": GOOD["marks"] | {"status": None}}),
        json.dumps(GOOD | {"marks": GOOD["marks"] | {"notes": [1]}}),
        json.dumps(GOOD | {"marks": GOOD["marks"] | {"cases": [{"points": 1}]}}),
        *(
            json.dumps(GOOD | {"marks": GOOD["marks"] | {
                "cases": [GOOD["marks"]["cases"][0] | {name: value}]}})
            for name, value in [("points", "9"), ("points", True), ("hidden", 1),
                                ("outcome", "won"), ("message", None)]
        ),
    ],
)  # fmt: skip
def test_a_damaged_or_foreign_file_is_set_aside_and_graded_anew(tmp_path, text):
    results = Results(tmp_path)
    results.save(MARKS, "print")
    results.path("ada").write_text(text)
    with pytest.raises(ValueError, match=r"^ada\.json holds no marks of ada$"):
        results.load("ada")
    (outcome,) = run(tmp_path, ada=notebook())
    assert outcome.log.what.endswith("set aside as ada.json.damaged-1, graded anew")
    assert (tmp_path / "ada.json.damaged-1").read_text() == text
    assert results.load("ada").status == "graded"


def test_a_sound_file_is_not_set_aside():
    # Control for the above: the one it starts from is sound.
    assert Marks.from_json(GOOD["marks"]) == MARKS


def test_a_digest_feels_every_part(tmp_path):
    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("ab", "c", "")}) == 4
    (tmp_path / "a").write_text("1")
    before = digest_of_folder(tmp_path)
    assert before == digest_of_folder(tmp_path)
    (tmp_path / "a").rename(tmp_path / "b")
    renamed = digest_of_folder(tmp_path)
    (tmp_path / "b").write_text("2")
    assert len({before, renamed, digest_of_folder(tmp_path)}) == 3
    assert grader_version() == grader_version()


# ------------------------------------------------------------------ one run after another


def test_only_what_changed_is_graded_again(tmp_path):
    contents = {"ada": notebook(4), "ben": notebook(2)}
    first = Counting()
    run(tmp_path, first, **contents)
    assert sorted(first.graded) == ["ada", "ben"]
    stored = tree(tmp_path)
    again = Counting()
    outcomes = run(tmp_path, again, **contents)
    assert again.graded == [] and all(outcome.kept for outcome in outcomes)
    assert tree(tmp_path) == stored
    changed = Counting()
    run(tmp_path, changed, **contents | {"ben": notebook(3)})
    assert changed.graded == ["ben"]
    assert Results(tmp_path).load("ben").earned() == 6.5
    newer = Counting()
    run(tmp_path, newer, version="2", **contents)
    assert sorted(newer.graded) == ["ada", "ben"]


def test_a_failure_of_the_grader_costs_one_mark(tmp_path):
    run(tmp_path, ada=notebook(4), ben=notebook(4))
    outcomes = run(tmp_path, ada=notebook(crash="no memory"), ben=notebook(1), carl=notebook(0))
    assert [o.failure for o in outcomes] == [
        "the grader failed: RuntimeError: no memory", "", "",
    ]  # fmt: skip
    results = Results(tmp_path)
    assert results.load("ada") is None  # and not the mark of an older notebook
    assert results.load("ben").earned() == 1
    assert results.load("carl").earned() == 0


def test_what_cannot_be_read_has_a_mark_too(tmp_path):
    def refuse():
        raise Unreadable("encrypted")

    grader = Grader(grade, ASSIGNMENT, None, "1")
    grade_class([Submission("ada", Found("a", fetch=refuse))], grader, Results(tmp_path), 1)
    assert Results(tmp_path).load("ada") == Marks("ada", "not readable", (), ("encrypted",))


def test_a_full_disk_ends_the_run_and_keeps_what_is_graded(tmp_path, monkeypatch):
    save = Results.save

    def full_for_ben(self, marks, fingerprint):
        if marks.student == "ben":
            raise OSError(28, "No space left on device")
        save(self, marks, fingerprint)

    monkeypatch.setattr(Results, "save", full_for_ben)
    with pytest.raises(OSError, match="No space left"):
        run(tmp_path, ada=notebook(), ben=notebook(), carl=notebook())
    assert Results(tmp_path).load("ada")


def test_ctrl_c_keeps_what_is_graded(tmp_path):
    seen = []

    def interrupt(outcome):
        seen.append(outcome)
        raise KeyboardInterrupt

    def slow(*arguments):
        time.sleep(0.02)
        return grade(*arguments)

    grader = Grader(slow, ASSIGNMENT, None, "1")
    many = submissions(**{f"s{number:02}": notebook() for number in range(20)})
    with pytest.raises(Stopped):
        grade_class(many, grader, Results(tmp_path), 2, interrupt)
    stored = len(tree(tmp_path))
    assert len(seen) == 1 and 1 <= stored < 10
    again = Counting()
    grade_class(many, Grader(again, ASSIGNMENT, None, "1"), Results(tmp_path), 2)
    assert len(again.graded) == 20 - stored


# ------------------------------------------------------------------ two at once

HOLD = "import sys, time; from pathlib import Path; from initlab.grading.results import locked\n"
HOLD += "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"


def test_two_runs_at_once_are_refused_and_a_dead_one_holds_nobody(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        try:
            assert holder.stdout.readline() == "held\n"
            message = rf"another initlab-grade \(process {holder.pid}\) works in"
            with pytest.raises(UsageError, match=message), locked(tmp_path):
                pass
        finally:
            holder.kill()
    assert (tmp_path / ".lock").read_text() == str(holder.pid)  # it could not tidy up
    with locked(tmp_path):
        assert (tmp_path / ".lock").read_text() == str(os.getpid())
    assert (tmp_path / ".lock").read_text() == ""


def test_a_folder_that_cannot_be_written(tmp_path):
    with pytest.raises(UsageError, match="nothing can be written in"), locked(tmp_path / "none"):
        pass


# ------------------------------------------------------------------ killed at any moment


def _class_of_forty(folder):
    def slow(*arguments):
        time.sleep(0.004)
        return grade(*arguments)

    contents = {f"s{n:02}": notebook(n % 5, message="x" * 5000) for n in range(40)}
    run(folder, slow, jobs=2, **contents)


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_random_moments_a_run_loses_nothing(tmp_path, seed):
    import random

    dice, context = random.Random(seed), multiprocessing.get_context("fork")
    _class_of_forty(tmp_path / "whole")
    kills, stored = 0, 0
    while True:
        process = context.Process(target=_class_of_forty, args=(tmp_path / "killed",))
        process.start()
        process.join(dice.uniform(0.005, 0.06))
        if process.exitcode == 0:
            break
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        kills += 1
        names = [name for name in tree(tmp_path / "killed") if not name.startswith(".")]
        assert len(names) >= stored  # nothing that was there is gone
        stored = len(names)
        results = [Marks.from_json(json.loads((tmp_path / "killed" / name).read_text())["marks"])
                   for name in names]  # fmt: skip
        assert all(len(marks.cases) == 4 for marks in results)  # and nothing is half there
        assert kills < 200
    assert kills >= 3  # else the test tested nothing
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")


# ------------------------------------------------------------------ the gradebook


def test_a_gradebook_comes_back_without_its_marks(tmp_path):
    entries = (Entry("ada", "a.ipynb", MARKS), Entry("ben", "b.ipynb"), Entry("carl"))
    book = Gradebook("slug", "Title", (Item("q1", "One", 2.5),), entries, (), True)
    book.save(tmp_path)
    results = Results(tmp_path / "results")
    loaded = Gradebook.load(tmp_path)
    assert [e.status for e in loaded.entries] == ["not graded", "not graded", "no submission"]
    results.save(MARKS, "print")
    assert loaded.marked(results) == book
    results.path("ada").write_text("{")
    damaged = loaded.marked(results)
    assert damaged.entries[0].status == "not graded"
    assert damaged.log[0].what == "ada.json holds no marks of ada: run again"


@pytest.mark.parametrize(("text", "complaint"), [(None, "no class.json"), ("{}", "is damaged")])
def test_a_folder_without_a_class(tmp_path, text, complaint):
    if text:
        (tmp_path / "class.json").write_text(text)
    with pytest.raises(UsageError, match=complaint):
        Gradebook.load(tmp_path)
    assert Gradebook.load_or_none(tmp_path) is None
