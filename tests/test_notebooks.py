"""The committed notebooks: complete, clean, readable, and compared digit by digit."""

import ast
import json
import os
import re
import statistics
import subprocess
import sys
from collections import Counter
from copy import deepcopy
from importlib.util import module_from_spec, spec_from_file_location
from xml.etree import ElementTree

import nbformat
import pytest
from helpers import ROOT
from nbval.plugin import IPyNbCell, IPyNbFile

CHAPTERS = ROOT / "chapters"
TOOL = ROOT / "tools" / "notebooks.py"
NOTEBOOKS = sorted(CHAPTERS.glob("*.ipynb"))
LARGEST = 300_000  # characters of one stored output

spec = spec_from_file_location("notebooks", TOOL)
notebooks = module_from_spec(spec)
spec.loader.exec_module(notebooks)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook) -> list:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def bundles(cell) -> list[dict]:
    return [output.data for output in cell.outputs if "data" in output]


# ---------------------------------------------------------------- what is stored


def shows_something(source: str) -> bool:
    """Whether a cell ends in an expression, or prints at its top level."""
    body = ast.parse(source).body
    calls = [
        node
        for statement in body
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call)
    ]
    prints = any(isinstance(c.func, ast.Name) and c.func.id == "print" for c in calls)
    return prints or (bool(body) and isinstance(body[-1], ast.Expr))


@pytest.mark.parametrize(
    ("source", "shows"),
    [
        ("x = 1", False),
        ("x = 1\nx", True),
        ("for i in x:\n    print(i)", True),
        ("def f():\n    print(1)", False),
        ("_ = plot(x)", False),
        ("", False),
    ],
)
def test_what_counts_as_showing(source, shows):
    assert shows_something(source) is shows


def test_notebooks_exist():
    assert NOTEBOOKS, f"no notebook in {CHAPTERS}: every test here would pass on nothing"


def test_outputs_are_stored(notebook):
    """nbval compares what is stored; a notebook without outputs passes it on nothing."""
    cells = code_cells(notebook)
    missing = [cell.source for cell in cells if shows_something(cell.source) and not cell.outputs]
    assert not missing, "ends in an expression or prints, but nothing is stored (`_ =` if meant)"
    assert sum(map(bool, map(shows_something, (cell.source for cell in cells)))) >= len(cells) / 4


def test_outputs_are_no_errors_and_no_warnings(notebook):
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]


def test_notebook_is_in_normal_form(path, notebook):
    stored = path.read_text(encoding="utf-8")
    assert notebooks.dumps(notebooks.normalize(notebook)) == stored, "run `make notebooks`"


def test_printed_text_is_joined():
    new = nbformat.v4.new_output
    out = [new("stream", name="stdout", text="a\n"), new("stream", name="stdout", text="b\n"),
           new("stream", name="stderr", text="c\n"), new("stream", name="stdout", text="d\n"),
           new("display_data", data={"text/plain": "e"})]  # fmt: skip
    joined = notebooks.joined(deepcopy(out))
    assert [output.get("text") for output in joined] == ["a\nb\n", "c\n", "d\n", None]


def test_no_trace_of_the_run_that_made_it(notebook):
    """The same again, without trusting the tool: no widgets, no timings, no machine."""
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.language_info == {"name": "python"}
    for count, cell in enumerate(code_cells(notebook), start=1):
        assert cell.execution_count == count
        assert set(cell.metadata) <= {"tags", "mystnb", "jupyter", "name"}
        assert not [key for data in bundles(cell) for key in data if "widget" in key]
    text = "\n".join(str(output) for cell in code_cells(notebook) for output in cell.outputs)
    assert not re.search(r"ipykernel_\d|<[\w. ]+ at 0x[0-9a-f]+>|<Figure size", text)


def test_no_output_is_large(notebook):
    sizes = [len(json.dumps(output)) for cell in code_cells(notebook) for output in cell.outputs]
    assert max(sizes, default=0) <= LARGEST


def test_explorers_are_stored_as_their_first_frame(notebook):
    found = [cell for cell in code_cells(notebook) if re.search(r"^explorer\(", cell.source, re.M)]
    for cell in found:
        assert [set(data) for data in bundles(cell)] == [{"image/png", "text/plain"}]


def test_pictures_are_described(notebook):
    pictures = [
        data for c in code_cells(notebook) for data in bundles(c) if {"image/png"} & set(data)
    ]
    for data in pictures:
        assert len(data.get("text/plain", "").split()) >= 8, "no description"
        assert "text/html" not in data


# ---------------------------------------------------------------- how it reads


def prose(markdown: str) -> int:
    """Words of a Markdown cell: formulas, options and names of boxes are none."""
    text = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " ", markdown, flags=re.DOTALL)
    text = re.sub(r"^(:::|```|:\w+:|\([\w-]+\)=).*$", " ", text, flags=re.MULTILINE)
    text = re.sub(r"\{[\w:]+\}`[^`]*`", " ", text)
    return len(re.findall(r"[^\W\d_][\w'’.-]*", text))


def code_lines(source: str) -> int:
    return sum(bool(line.strip()) for line in source.splitlines())


def test_what_counts_as_prose():
    assert prose("(sec-a)=\n## Two *words*\n$x_i$ {cite}`key`\n:::{note}\n:class: tip\n:::") == 2
    assert code_lines("a = 1\n\n    b\n") == 2


def test_prose_carries_the_chapter(path, notebook, benchmark):
    words = sum(prose(cell.source) for cell in notebook.cells if cell.cell_type == "markdown")
    lines = [code_lines(cell.source) for cell in code_cells(notebook)]
    ratio, median = words / sum(lines), statistics.median(lines)
    benchmark(
        f"prose of {path.name}",
        f"{words} words, {sum(lines)} lines of code, {ratio:.1f} words a line, "
        f"{len(lines)} code cells of {median:g} lines in the median, {max(lines)} at most",
    )
    assert ratio >= 12
    assert median <= 5
    assert max(lines) <= 20


def test_every_exercise_has_a_hidden_solution(path, notebook):
    text = "\n\n".join(cell.source for cell in notebook.cells)
    fence = r"^[`:]{3,}\{%s\}\s*(.*)\n((?::[\w-]+:.*\n)*)"
    exercises = re.findall(fence % "exercise", text, re.M)
    labels = [re.search(r":label: *(\S+)", options)[1] for _, options in exercises]
    solutions = re.findall(fence % "solution(?:-start)?", text, re.M)
    assert sorted(label for label, _ in solutions) == sorted(labels)
    assert len(set(labels)) == len(labels)
    for label, options in solutions:
        assert re.search(r":class:.*\bdropdown\b", options), f"solution of {label} is not folded"
    # The cells of a solution, in it or behind it, are folded on the page and in JupyterLab.
    inside = behind = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            inside = cell.source.rfind("{solution-start}") > cell.source.rfind("{solution-end}")
            behind = re.search(r"^[`:]{3,}\{solution\}[^\n]*\n.*\Z", cell.source, re.M | re.S)
            behind = behind and not re.search(r"\n(#|[`:]{3,}\{)", behind[0])
        elif inside or behind:
            assert cell.metadata.get("jupyter", {}).get("source_hidden"), cell.source
            assert inside or "hide-cell" in cell.metadata.get("tags", []), cell.source
    assert not inside, "a solution has no end"


# ---------------------------------------------------------------- the comparison bites

TINY = {
    "table": 'from initlab.tables import Table\nTable([["a", 0.25]], ["name", "value"])',
    "print": 'print("loss", round(2 / 3, 4))',
    "explorer": """\
from initlab.explorer import explorer
from initlab.pictures import describe
from initlab.style import new_figure

def draw(power=2):
    figure, ax = new_figure()
    ax.plot([0, 1, 2], [0, 1, 2**power])
    return describe(figure, f"A curve that ends at {2**power}.")

explorer(draw, caption="Powers.", power=[1, 2, 3])""",
}


def change_one_digit(text: str) -> str:
    """The text with its last digit raised by one (9 becomes 0)."""
    *before, digit, after = re.split(r"(\d)(?=\D*$)", text)
    return "".join([*before, str((int(digit) + 1) % 10), after])


def change(output, kind: str):
    """Change one digit of a stored output, in place."""
    holder = output if kind == "text" else output.data
    holder[kind] = change_one_digit(holder[kind])


def run_nbval(folder, copies: dict) -> set[tuple[str, int]]:
    """Write notebooks to a folder and compare them by nbval; (name, code cell) that fail."""
    for name, notebook in copies.items():
        nbformat.write(notebook, folder / f"{name}.ipynb")
    report = folder / "report.xml"
    process = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:playwright", "-p", "no:xdist",
         "-p", "no:cacheprovider", f"--rootdir={folder}", f"--junitxml={report}",
         *(folder / f"{name}.ipynb" for name in copies)],
        capture_output=True, text=True, cwd=folder, env=environment(),
    )  # fmt: skip
    assert process.returncode in (0, 1), process.stdout + process.stderr
    cases = list(ElementTree.parse(report).iter("testcase"))
    assert len(cases) == sum(len(code_cells(notebook)) for notebook in copies.values())
    failed = [case for case in cases if len(case)]
    return {
        (case.get("classname").split(".")[0], int(case.get("name").split()[-1])) for case in failed
    }


def environment() -> dict:
    """What a reader's shell has: neither a build nor a test going on."""
    names = ("INITLAB_", "PYTEST_")
    return {key: value for key, value in os.environ.items() if not key.startswith(names)}


def test_one_changed_digit_is_noticed(tmp_path):
    """In a table's text, in its html, in printed text, in the description of an explorer."""
    cells = [nbformat.v4.new_code_cell(source) for source in TINY.values()]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    original = tmp_path / "original.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), original)
    subprocess.run([sys.executable, TOOL, original], check=True, env=environment(),
                   capture_output=True)  # fmt: skip
    made = nbformat.read(original, as_version=4)
    assert notebooks.dumps(notebooks.normalize(made)) == original.read_text(encoding="utf-8")
    in_text, in_html = deepcopy(made), deepcopy(made)
    for cell, kind in enumerate(("text/plain", "text", "text/plain")):
        change(in_text.cells[cell].outputs[-1], kind)
    change(in_html.cells[0].outputs[-1], "text/html")
    copies = {"untouched": made, "in_text": in_text, "in_html": in_html}
    found = run_nbval(tmp_path, copies)
    assert found == {("in_text", 0), ("in_text", 1), ("in_text", 2), ("in_html", 0)}


def test_one_changed_digit_of_a_chapter_is_noticed(path, notebook, request, monkeypatch):
    """The same in every output of every chapter, by nbval's comparison of two stored outputs."""
    monkeypatch.setattr(IPyNbCell, "format_output_compare", lambda *_: None)  # slow words
    file = IPyNbFile.from_parent(request.session, path=path)
    changed, passed_over = Counter(), 0
    for item, cell in zip(file.collect(), code_cells(notebook), strict=True):
        assert not item.options["skip"]
        if not item.options["check"]:
            passed_over += 1
            continue
        assert item.compare_outputs(cell.outputs, cell.outputs)
        for number, output in enumerate(cell.outputs):
            for kind in compared(output):
                altered = deepcopy(cell.outputs)
                change(altered[number], kind)
                assert not item.compare_outputs(cell.outputs, altered), cell.source
                changed[kind] += 1
    assert changed["text/plain"]
    # The one cell of the book whose digits differ by machine shows just that.
    assert passed_over == (path.stem == "symmetry")


def compared(output) -> list[str]:
    """The parts of an output that hold a digit in their text: of a picture, its description."""
    parts = output if output.output_type == "stream" else output.data
    texts = ("text", "text/plain", "text/html")
    return [kind for kind in texts if re.search(r"\d", parts.get(kind, ""))]
