"""The lab on the site: where it is mounted, and what a visitor without scripts sees instead.

A local Sphinx extension. The lab itself is ``assets/lab/``, bundled by ``tools/lab_bundle.mjs``.

    {lab}           the place where the page's script puts it
    {lab-presets}   every preset: a drawing made from a run of it, its sentence, its links
"""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

from initlab.style import stylesheet

BUNDLE = Path("vendor") / "initlab-lab.js"
PICTURES = Path(__file__).with_name("lab_pictures.mjs")
WITHOUT_SCRIPTS = (
    "The lab needs scripts, which are switched off here. What its experiments show stands below, "
    "each with a picture."
)


def setup(app: Sphinx) -> dict[str, object]:
    """Connect the extension."""
    app.connect("config-inited", require_bundle)
    app.add_directive("lab", Lab)
    app.add_directive("lab-presets", Presets)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def require_bundle(app: Sphinx, config: Config) -> None:
    """Stop early and clearly when the lab has not been bundled yet."""
    if not (Path(app.srcdir) / BUNDLE).is_file():
        raise ExtensionError(
            f"{BUNDLE} is missing: run `make book` once (it bundles the lab), or `npm ci` and then "
            "`node tools/lab_bundle.mjs`"
        )


class Lab(SphinxDirective):
    """The element in which the lab is mounted, empty until then."""

    def run(self):
        source = (
            f"<style>{stylesheet()}</style>"
            f'<noscript><p class="lab-without">{WITHOUT_SCRIPTS}</p></noscript>'
            '<div class="initlab-lab"></div>'
        )
        return [nodes.raw("", source, format="html")]


class Presets(SphinxDirective):
    """The presets in their order; each has the anchor by which the chapters lead to it."""

    def run(self):
        for path in (Path(self.env.srcdir) / "assets" / "lab").glob("*.js"):
            self.env.note_dependency(str(path))
        self.env.note_dependency(str(PICTURES))
        cards = "".join(map(card, pictures()))
        return [nodes.raw("", f'<div class="lab-presets">{cards}</div>', format="html")]


def pictures() -> list[dict]:
    """What ``tools/lab_pictures.mjs`` makes of each preset, by running it."""
    # Node comes as a wheel and stands beside Python, also where the shell does not look there.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    node = shutil.which("node", path=path)
    if node is None:
        raise ExtensionError("there is no node: run `make book`, which installs it")
    done = subprocess.run([node, PICTURES], capture_output=True, text=True)
    if done.returncode:
        raise ExtensionError(f"the pictures of the lab cannot be drawn:\n{done.stderr}")
    return json.loads(done.stdout)


def card(preset: dict) -> str:
    """One preset as HTML: drawing, title, sentence, links."""
    name = preset["name"]
    page, section = preset["chapter"].split("#")
    title, sentence, words = (html.escape(preset[key]) for key in ("title", "sentence", "words"))
    return (
        f'<div class="lab-preset" id="preset={name}">'
        f'<svg viewBox="{preset["box"]}" role="img" aria-labelledby="{name}-t" '
        f'aria-describedby="{name}-d"><title id="{name}-t">{title}</title>'
        f'<desc id="{name}-d">{words}</desc>{preset["drawing"]}</svg>'
        f"<h3>{title}</h3><p>{sentence}</p>"
        f'<p class="lab-links"><a href="#preset={name}">Open in the lab'
        f'<span class="lab-hidden">: {title}</span></a> '
        f'<a href="{page}.html#{section}">In the chapter'
        f'<span class="lab-hidden">: {title}</span></a></p></div>'
    )
