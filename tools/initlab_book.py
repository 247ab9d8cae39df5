"""The book's own Sphinx extension, loaded by ``_config.yml``.

It lets a bare ``jupyter-book build .`` make the living page: kernels are told to draw every frame
of every explorer, cached outputs are never older than the code they came from, and pages load no
script or style sheet that the book does not use.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

# What other extensions put on every page: a piece of a file's name or of an inline script, and the
# text of a page that needs it (None: no page of this book does).
ASSETS = {
    "sphinx-thebe.css": None,
    "sphinx-thebe.js": None,
    "THEBE_JS_URL": None,
    "sphinx-book-theme.js": None,  # assets/book.js does its work
    "sphinx-design.min.css": 'class="sd-',
    "design-tabs.js": 'class="sd-tab-set',
    "mystnb.": 'class="cell',
    "mathjax/startup.js": "math notranslate",
    "window.MathJax": "math notranslate",
    "exercise.css": 'class="exercise',
    "clipboard.min.js": 'class="highlight',
    "copybutton.js": 'class="highlight',
    "copybutton.css": 'class="highlight',
    "togglebutton.css": None,  # assets/book.js makes <details> of dropdowns
    "togglebutton.js": None,
    "toggleHint": None,
    "toggleOpenOnPrint": None,
    "togglebuttonSelector": None,
    "initlab-lab.js": 'class="initlab-lab"',
    "lab.css": 'class="initlab-lab"',
}


def setup(app: Sphinx) -> dict[str, object]:
    """Connect the extension; notebook kernels inherit the environment set here."""
    os.environ["INITLAB_SITE"] = "1"
    if sys.stderr.isatty():
        os.environ["INITLAB_PROGRESS"] = os.ttyname(sys.stderr.fileno())
    app.connect("config-inited", require_front_end)
    app.add_config_value("initlab_look", "", "html")
    app.connect("config-inited", name_cache_by_code)
    app.connect("config-inited", notice_new_look)
    app.connect("doctree-read", anchor_named_cells)
    app.connect("doctree-resolved", drop_repeated_ids)
    app.connect("html-page-context", mend_labels, priority=900)
    app.connect("html-page-context", drop_unused_assets, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def require_front_end(app: Sphinx, config: Config) -> None:
    """Stop early and clearly when MathJax has not been copied yet."""
    if not (Path(app.srcdir) / "vendor" / "mathjax").is_dir():
        raise ExtensionError(
            "vendor/mathjax is missing: run `make book` once (it fetches MathJax by npm), "
            "or `npm ci` and then `python tools/frontend.py`"
        )


def name_cache_by_code(app: Sphinx, config: Config) -> None:
    """Keep the outputs of notebooks in a folder named by the code that made them.

    jupyter-cache compares only the notebook's own cells. A new folder name makes it run every
    notebook again, and makes Sphinx read every page again, since the name is part of its
    environment.
    """
    caches = Path(app.outdir).parent / ".jupyter_cache"
    current = caches / code_digest(Path(app.srcdir))
    for old in caches.glob("*"):
        if old.is_dir() and old != current:
            shutil.rmtree(old)
    current.mkdir(parents=True, exist_ok=True)
    config.nb_execution_cache_path = str(current)


def notice_new_look(app: Sphinx, config: Config) -> None:
    """Write every page again when a style sheet, script or template has changed.

    Sphinx copies them only when it writes a page, so that a new style sheet alone would not arrive.
    """
    root = Path(app.srcdir)
    config.initlab_look = digest(root, *files(root / "assets"), *files(root / "templates"))


def code_digest(root: Path) -> str:
    """Hash what decides the outputs of a notebook, apart from its own cells."""
    chapters = (root / "chapters").iterdir()
    data = sorted(path for path in chapters if path.suffix in (".json", ".jsonl", ".toml"))
    folders = [root / "code" / "initlab", root / "assignments"]
    made = root / "code" / "initlab" / "static"  # by tools/lab_bundle.mjs; no cell depends on it
    sources = [path for folder in folders for path in files(folder) if made not in path.parents]
    return digest(root, *sources, *data, root / "requirements.txt")


def files(folder: Path) -> list[Path]:
    """List the source files under a folder, in a fixed order."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc")


def digest(root: Path, *paths: Path) -> str:
    """Hash the names and contents of files, together with this extension and Python's version."""
    total = hashlib.sha256(repr(sys.version_info[:2]).encode())
    for path in (*paths, Path(__file__)):
        total.update(os.path.relpath(path, root).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]


def anchor_named_cells(app: Sphinx, doctree: nodes.document) -> None:
    """Let a link lead to one cell: ``page#name``, with the ``name`` of the cell's metadata."""
    for cell in doctree.findall(nodes.container):
        name = cell.get("cell_metadata", {}).get("name")
        if name:
            cell["ids"].append(name)
            standard = app.env.get_domain("std")
            standard.note_hyperlink_target(name, app.env.docname, name, name)


def drop_repeated_ids(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Exercises and solutions all call their content by one id, which must be unique."""
    for section in doctree.findall(nodes.section):
        if section["ids"] in (["exercise-content"], ["solution-content"]):
            section["ids"] = []


def mend_labels(app: Sphinx, pagename: str, templatename: str, context: dict, _) -> None:
    """Correct what other extensions tell screen readers."""
    if "body" in context:
        context["body"] = (
            context["body"]
            # It would hide the visible words, "Show source".
            .replace('<summary aria-label="Toggle hidden content">', "<summary>")
            # No longer a role; the entries stand in a list.
            .replace('role="doc-biblioentry"', 'role="listitem"')
        )


def drop_unused_assets(app: Sphinx, pagename: str, templatename: str, context: dict, _) -> None:
    """Leave on a page only the scripts and style sheets that its own text needs."""
    text = context.get("body", "")

    def is_needed(asset: object) -> bool:
        name = str(getattr(asset, "filename", None) or "")
        inline = getattr(asset, "attributes", {}).get("body") or ""
        for key, sign in ASSETS.items():
            if key in name or key in inline:
                return sign is not None and sign in text
        return True

    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context.get(kind, []) if is_needed(asset)]
