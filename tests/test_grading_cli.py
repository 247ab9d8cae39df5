"""The instructor's command: what it says, what it refuses, and a whole class through it."""

import json
import multiprocessing
import os
import shutil
import signal
import sys
import time
import zipfile

import pytest
from grading_class import build, grade, notebook, tree
from test_grading_reports import rows_of

from initlab.grading import cli, isolation
from initlab.grading.cli import main


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with one built assignment and three submissions, as the current one."""
    monkeypatch.chdir(tmp_path)
    build(tmp_path / "_build" / "assignments")
    (tmp_path / "in").mkdir()
    for passed, name in enumerate(["ada", "ben", "carl"], 2):
        (tmp_path / "in" / f"{name}.ipynb").write_bytes(notebook(passed))
    return tmp_path


def run(*words, function=grade):
    return main(["run", *words], function)


def statuses(out):
    return {row[0]: row[1] for row in rows_of((out / "grades.csv").read_bytes())[1:]}


def refused(capsys, code=2):
    """What was said on standard error; nothing like a traceback."""
    said = capsys.readouterr().err
    assert said.startswith("initlab-grade: ") and "Traceback" not in said
    return said


# ------------------------------------------------------------------ help


@pytest.mark.parametrize("command", [[], ["build"], ["run"], ["report"]])
def test_help_teaches(command, capsys):
    with pytest.raises(SystemExit) as end:
        main([*command, "--help"])
    assert end.value.code == 0
    said = capsys.readouterr().out
    assert f"initlab-grade {command[0] if command else 'run'} " in said.partition("\n\n")[2]
    if command:
        assert "What comes out" in said
    assert max(map(len, said.splitlines())) <= 100


@pytest.mark.parametrize(
    "words",
    [[], ["grade"], ["run"], ["run", "in"], ["report"], ["run", "in", "-o", "x", "--jobs", "0"],
     ["run", "in", "-o", "x", "--jobs", "two"], ["run", "in", "-o", "x", "--jobs", "²"],
     ["run", "in", "-o", "x", "--sandbox"]],
)  # fmt: skip
def test_bad_usage(words, place, capsys):
    with pytest.raises(SystemExit) as end:
        main(words)
    assert end.value.code == 2
    assert "usage: initlab-grade" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere", "-o", "out"], "nowhere cannot be read (No such file or directory); it must"),
        (["class.csv", "-o", "out"], "class.csv cannot be read"),
        (["in", "-o", "out", "-a", "x"], "there is no assignment 'x' in _build/assignments. There "
         "are: small-steps"),
        (["in", "-o", "out", "--assignments", "in"], "None was built there: run initlab-grade"),
        (["in", "-o", "out", "--pattern", "x"], "must have a group named student"),
        (["in", "-o", "out", "--roster", "no.csv"], "the roster no.csv cannot be read: No such"),
        (["in", "-o", "."], "must be a new folder or one with results, but it holds '_build'"),
        (["in", "-o", "class.csv"], "must be a folder for the results"),
        (["in", "-o", "class.csv/out"], "Not a directory"),
    ],
)  # fmt: skip
def test_refusals(words, said, place, capsys):
    (place / "class.csv").write_text("student\nada\n")
    assert run(*words) in (1, 2)
    assert said in refused(capsys)
    assert not (place / "out").exists()


# ------------------------------------------------------------------ a whole class


def test_a_class_from_folder_to_reports(place, capsys):
    (place / "in" / "notes.txt").touch()
    (place / "in" / "bad.ipynb").write_text('{"cells": [')
    (place / "class.csv").write_text("student\nada\nben\ncarl\nbad\nzoe\n")
    assert run("in", "-o", "out", "--roster", "class.csv") == 0
    said = capsys.readouterr()
    assert "Small steps: 3 graded, 1 not readable, 1 no submission" in said.out
    assert "grading: 100%" in said.err and "notebook/s" in said.err
    assert sorted(path.name for path in (place / "out").iterdir()) == [
        ".lock", "class.json", "feedback", "grades.csv", "log.csv", "report.html", "results",
    ]  # fmt: skip
    assert statuses(place / "out") == {
        "ada": "graded", "bad": "not readable", "ben": "graded", "carl": "graded",
        "zoe": "no submission",
    }  # fmt: skip
    assert "did not come to its end" not in (place / "out" / "report.html").read_text()
    files = [row[1] for row in rows_of((place / "out" / "log.csv").read_bytes())]
    assert files == ["file", "notes.txt", "bad.ipynb"]


def test_a_zip_gives_the_same_marks_as_the_folder(place):
    with zipfile.ZipFile("in.zip", "w") as archive:
        for path in sorted((place / "in").iterdir()):
            archive.write(path, path.name)
    assert run("in", "-o", "one") == run("in.zip", "-o", "two", "--jobs", "3") == 0
    assert tree(place / "one") == tree(place / "two")
    assert str(place) not in "".join(map(str, tree(place / "one").values()))


def test_a_second_run_grades_only_what_changed(place, capsys):
    assert run("in", "-o", "out") == 0
    before = tree(place / "out")
    capsys.readouterr()
    assert run("in", "-o", "out", function=None or grade) == 0
    assert "3 unchanged since an earlier run" in capsys.readouterr().out
    assert tree(place / "out") == before
    (place / "in" / "ben.ipynb").write_bytes(notebook(0))
    (place / "in" / "carl.ipynb").unlink()
    assert run("in", "-o", "out") == 0
    assert "1 unchanged" in capsys.readouterr().out
    assert list(statuses(place / "out")) == ["ada", "ben"]
    assert not (place / "out" / "feedback" / "carl.html").exists()


def test_a_changed_key_grades_all_again(place, capsys):
    assert run("in", "-o", "out") == 0
    key = place / "_build" / "assignments" / "small-steps" / "key" / "tests" / "q1.py"
    key.write_text(key.read_text() + "# stricter\n")
    capsys.readouterr()
    assert run("in", "-o", "out") == 0
    assert "unchanged" not in capsys.readouterr().out


def test_the_assignment_is_what_most_notebooks_say(place, capsys):
    build(place / "_build" / "assignments", "other-steps")
    (place / "in" / "dora.ipynb").write_bytes(notebook(slug="other-steps"))
    (place / "in" / "emil.ipynb").write_bytes(notebook(slug="../../etc"))
    assert run("in", "-o", "out") == 0
    assert json.loads((place / "out" / "class.json").read_text())["slug"] == "small-steps"
    for name in ("ada", "ben"):
        (place / "in" / f"{name}.ipynb").unlink()
    assert run("in", "-o", "new") == 2
    tie = "as many notebooks are of other-steps as of small-steps; say it with -a. There are: "
    assert tie in refused_tail(capsys)
    assert run("in", "-o", "new", "-a", "other-steps") == 0
    assert run("in", "-o", "out", "-a", "other-steps") == 2
    assert "out holds the results of small-steps" in refused_tail(capsys)


def refused_tail(capsys):
    return capsys.readouterr().err.splitlines()[-1]


def test_nobody_handed_anything_in(place, capsys):
    shutil.rmtree(place / "in")
    (place / "in").mkdir()
    assert run("in", "-o", "out") == 0
    assert "Small steps: nobody handed anything in" in capsys.readouterr().out
    assert len(rows_of((place / "out" / "grades.csv").read_bytes())) == 1
    assert "an empty folder" in (place / "out" / "log.csv").read_text()


def test_results_may_lie_among_the_submissions(place):
    assert run(".", "-o", "out") == run(".", "-o", "out") == 0
    log = rows_of((place / "out" / "log.csv").read_bytes())
    assert not [row for row in log if row[1].startswith("out/")]


def test_a_failure_of_the_grader_is_no_mark(place, capsys):
    (place / "in" / "ben.ipynb").write_bytes(notebook(crash="no memory"))
    assert run("in", "-o", "out") == 1
    assert "ben.ipynb: the grader failed: RuntimeError: no memory" in capsys.readouterr().err
    assert statuses(place / "out") == {"ada": "graded", "ben": "not graded", "carl": "graded"}
    assert "no memory" in (place / "out" / "log.csv").read_text()


def test_a_full_disk(place, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device", "out/results/ada.json")

    monkeypatch.setattr(cli.Results, "save", full)
    assert run("in", "-o", "out") == 1
    said = refused_tail(capsys)
    assert said.startswith("initlab-grade: out/results/ada.json: No space left on device. What is")


def test_the_real_grader_is_used_where_no_other_is_given(place):
    (place / "in" / "dora.ipynb").write_text("no notebook")
    assert main(["run", "in", "-o", "out", "--no-sandbox"]) == 0
    assert statuses(place / "out") == {
        "ada": "graded", "ben": "graded", "carl": "graded", "dora": "not readable",
    }  # fmt: skip


def test_without_isolation_nothing_is_graded(place, capsys, monkeypatch):
    def nothing(no_sandbox):
        raise isolation.NoIsolation("install bubblewrap")

    monkeypatch.setattr(isolation, "choose", nothing)
    assert main(["run", "in", "-o", "out"]) == 2
    assert refused(capsys) == "initlab-grade: install bubblewrap\n"
    assert not (place / "out").exists()


# ------------------------------------------------------------------ report


def test_reports_are_written_from_results_alone(place, capsys):
    assert run("in", "-o", "out") == 0
    before = tree(place / "out")
    for name in ("grades.csv", "log.csv", "report.html"):
        (place / "out" / name).unlink()
    shutil.rmtree(place / "out" / "feedback")
    shutil.rmtree(place / "in")
    shutil.rmtree(place / "_build")
    assert main(["report", "out"]) == 0
    assert tree(place / "out") == before


def test_a_report_of_nothing(place, capsys):
    assert main(["report", "in"]) == 2
    assert "in holds no results: there is no class.json in it" in refused(capsys)


# ------------------------------------------------------------------ build


def test_unknown_masters(place, capsys):
    assert main(["build"]) == 2
    assert "there is no */master.py" in refused(capsys)
    (place / "assignments" / "one").mkdir(parents=True)
    (place / "assignments" / "one" / "master.py").touch()
    assert main(["build", "two"]) == 2
    assert "no assignment 'two' in assignments; there are: one" in refused(capsys)


# ------------------------------------------------------------------ interrupted


class Running:
    """The command in a process of its own, forked, so that nothing is imported again."""

    def __init__(self, place, *words):
        self.said = place / "said"
        context = multiprocessing.get_context("fork")
        self.process = context.Process(target=self._main, args=(words,))

    def _main(self, words):
        def slow(*arguments):
            time.sleep(0.05)
            return grade(*arguments)

        with open(self.said, "w") as sys.stderr:
            sys.exit(run(*words, function=slow))

    def __enter__(self):
        self.process.start()
        return self.process

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_stopped_goes_on_where_it_ended(place, blow):
    for number in range(20):
        (place / "in" / f"s{number}.ipynb").write_bytes(notebook(number % 5))
    assert run("in", "-o", "whole") == 0
    running = Running(place, "in", "-o", "out", "--jobs", "1")
    with running as process:
        while len(list((place / "out" / "results").glob("*.json"))) < 3:
            time.sleep(0.01)
            assert process.exitcode is None
        os.kill(process.pid, blow)
        process.join()
        assert process.exitcode == (130 if blow == signal.SIGINT else -blow)
    said = running.said.read_text()
    if blow == signal.SIGINT:
        assert "stopped. What is graded is kept" in said and "Traceback" not in said
    kept = len(list((place / "out" / "results").glob("[!.]*.json")))
    assert 3 <= kept < 23
    assert main(["report", "out"]) == 0  # what there is can be seen
    assert "did not come to its end" in (place / "out" / "report.html").read_text()
    assert list(statuses(place / "out").values()).count("graded") == kept
    assert run("in", "-o", "out") == 0
    assert tree(place / "out") == tree(place / "whole")


def test_two_runs_at_once(place, capsys):
    for number in range(20):
        (place / "in" / f"s{number}.ipynb").write_bytes(notebook(2))
    with Running(place, "in", "-o", "out", "--jobs", "1") as process:
        while not list((place / "out" / "results").glob("*.json")):
            time.sleep(0.01)
            assert process.exitcode is None
        assert run("in", "-o", "out") == 2
        assert f"another initlab-grade (process {process.pid}) works in out" in refused(capsys)
        process.join()
        assert process.exitcode == 0
    assert set(statuses(place / "out").values()) == {"graded"}
