"""The sample class of the book, graded in a temporary folder: for the page that shows how.

Nothing is written into the book's own folder, and what is shown is the same on every machine.
"""

import io
import shlex
import shutil
from contextlib import chdir, redirect_stderr
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory

from initlab.grading.cli import main
from initlab.grading.collection import slugs
from initlab.grading.isolation import Isolation, NoIsolation, choose
from initlab.grading.manual import ASSIGNMENTS

COMMAND = "initlab-grade"
CLASS = Path("assignments") / "sample-class"


class Desk:
    """A temporary folder with the sample class, in ``class``, and the built assignments.

    ``desk("initlab-grade run ...")`` shows a command, carries it out there, and shows what it
    says, but for its progress. ``desk / name`` is the path of a file, ``desk.book`` the folder of
    the book. What is on the desk goes with it. Raises ``FileNotFoundError`` where the assignments
    have not been built.
    """

    def __init__(self):
        self.book = folder_of_the_book()
        if not slugs(self.book / ASSIGNMENTS):
            raise FileNotFoundError(
                "the assignments are not built yet: run `make assignments` (or `initlab-grade "
                "build`) in the folder of the book, then this cell again"
            )
        self._folder = TemporaryDirectory(prefix="initlab-desk-")
        shutil.copytree(self.book / CLASS, self / "class")
        shutil.copytree(self.book / ASSIGNMENTS, self / ASSIGNMENTS)

    def __truediv__(self, name: str | Path) -> Path:
        return Path(self._folder.name) / name

    def __call__(self, line: str) -> None:
        program, *arguments = shlex.split(line)
        if program != COMMAND:
            raise ValueError(f"a desk carries out {COMMAND}, got {program!r}")
        if arguments[:1] == ["run"] and isolation() == Isolation("none"):
            arguments.append("--no-sandbox")
        print(f"$ {line}")
        with chdir(self._folder.name), redirect_stderr(io.StringIO()) as errors:
            code = main(arguments)
        if code:
            raise RuntimeError(f"{COMMAND} ended with status {code}: {errors.getvalue()}")


def isolation() -> Isolation:
    """The best isolation there is; none where nothing is possible.

    For our own files only: work that others hand in is refused in that case, by the command.
    """
    try:
        return choose()
    except NoIsolation:
        return choose(no_sandbox=True)


def folder_of_the_book() -> Path:
    """The folder of the book: one above the working folder, or else that of the package.

    Raises ``FileNotFoundError`` if there is no book, as beside a package that was installed alone.
    """
    here = Path.cwd()
    for folder in (here, *here.parents, *Path(__file__).resolve().parents):
        if (folder / CLASS).is_dir():
            return folder
    raise FileNotFoundError(f"there is no {CLASS} here: run this in the folder of the book")


def text_of(page: str, section: str) -> str:
    """The text of one section of an HTML page without headings of tables, a line for each part."""
    reader = _Section(section)
    reader.feed(page)
    lines = [" ".join(line.split()) for line in reader.lines]
    return "\n".join(line for line in lines if line)


class _Section(HTMLParser):
    """Collects the text between ``<section id=...>`` and its end."""

    def __init__(self, section: str):
        super().__init__()
        self.section, self.inside, self.heading, self.lines = section, False, False, [""]

    def handle_starttag(self, tag, attributes):
        if tag == "section":
            self.inside = ("id", self.section) in attributes
        self.heading = self.heading or tag == "th"
        if tag not in ("span", "code", "strong"):  # all others begin a line
            self.lines.append("")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag != "section"
        self.heading = self.heading and tag != "th"
        self.lines[-1] += " " if tag == "span" else ""

    def handle_data(self, data):
        if self.inside and not self.heading:
            self.lines[-1] += data
