"""Building only what changed: what a fingerprint depends on, and when a build is trusted."""

import pytest

from initlab.grading import build as building
from initlab.grading import current
from initlab.grading.cli import main
from initlab.grading.current import STAMP, bring_up_to_date, is_current


@pytest.fixture
def masters(tmp_path):
    """Two masters, one with a file beside it and a bank, and the requirements."""
    folder = tmp_path / "assignments"
    for slug in ("first", "second"):
        (folder / slug).mkdir(parents=True)
        (folder / slug / "master.py").write_text(f"# {slug}")
    (folder / "first" / "data.json").write_text("[1]")
    (folder / "first" / "bank.toml").write_text("")
    (folder / "requirements-student.txt").write_text("numpy")
    return folder


@pytest.fixture
def built(tmp_path, monkeypatch):
    """Where a build that only makes the folder writes; ``built.calls`` are the slugs it made."""
    calls = []

    def build(master, out):
        calls.append(master.parent.name)
        target = out / master.parent.name
        target.mkdir(parents=True, exist_ok=True)
        (target / STAMP).unlink(missing_ok=True)
        return target

    monkeypatch.setattr(building, "build", build)
    out = tmp_path / "built"
    return out, calls


def test_what_is_up_to_date_is_not_built_again(masters, built):
    out, calls = built
    said = []
    assert bring_up_to_date(masters, out, lambda *words: said.append(words)) == ["first", "second"]
    assert bring_up_to_date(masters, out, lambda *words: said.append(words)) == ["first", "second"]
    assert calls == ["first", "second"]
    assert said == [("first", True), ("second", True), ("first", False), ("second", False)]


def test_what_the_command_builds_is_up_to_date(masters, built):
    out, calls = built
    arguments = ["build", "second", "--masters", str(masters), "--assignments", str(out)]
    assert main(arguments) == 0
    assert is_current(masters / "second" / "master.py", out / "second")
    bring_up_to_date(masters, out)
    assert calls == ["second", "first"]


@pytest.mark.parametrize(
    ("path", "again"),
    [
        ("first/master.py", ["first"]),
        ("first/data.json", ["first"]),
        ("first/new.json", ["first"]),
        ("second/master.py", ["second"]),
        ("requirements-student.txt", ["first", "second"]),
        ("first/bank.toml", []),
    ],
)
def test_a_changed_file_is_noticed_where_it_counts(masters, built, path, again):
    out, calls = built
    bring_up_to_date(masters, out)
    calls.clear()
    (masters / path).write_text("something else")
    bring_up_to_date(masters, out)
    assert calls == again


@pytest.mark.parametrize(
    ("name", "value"),
    [("grader_version", lambda: "other"), ("version", lambda package: "99")],
)
def test_other_code_builds_everything_again(masters, built, monkeypatch, name, value):
    out, calls = built
    bring_up_to_date(masters, out)
    calls.clear()
    monkeypatch.setattr(current, name, value)
    bring_up_to_date(masters, out)
    assert calls == ["first", "second"]


def test_a_build_that_failed_is_not_trusted(masters, built, monkeypatch):
    out, _ = built
    bring_up_to_date(masters, out)

    def fails(master, out):
        (out / master.parent.name / STAMP).unlink()
        raise ValueError("no such question")

    (masters / "first" / "master.py").write_text("changed")
    monkeypatch.setattr(building, "build", fails)
    with pytest.raises(ValueError, match="no such question"):
        bring_up_to_date(masters, out)
    assert not is_current(masters / "first" / "master.py", out / "first")
    assert is_current(masters / "second" / "master.py", out / "second")


def test_what_changes_during_a_build_is_built_at_the_next_call(masters, built, monkeypatch):
    out, _ = built
    build = building.build

    def edited(master, out):
        master.write_text("edited meanwhile")
        return build(master, out)

    monkeypatch.setattr(building, "build", edited)
    bring_up_to_date(masters, out)
    assert not is_current(masters / "first" / "master.py", out / "first")
