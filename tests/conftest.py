"""Warnings are errors in the unit tests; benchmarks are printed when the tests are over."""

import fcntl

import helpers
import pytest
from helpers import ROOT

from initlab import style

UNITS = {f"test_{path.stem.lstrip('_')}" for path in helpers.PACKAGE.glob("*.py")}
UNITS |= {"test_trials", "test_sweeping", "test_sweeping_store", "test_sweeping_cluster"}


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.stem in UNITS:
            item.add_marker(pytest.mark.filterwarnings("error"))


@pytest.fixture
def rng():
    """For numbers whose exact values do not matter; statistical tests name their own seeds."""
    import numpy as np

    return np.random.default_rng(20)


@pytest.fixture(scope="session")
def assignments():
    """The folder of the built assignments: those of the book, built here if they are not."""
    from initlab.grading.current import bring_up_to_date

    folder = ROOT / "_build" / "assignments"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:  # one worker builds, the other waits for it
        fcntl.flock(lock, fcntl.LOCK_EX)
        bring_up_to_date(ROOT / "assignments", folder)
    return folder


@pytest.fixture
def house_style():
    """The book's style sheet, undone afterwards."""
    import matplotlib

    with matplotlib.rc_context():
        style.use()
        yield


@pytest.fixture
def on_site(monkeypatch):
    monkeypatch.setenv("INITLAB_SITE", "1")
    monkeypatch.delenv("INITLAB_PROGRESS", raising=False)


@pytest.fixture
def live(monkeypatch):
    monkeypatch.delenv("INITLAB_SITE", raising=False)
    monkeypatch.delenv("INITLAB_PROGRESS", raising=False)


@pytest.fixture
def benchmark(record_property):
    """``benchmark(what, value)``: printed at the end, never asserted."""
    return lambda what, value: record_property(f"benchmark: {what}", value)


def pytest_terminal_summary(terminalreporter):
    lines = [
        f"{name.removeprefix('benchmark: ')}: {value}"
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", [])
        if name.startswith("benchmark: ") and report.when == "call"
    ]
    if lines:
        terminalreporter.section("benchmarks")
        for line in lines:
            terminalreporter.write_line(line)
