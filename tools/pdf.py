"""Print the built site as one book: _build/pdf/before-the-first-step.pdf.

    python tools/pdf.py [--output FILE] [PAGE ...]     default: every page of _toc.yml, in its order

The pages that ``make book`` built are made ready for paper (``pdf_pages.py``), put one after the
other into a frame (``pdf.html``, ``pdf.css``), and printed by Chromium. They are printed twice: the
first copy tells on which page each section stands, the second has these numbers in its contents.
The browser sees the site and the fonts of ``node_modules``; nothing comes from the network.
"""

from __future__ import annotations

import argparse
import io
import logging
import mimetypes
import os
import shutil
import sys
import tomllib
from html import escape
from itertools import pairwise
from pathlib import Path
from random import Random
from string import Template
from urllib.parse import unquote, urlsplit

import yaml
from bs4 import Tag
from pdf_pages import HERE, chapter, parts, sections, words
from playwright.sync_api import Page, Route, sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import Fit

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
OUTPUT = ROOT / "_build" / "pdf" / "before-the-first-step.pdf"
CONFIG = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
SUBTITLE = "How neural networks begin"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FONTS = {
    "source-serif-4": ("400", "400-italic", "600", "600-italic", "700"),
    "source-sans-3": ("400", "400-italic", "600", "700"),
    "source-code-pro": ("400", "600"),
}
#: The parts of the book: their captions and their chapters.
Book = list[tuple[str, list[Tag]]]


# ---------------------------------------------------------------- the document


def read(site: Path, wanted: list[str]) -> Book:
    """The chapters of the built site, ready for print; an empty list wants all of them."""
    listed = parts(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8")))
    root = listed[0][1][0]
    if unknown := set(wanted) - {page for _, pages in listed for page in pages}:
        sys.exit(f"not in _toc.yml: {', '.join(sorted(unknown))}")
    if wanted:
        listed = [(caption, [p for p in pages if p in wanted]) for caption, pages in listed]
    printed = {page for _, pages in listed for page in pages}
    if missing := [page for page in sorted(printed) if not (site / f"{page}.html").is_file()]:
        sys.exit(f"{missing[0]}.html is not in {site}: run `make book` first")

    def ready(page: str) -> Tag:
        section = chapter((site / f"{page}.html").read_text(encoding="utf-8"), page, printed)
        if page == root:  # it has the name of the book, which stands on the title page
            section.h1.string = "To the reader"
        return section

    return [(caption, [ready(page) for page in pages]) for caption, pages in listed if pages]


def contents(book: Book) -> str:
    """The table of contents; :func:`render` writes the page numbers into it."""

    def line(target: str, heading: Tag) -> str:
        return (
            f'<a href="#{target}"><span class="words">{heading.decode_contents()}</span>'
            f'<span class="dots"></span><span class="number" data-of="{target}"></span></a>'
        )

    rows = []
    for caption, chapters in book:
        rows.append(f'<p class="part">{escape(caption)}</p>' if caption else "")
        for section in chapters:
            inner = "".join(f"<li>{line(target, h2)}</li>" for h2, target in sections(section))
            rows.append(f"<ol><li>{line(section['id'], section.h1)}<ol>{inner}</ol></li></ol>")
    return "\n".join(rows)


def running_heads(chapters: list[Tag]) -> str:
    """A named page for every chapter, with the chapter's title at its top."""
    rules = []
    for section in chapters:
        title = words(section.h1).replace("\\", "\\\\").replace('"', '\\"')
        name = section["style"].removeprefix("page: ")
        rules.append(f'@page {name} {{ @top-right {{ content: "{title}"; }} }}')
    return "\n".join(rules)


def ornament() -> str:
    """For the title page: a network before the first step, every weight drawn at random."""
    rng = Random(0)
    layers = [[(40 + 180 * layer, 20 + 40 * unit) for unit in range(6)] for layer in range(4)]
    lines = ""
    for below, above in pairwise(layers):
        for (x1, y1), (x2, y2) in ((start, end) for start in below for end in above):
            weight = rng.gauss(0, 1)
            size = min(abs(weight), 2)
            lines += (
                f'<path d="M{x1} {y1}L{x2} {y2}" class="{"plus" if weight > 0 else "minus"}" '
                f'stroke-width="{0.35 + 0.75 * size:.2f}" opacity="{0.12 + 0.37 * size:.2f}"/>'
            )
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="6"/>' for layer in layers for x, y in layer)
    label = "Four layers of six units; every weight between them is drawn at random"
    return f'<svg viewBox="30 10 560 220" role="img" aria-label="{label}">{lines}{dots}</svg>'


def assemble(book: Book, site: Path) -> str:
    """The whole book as one HTML document."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    chapters = [section for _, part in book for section in part]
    mystnb = next((path.name for path in (site / "_static").glob("mystnb.*.css")), "")
    own = ["pygments.css", "exercise.css", mystnb, "book.css", "explorer.css", "lab.css"]
    theme = ["styles/bootstrap.css", "styles/pydata-sphinx-theme.css"]
    sheets = [f"_static/{name}" for name in (*theme, *own) if name]
    sheets += [
        f"node_modules/@fontsource/{family}/{face}.css"
        for family, faces in FONTS.items()
        for face in faces
    ]
    plain = {
        "title": CONFIG["title"],
        "subtitle": SUBTITLE,
        "author": CONFIG["author"],
        "copyright": CONFIG["copyright"],
        "version": project["version"],
        "language": CONFIG["sphinx"]["config"]["language"],
    }
    return Template((ROOT / "tools" / "pdf.html").read_text(encoding="utf-8")).substitute(
        {name: escape(text) for name, text in plain.items()},
        styles="\n".join(
            f'<link rel="stylesheet" href="/{name}">' for name in (*sheets, "tools/pdf.css")
        ),
        heads=running_heads(chapters),
        ornament=ornament(),
        contents=contents(book),
        chapters="\n".join(map(str, chapters)),
    )


# ---------------------------------------------------------------- print

SETTLED = """async () => {
  await MathJax.startup.promise;
  for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
  await document.fonts.ready;
}"""
FILL = """numbers => {
  for (const place of document.querySelectorAll(".contents .number"))
    place.textContent = numbers[place.dataset.of] ?? "";
}"""


def chromium() -> str:
    """The browser's program."""
    names = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else CHROMIUM
    program = next(filter(None, map(shutil.which, names)), None)
    if not program:
        sys.exit(
            f"no Chromium: looked for {', '.join(names)}. Install it (on Debian: apt install "
            "chromium) or name it by the environment variable CHROMIUM."
        )
    return program


def serve(page: Page, document: str, site: Path) -> None:
    """Let the browser find the document, the site and the fonts; nothing else exists."""

    def answer(route: Route) -> None:
        address = route.request.url
        path = unquote(urlsplit(address).path).lstrip("/")
        inside = path.split("/")[0] in ("node_modules", "tools")
        file = (ROOT if inside else site) / path
        if address == f"{HERE}book.html":
            route.fulfill(body=document, content_type="text/html; charset=utf-8")
        elif address.startswith(HERE) and file.is_file():
            kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
            route.fulfill(body=file.read_bytes(), content_type=kind)
        else:
            route.abort()

    page.route("**/*", answer)


def places(pdf: bytes) -> dict[str, int]:
    """On which page, counted from 1, each target of a link stands."""
    reader = PdfReader(io.BytesIO(pdf))
    return {
        name.lstrip("/"): reader.get_destination_page_number(target) + 1
        for name, target in reader.named_destinations.items()
    }


def render(document: str, site: Path) -> bytes:
    """The PDF of the document, with page numbers in its table of contents."""
    problems = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        page = browser.new_page()
        page.set_default_timeout(300_000)
        page.on("requestfailed", lambda request: problems.append(f"not found: {request.url}"))
        page.on("pageerror", lambda error: problems.append(str(error)))
        serve(page, document, site)
        page.emulate_media(media="print", color_scheme="light")
        # Printed until the numbers in the contents are those of the pages; loaded again each time,
        # because Chromium breaks a page that it has printed before a little differently.
        numbers = {}
        for _ in range(4):
            page.goto(f"{HERE}book.html")
            page.evaluate(SETTLED)
            page.evaluate(FILL, numbers)
            pdf = page.pdf(print_background=True, prefer_css_page_size=True, tagged=True)
            found = places(pdf)
            if found == numbers:
                break
            numbers = found
        else:
            problems.append("the page numbers do not settle")
        browser.close()
    if problems:
        sys.exit("\n".join(["the book does not print:", *problems]))
    return pdf


def complete(pdf: bytes, book: Book) -> PdfWriter:
    """Add what Chromium leaves out: bookmarks, the author, how a reader should open the book."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    targets = {name.lstrip("/"): place for name, place in writer.named_destinations.items()}

    def bookmark(heading: Tag, target: str, parent=None):
        place = targets[target]
        return writer.add_outline_item(
            title=words(heading),
            page_number=writer.get_destination_page_number(place),
            parent=parent,
            fit=Fit.xyz(place.left, place.top, 0),
        )

    for section in (section for _, chapters in book for section in chapters):
        entry = bookmark(section.h1, section["id"])
        for heading, target in sections(section):
            bookmark(heading, target, entry)
    writer.add_metadata({"/Author": CONFIG["author"], "/Subject": SUBTITLE})
    writer.page_mode = "/UseOutlines"
    writer.create_viewer_preferences().display_doctitle = True
    return writer


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="such as chapters/symmetry")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--site", type=Path, default=SITE, help="the built site")
    arguments = parser.parse_args()
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it remarks on how Chromium counts objects
    book = read(arguments.site, arguments.pages)
    writer = complete(render(assemble(book, arguments.site), arguments.site), book)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    writer.write(arguments.output)
    print(f"{arguments.output}: {len(writer.pages)} pages")


if __name__ == "__main__":
    main()
