"""Notebooks run side by side before the pages are read, and only those that must."""

import sys
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from helpers import ROOT
from jupyter_cache import get_cache

sys.path.insert(0, str(ROOT / "tools"))
from initlab_execution import execute_new_notebooks


def write(folder: Path, name: str, source: str) -> None:
    cells = [nbformat.v4.new_code_cell(source)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / f"{name}.ipynb")


@pytest.fixture
def book(tmp_path):
    """A folder with notebooks, and what Sphinx would hand to the extension."""
    config = SimpleNamespace(
        nb_execution_mode="cache", nb_execution_cache_path=str(tmp_path / "cache"),
        nb_execution_timeout=60,
    )  # fmt: skip
    env = SimpleNamespace(doc2path=lambda name: tmp_path / f"{name}.ipynb")
    return SimpleNamespace(folder=tmp_path, app=SimpleNamespace(config=config), env=env)


def cached(book, name: str) -> str:
    """What the cache holds of a notebook's first cell."""
    cache = get_cache(book.app.config.nb_execution_cache_path)
    notebook = nbformat.read(book.folder / f"{name}.ipynb", as_version=4)
    _, merged = cache.merge_match_into_notebook(notebook)
    return merged.cells[0].outputs[0].text


def test_new_notebooks_run_at_the_same_time(book):
    """Each waits for the other: one after the other, neither would ever end."""
    for name, other in (("one", "two"), ("two", "one")):
        write(
            book.folder,
            name,
            f"""\
import pathlib, time
pathlib.Path("{name}.here").touch()
for _ in range(300):
    if pathlib.Path("{other}.here").exists(): break
    time.sleep(0.1)
else: raise TimeoutError
print("{name} met {other}")""",
        )
    execute_new_notebooks(book.app, book.env, ["one", "two"])
    assert cached(book, "one") == "one met two\n"
    assert cached(book, "two") == "two met one\n"


def test_what_is_in_the_cache_is_not_run_again(book):
    count = "print(len(list(__import__('pathlib').Path('.').glob('ran-*'))))\n"
    for name in ("a", "b"):
        source = f"open('ran-{name}-%d' % __import__('time').time_ns(), 'w').close()"
        write(book.folder, name, count + source)
    for _ in range(2):
        execute_new_notebooks(book.app, book.env, ["a", "b"])
        time.sleep(0.01)
    assert len(list(book.folder.glob("ran-*"))) == 2


def test_a_failing_notebook_stays_out_of_the_cache(book):
    write(book.folder, "good", "print('good')")
    write(book.folder, "bad", "raise ValueError('bad')")
    execute_new_notebooks(book.app, book.env, ["good", "bad"])
    assert cached(book, "good") == "good\n"
    with pytest.raises(KeyError):
        cached(book, "bad")


@pytest.mark.parametrize("mode", ["off", "force"])
def test_other_ways_of_execution_are_left_alone(book, mode):
    book.app.config.nb_execution_mode = mode
    for name in ("a", "b"):
        write(book.folder, name, f"open('ran-{name}', 'w').close()")
    execute_new_notebooks(book.app, book.env, ["a", "b"])
    assert not list(book.folder.glob("ran-*"))
