"""The assignments on the site: a section for each, with its questions and its downloads.

A local Sphinx extension. It builds what is missing or old before any page is read, so that a bare
``jupyter-book build .`` has the downloads, and the key that the page on grading asks for.

    {assignments}   a section for each assignment: what its notebook says it is about, then what the
                    content says for its name, then points and downloads. Those that the content
                    names come first.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import nbformat
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

BUILT = Path("_build") / "assignments"
TOOL = Path(__file__).parent / "assignments.py"


def setup(app: Sphinx) -> dict[str, object]:
    """Connect the extension."""
    app.connect("config-inited", build)
    app.add_directive("assignments", Assignments)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def build(app: Sphinx, config: Config) -> None:
    """Bring the built assignments up to date; in a process of its own, for otter is a guest."""
    done = subprocess.run([sys.executable, TOOL], capture_output=True, text=True)
    if done.returncode:
        raise ExtensionError(f"the assignments cannot be built:\n{done.stderr}")


class Assignments(SphinxDirective):
    """``name: words``, one line for an assignment; one that has none is listed without words."""

    has_content = True

    def run(self):
        words = dict(line.split(":", 1) for line in self.content if line.strip())
        root = Path(self.env.srcdir)
        there = sorted(path.parent.name for path in (root / "assignments").glob("*/master.py"))
        order = [name for name in words if name in there]
        lines = []
        for slug in order + [name for name in there if name not in words]:
            self.env.note_dependency(str(root / BUILT / slug / "key" / "assignment.json"))
            lines += section(root / BUILT / slug, words.get(slug, ""))
        parent = nodes.section()
        parent.document = self.state.document
        content = StringList(lines, source=self.get_source_info()[0])
        self.state.nested_parse(content, 0, parent, match_titles=True)
        return parent.children


def section(folder: Path, words: str) -> list[str]:
    """The section of one built assignment, as Markdown."""
    slug, student = folder.name, folder / "student"
    about = json.loads((folder / "key" / "assignment.json").read_text(encoding="utf-8"))
    lines = [f"## {about['title']}", "", *description(student, slug), ""]
    lines += [words.strip(), "", "| Question | | Points |", "|--:|---|--:|"]
    for number, question in enumerate(about["questions"], start=1):
        lines.append(f"| {number} | {question['title']} | {question['points']:g} |")
    lines += [f"| | all | {about['possible']:g} |", ""]
    inside = sorted(file.name for file in student.iterdir() if file.suffix != ".zip")
    names = ", ".join(f"`{name}`" for name in inside)
    lines.append(f"- Download {download(student / f'{slug}.zip')}, which holds {names}")
    alone = [name for name in inside if not name.startswith("requirements")]
    alone.sort(key=lambda name: not name.endswith(".ipynb"))
    lines.append(f"- or only {' and '.join(download(student / name) for name in alone)}")
    return [*lines, ""]


def description(student: Path, slug: str) -> list[str]:
    """What the notebook says about itself: the first paragraph below its title."""
    cells = nbformat.read(student / f"{slug}.ipynb", as_version=4).cells
    text = next(cell.source for cell in cells if cell.cell_type == "markdown")
    return text.split("\n\n")[1].splitlines()


def download(file: Path) -> str:
    """A link that puts a copy of the file on the site."""
    place = "/".join(file.parts[-4:])
    return f"{{download}}`{file.name} </_build/{place}>`"
