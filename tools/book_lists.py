"""Lists that the book makes of itself: its chapters, its experiments, its package.

A local Sphinx extension. What it lists is read from ``_toc.yml``, the chapters and the package, so
a new chapter or module appears by itself.

    {chapters}            the chapters of ``_toc.yml``, each with the question given for its name
    {experiments-index}   every figure, explorer, exercise and named cell, chapter by chapter;
                          its content names the notebooks that are left out
    {package}             the modules of initlab, from their docstrings
    {chap}`name`          a link to a chapter, by the name of its file
"""

from __future__ import annotations

import html
import re
from pathlib import Path

import nbformat
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective, SphinxRole
from sphinx.util.logging import getLogger
from sphinx_exercise.nodes import exercise_subtitle

FOLDER = "chapters/"
EXPLORER = r'class="initlab-explorer" id="(\w+)".*?<figcaption>(.*?)</figcaption>'
KINDS = {
    "figure": "Figures",
    "explorer": "Explorers",
    "exercise": "Exercises",
    "cell": "Deciding cells",
}
logger = getLogger(__name__)


def setup(app: Sphinx) -> dict[str, object]:
    """Connect the extension."""
    app.add_directive("chapters", Chapters)
    app.add_directive("experiments-index", ExperimentsIndex)
    app.add_directive("package", Package)
    app.add_role("chap", Chapter())
    app.connect("doctree-read", collect)
    app.connect("env-purge-doc", lambda app, env, docname: store(env).pop(docname, None))
    app.connect("env-merge-info", lambda app, env, names, other: store(env).update(store(other)))
    app.connect("env-updated", refresh)
    app.add_post_transform(FillExperiments)
    app.connect("autodoc-process-docstring", split_fields, priority=400)  # before napoleon
    app.connect("autodoc-process-signature", write_signature)
    app.connect("html-page-context", mend_signatures, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}


# ---------------------------------------------------------------- chapters


def notebooks(env: BuildEnvironment) -> list[str]:
    """The names of all notebooks of the table of contents, in its order, but for the first page."""
    listed = env.external_site_map
    found = [str(item) for tree in listed.root.subtrees for item in tree.items]
    return [name for name in found if name in env.found_docs and is_notebook(env, name)]


def is_notebook(env: BuildEnvironment, docname: str) -> bool:
    return env.doc2path(docname).endswith(".ipynb")


def title_of(env: BuildEnvironment, docname: str) -> str:
    """The first heading of a notebook, read from its file."""
    cells = nbformat.read(env.doc2path(docname), as_version=4).cells
    return re.search(r"^# +(.*)$", "\n".join(cell.source for cell in cells), re.M)[1]


def link(uri: str, *words: nodes.Node) -> nodes.reference:
    return nodes.reference("", "", *words, internal=True, refuri=uri)


class Chapter(SphinxRole):
    """``{chap}`zero-weights```: the chapter's title, linked."""

    def run(self):
        return [self.reference(self.text)], []

    def reference(self, name: str) -> pending_xref:
        target = {"refdomain": "std", "reftype": "doc", "reftarget": f"/{FOLDER}{name}"}
        options = {"refexplicit": False, "refwarn": True, "refdoc": self.env.docname}
        return pending_xref("", nodes.inline("", ""), **target, **options)


class Chapters(SphinxDirective):
    """One line ``name: question`` a chapter; those that the table of contents has are listed."""

    has_content = True

    def run(self):
        questions = dict(line.split(":", 1) for line in self.content if line.strip())
        listing = nodes.enumerated_list(enumtype="arabic", prefix="", suffix=".")
        for docname in notebooks(self.env):
            question = questions.get(docname.removeprefix(FOLDER))
            if question is None:
                continue
            self.env.note_dependency(self.env.doc2path(docname))
            found, messages = self.parse_inline(
                f"[{title_of(self.env, docname)}](/{docname}.ipynb)", lineno=self.lineno
            )
            name = nodes.strong("", "", *found)
            text = nodes.inline("", question.strip())
            item = nodes.paragraph("", "", name, nodes.Text(" "), text)
            listing += nodes.list_item("", item, *messages)
        listing["classes"].append("chapters")
        return [listing]


# ---------------------------------------------------------------- experiments


def store(env: BuildEnvironment) -> dict[str, list[tuple[str, str, nodes.inline]]]:
    """For every page its experiments: kind, anchor, words."""
    if not hasattr(env, "initlab_experiments"):
        env.initlab_experiments = {}
    return env.initlab_experiments


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Note what a page holds, in the order of the page."""
    if not is_notebook(app.env, app.env.docname):
        return
    found = {}
    for node in doctree.findall():
        if isinstance(node, nodes.figure):
            name = next((i for i in node["ids"] if i.startswith("fig-")), None)
            caption = next(iter(node.findall(nodes.caption)), None)
            if name and caption is not None:
                words = [child.deepcopy() for child in caption.children]
                found["figure", name] = nodes.inline("", "", *words)
        elif isinstance(node, nodes.raw) and node.get("format") == "html":
            for anchor, caption in re.findall(EXPLORER, node.astext(), re.DOTALL):
                found["explorer", anchor] = nodes.inline("", html.unescape(caption))
        elif type(node).__name__.startswith("exercise_") and node.get("label"):
            title = next(node.findall(exercise_subtitle)).astext().strip("() ")
            found["exercise", node["label"]] = nodes.inline("", title)
        elif isinstance(node, nodes.container) and "cell" in node["classes"]:
            name = node.get("cell_metadata", {}).get("name")
            if name:
                found["cell", name] = nodes.inline("", section_of(node))
    store(app.env)[app.env.docname] = [(*key, words) for key, words in found.items()]


def section_of(node: nodes.Node) -> str:
    """The title of the section that a node stands in."""
    while node is not None and not isinstance(node, nodes.section):
        node = node.parent
    return node.next_node(nodes.title).astext() if node is not None else ""


class experiments(nodes.General, nodes.Element):
    """Where the experiments of one chapter will stand, once all pages have been read."""


class ExperimentsIndex(SphinxDirective):
    """A section for each chapter of the table of contents, filled in when the page is written.

    Notebooks that the content names have no experiments, and no section.
    """

    has_content = True

    def run(self):
        sections = []
        without = " ".join(self.content).split()
        for docname in notebooks(self.env):
            if docname.removeprefix(FOLDER) in without:
                continue
            self.env.note_dependency(self.env.doc2path(docname))
            title = title_of(self.env, docname)
            section = nodes.section(ids=[f"experiments-{docname.removeprefix(FOLDER)}"])
            section += nodes.title("", title)
            section += experiments(docname=docname)
            sections.append(section)
        self.env.initlab_experiments_page = self.env.docname
        return sections


def refresh(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The index is written again whenever any page was."""
    page = getattr(env, "initlab_experiments_page", None)
    return [page] if page in env.found_docs else []


class FillExperiments(SphinxPostTransform):
    """Put the lists in their places, before the references in captions are resolved."""

    default_priority = 5

    def run(self, **_):
        for place in list(self.document.findall(experiments)):
            place.replace_self(self.lists(place["docname"]))

    def lists(self, chapter: str) -> list[nodes.Node]:
        uri = self.app.builder.get_relative_uri(self.env.docname, chapter)
        parts = []
        for kind, title in KINDS.items():
            listing = nodes.bullet_list(classes=["experiments"])
            for what, anchor, words in store(self.env).get(chapter, []):
                if what == kind:
                    line = self.line(kind, f"{uri}#{anchor}", anchor, chapter, words.deepcopy())
                    listing += nodes.list_item("", line)
            if len(listing):
                parts += [nodes.rubric("", title), listing]
        return parts

    def line(self, kind, uri, anchor, chapter, words) -> nodes.paragraph:
        """A linked number or name and the words for it; where there is none, the words."""
        for reference in words.findall(pending_xref):
            reference["refdoc"] = self.env.docname  # seen from here, not from the chapter
        number = self.env.toc_fignumbers.get(chapter, {}).get(kind, {}).get(anchor)
        if kind == "cell":
            name: nodes.Node = nodes.literal("", anchor)
        elif number:
            name = nodes.inline("", f"{kind.capitalize()} {'.'.join(map(str, number))}")
        else:
            return nodes.paragraph("", "", link(uri, words))
        return nodes.paragraph("", "", link(uri, name), nodes.Text(" "), words)


# ---------------------------------------------------------------- the package


class Package(SphinxDirective):
    """A section for each module: those named in the content first, then all others by name."""

    has_content = True

    def run(self):
        folder = Path(self.env.srcdir) / "code" / "initlab"
        modules = sorted(p.stem for p in folder.glob("*.py") if not p.stem.startswith("_"))
        named = " ".join(self.content).split()
        for name in set(named) - set(modules):
            logger.warning("initlab has no module %r", name, location=self.get_location())
        for path in folder.glob("*.py"):
            self.env.note_dependency(str(path))
        lines = []
        for name in [n for n in named if n in modules] + [m for m in modules if m not in named]:
            lines += [f"## {name}", "", "```{eval-rst}", f".. automodule:: initlab.{name}"]
            lines += ["   :members:", "   :member-order: bysource", "```", ""]
        parent = nodes.section()
        parent.document = self.state.document
        content = StringList(lines, source=self.get_source_info()[0])
        self.state.nested_parse(content, 0, parent, match_titles=True)
        return parent.children


def split_fields(app: Sphinx, what: str, name: str, obj, options, lines: list[str]) -> None:
    """Read the house style of docstrings: ``name : meaning`` in one line.

    numpydoc would take the meaning for a type, so it goes to a line of its own. A module's section
    ``Symbols`` becomes a list of definitions, and paragraphs may follow it.
    """
    section, result = "", []
    for i, line in enumerate(lines):
        under = lines[i + 1].strip() if i + 1 < len(lines) else ""
        if re.fullmatch("-{3,}", under):
            section = line.strip()
            if section == "Symbols":
                result += [".. rubric:: Symbols", ""]
                continue
        if section == "Symbols" and re.fullmatch("-{3,}", line.strip()):
            continue
        field = section in {"Parameters", "Attributes", "Symbols"}
        field = field and re.match(r"([\w.*, ]+) : (.*)", line)
        if field and section == "Symbols":
            names = ", ".join(f"``{symbol}``" for symbol in field[1].split(", "))
            result += [names, "    " + field[2]]
        else:
            result += [field[1], "    " + field[2]] if field else [line]
    lines[:] = result


def write_signature(app: Sphinx, what: str, name: str, obj, options, arguments, result):
    """A field of a dataclass that is made anew each time has a default that is no Python."""
    return arguments and arguments.replace("<factory>", "..."), result


def mend_signatures(app: Sphinx, pagename: str, templatename: str, context: dict, _) -> None:
    """Sphinx sets a long signature as a list of definitions without terms: make it plain lines."""

    def plain(signature: re.Match) -> str:
        text = re.sub(r"<(dl|dd)>", r'<span class="\1">', signature[2])
        return signature[1] + re.sub(r"</(dl|dd)>", "</span>", text) + signature[3]

    if "body" in context:
        context["body"] = re.sub(
            r'(<dt class="sig [^>]*>)(.*?)(</dt>)', plain, context["body"], flags=re.DOTALL
        )
