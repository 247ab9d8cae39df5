"""How the book presents itself: emblem, cover picture, descriptions of pages, the page not found.

A local Sphinx extension. Nothing here is committed as a picture: ``initlab.emblem`` draws it.
"""

from __future__ import annotations

import re
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config

from initlab import emblem

SUBTITLE = "How neural networks begin"
SUMMARY = (
    "An executable book on how neural networks begin: what the first weights decide, "
    "settled by experiments small enough for a laptop."
)
EMBLEM, COVER = "emblem.svg", "cover.png"
LONGEST = 200  # characters of a description


def setup(app: Sphinx) -> dict[str, object]:
    """Connect the extension."""
    app.connect("config-inited", draw)
    app.connect("config-inited", offer_launches)
    app.connect("html-page-context", present)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def draw(app: Sphinx, config: Config) -> None:
    """Draw the emblem and the cover beside the site, for Sphinx to copy them with the rest."""
    folder = Path(app.outdir).parent / "drawn"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {
        EMBLEM: emblem.emblem_svg().encode(),
        COVER: emblem.cover_png(config.project, SUBTITLE),
    }.items():
        (folder / name).write_bytes(content)
    config.html_static_path.append(str(folder))
    config.html_favicon = str(folder / EMBLEM)


def offer_launches(app: Sphinx, config: Config) -> None:
    """Launch buttons need to know the repository: without ``repository: url`` there are none."""
    if not config.html_theme_options.get("repository_url"):
        config.html_theme_options.pop("repository_url", None)
        config.html_theme_options.pop("launch_buttons", None)


def present(app: Sphinx, pagename: str, templatename: str, context: dict, doctree) -> None:
    """Give every page a description, and where the site's address is known the cover's address."""
    context["description"] = describe(doctree) or SUMMARY
    context["emblem"] = context["pathto"](f"_static/{EMBLEM}", 1)
    address = app.config.html_baseurl.rstrip("/")
    context["cover"] = f"{address}/_static/{COVER}" if address else ""
    context["site_address"] = address


def describe(doctree: nodes.document | None) -> str:
    """The first paragraph of a page that is a sentence, cut at the end of a sentence or a word."""
    for paragraph in doctree.findall(nodes.paragraph) if doctree else ():
        if not isinstance(paragraph.parent, nodes.section):
            continue
        text = re.sub(r"\s+", " ", paragraph.astext()).strip()
        if "." in text or "?" in text:
            return shorten(text)
    return ""


def shorten(text: str, longest: int = LONGEST) -> str:
    """As many whole sentences as fit, at least one; a sentence that is too long ends in an …"""
    if len(text) <= longest:
        return text
    sentences = re.match(rf"(.{{1,{longest - 1}}}[.?!])\s", text)
    return sentences[1] if sentences else text[: longest - 2].rsplit(" ", 1)[0] + " …"
