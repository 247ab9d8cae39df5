"""The printed book: pages made ready for paper by themselves, then two chapters as a real PDF."""

import os
import re
import subprocess
import sys
from importlib import import_module

import pytest
from bs4 import BeautifulSoup
from helpers import ROOT, alone
from pypdf import PdfReader

from initlab import explorer as explorers
from initlab.quiz import Quiz
from initlab.style import new_figure

sys.path.insert(0, str(ROOT / "tools"))
pages = import_module("pdf_pages")
pdf = import_module("pdf")

SITE = ROOT / "_build" / "html"
CHAPTER, OTHER = "chapters/symmetry", "chapters/references"
PRINTED = {"chapters/a", "chapters/b-c"}
#: Words of buttons, folds and feedback that must not be on paper.
CONTROLS = ("Show the code", "Hide the code", "Show source", "Hide source", "Not so.", "Show cell")


def ready(body: str, page: str = "chapters/a"):
    """A page with this body, made ready for print."""
    source = (
        f'<nav>Menu</nav><article class="bd-article"><section id="top">{body}</section></article>'
    )
    return pages.chapter(source, page, PRINTED)


# ---------------------------------------------------------------- one page


def test_parts_keep_the_order_and_the_captions():
    toc = {
        "root": "index",
        "parts": [
            {"caption": "One", "chapters": [{"file": "a", "sections": [{"file": "a1"}]}]},
            {"chapters": [{"url": "https://example.org"}, {"file": "b"}]},
        ],
    }
    assert pages.parts(toc) == [("", ["index"]), ("One", ["a", "a1"]), ("", ["b"])]
    flat = {"root": "index", "chapters": [{"file": "a"}]}
    assert pages.parts(flat) == [("", ["index"]), ("", ["a"])]


def test_only_the_article_is_printed():
    assert ready("<h1>Title<a class='headerlink'>#</a></h1>").get_text() == "Title"


def test_an_explorer_keeps_its_first_frame_and_its_words(on_site, house_style):
    def draw(power=2):
        figure, ax = new_figure()
        ax.set_title(f"power {power}")
        return figure

    page = explorers.explorer(draw, caption="Powers of x.", power=[1, 2, 3])._repr_mimebundle_()
    source = BeautifulSoup(page["text/html"], "html.parser")
    assert len(source.find_all("svg")) == 3
    assert source.find("input")
    printed = ready(page["text/html"])
    assert not printed.find(["form", "input", "output", "label"])
    assert [svg.desc.get_text() for svg in printed.find_all("svg")] == ["power 2"]
    assert printed.select_one(".frame-words").get_text() == "power 2"
    assert printed.figcaption.get_text() == "Powers of x."


def test_a_question_becomes_a_list_and_its_answer_moves_to_the_end():
    options = {"Yes & <no>.": (False, "Wrong way."), "Yes.": (True, "Because <it> holds.")}
    quiz = Quiz("Is it so?", options)._repr_html_()
    printed = ready(f"<h1>T</h1><div>{quiz}</div><p>After.</p>")
    assert not printed.find(["form", "input", "style"])
    question = printed.select_one(".question")
    assert question.p.get_text() == "Question 1. Is it so?"
    assert [item.get_text() for item in question.find_all("li")] == ["Yes & <no>.", "Yes."]
    end = printed.find_all("section")[-1]
    assert [end.h2.get_text(), end.li.get_text()] == [
        "Answers",
        "Question 1: B. Because <it> holds.",
    ]
    assert "Wrong way." not in printed.get_text()


FOLDED = (
    '<div class="cell tag_hide-{kind}"><details class="hide"><summary>Show</summary>'
    '<div class="cell_input">{code}</div></details>{after}</div>'
)


def test_solutions_move_to_the_end_and_folded_code_stays_away():
    solution = FOLDED.format(kind="cell", code="SOLVED", after="")
    imports = FOLDED.format(kind="input", code="IMPORTS", after="")
    drawing = FOLDED.format(kind="input", code="DRAWS", after='<div class="cell_output">FIG</div>')
    printed = ready(
        f'<h1>T</h1>{imports}{drawing}<div class="exercise">E1</div>'
        f'<div class="solution">S1</div>{solution}<div class="exercise">E2</div>'
        f'<div class="solution">S2</div>{FOLDED.format(kind="cell", code="OTHER", after="")}'
        "<p>Then text.</p>"
    )
    assert printed.get_text() == "TFIGE1E2Then text.SolutionsS1SOLVEDS2OTHER"
    assert not printed.find(["details", "summary"])
    assert printed.find_all("section")[-1].h2["id"] == "a.top-solutions"
    plain = ready(f"<h1>T</h1><p>Text.</p>{solution}")
    assert plain.get_text() == "TText."  # no solution before it: folded code as any other


def test_ids_are_marked_and_links_lead_through_the_book():
    printed = ready(
        '<span id="here"></span><a href="#here">1</a><a href="b-c.html#x">2</a>'
        '<a href="b-c.html">3</a><a href="../_sources/a.ipynb">4</a><a href="gone.html">5</a>'
        '<a href="https://example.org/a.html#x">6</a><img src="../_images/i.png">'
        '<svg id="s"><use href="#s"></use></svg>'
    )
    assert printed["id"] == "a"
    assert printed.span["id"] == "a.here"
    links = [link["href"] for link in printed.find_all("a")]
    assert links == ["#a.here", "#b-c.x", "#b-c", "https://example.org/a.html#x"]
    assert printed.get_text() == "123456"
    assert printed.img["src"] == f"{pages.HERE}_images/i.png"
    assert (printed.svg["id"], printed.use["href"]) == ("s", "#s")


def test_links_to_a_section_lead_to_its_heading():
    """The section itself may begin on the page before."""
    printed = ready('<h1>T</h1><section id="s"><span id="l"></span><h2>Two</h2></section>')
    assert [printed.h1["id"], printed.h2["id"], printed.h2.span["id"]] == ["a.top", "a.s", "a.l"]
    assert pages.sections(printed) == [(printed.h2, "a.s")]
    assert [tag["id"] for tag in printed.find_all("section", id=True)] == []


def test_what_may_be_cut():
    def table(rows):
        return f"<table>{'<tr><td>1</td></tr>' * rows}</table>"

    printed = ready(f"<p>So:</p><p>So.</p>{table(pages.LONG)}{table(pages.LONG + 1)}")
    assert ["announces" in p.get("class", []) for p in printed.find_all("p")] == [True, False]
    assert ["long" in t.get("class", []) for t in printed.find_all("table")] == [False, True]
    shown = '<div class="cell"><pre>{}</pre><div class="cell_output">{}</div></div>'
    cells = [("a\n" * 9, table(9)), ("a\n" * 20, table(9)), ("a\n", "<svg></svg>")]
    printed = ready("".join(shown.format(*cell) for cell in cells))
    marked = ["short" in cell.get("class", []) for cell in printed.select(".cell")]
    assert marked == [True, False, False]


def test_running_heads_survive_quotes():
    printed = ready('<h1>A "title" with a \\</h1>')
    assert pdf.running_heads([printed]) == (
        '@page page-a { @top-right { content: "A \\"title\\" with a \\\\"; } }'
    )


# ---------------------------------------------------------------- two chapters, printed


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The PDF of one chapter and the references, made as a reader would, once for all workers."""
    if not (SITE / f"{CHAPTER}.html").is_file():
        pytest.fail(f"there is no website in {SITE}: run `make book` first", pytrace=False)
    base = tmp_path_factory.getbasetemp()
    path = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "pdf" / "book.pdf"
    command = [sys.executable, ROOT / "tools" / "pdf.py", "--output", path, CHAPTER, OTHER]
    with alone(path.parent):
        if not path.exists():
            done = subprocess.run(command, capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, done.stdout + done.stderr
    return PdfReader(path)


@pytest.fixture(scope="module")
def texts(printed):
    """The text of every page; the font has one glyph for the apostrophe and its modifier letter."""
    found = [page.extract_text().replace("\u02bc", "\u2019") for page in printed.pages]
    return [" ".join(text.split()) for text in found]


@pytest.fixture(scope="module")
def built():
    return BeautifulSoup((SITE / f"{CHAPTER}.html").read_text(encoding="utf-8"), "html.parser")


def flat(outline, depth=0):
    """(depth, entry) of every bookmark."""
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry, depth + 1)
        else:
            yield depth, entry


def test_bookmarks_are_the_headings(printed, built):
    titles = [(depth, entry.title) for depth, entry in flat(printed.outline)]
    for heading in built.select("article a.headerlink"):
        heading.decompose()
    headings = built.select("article :is(h1, h2)")
    expected = [(int(h.name[1]) - 1, pages.words(h)) for h in headings]
    *mine, last = [title for title in titles if title != (0, "References")]
    assert mine == expected
    assert last == (1, "Solutions and answers")


def test_contents_give_the_pages_of_the_bookmarks(printed, texts):
    listing = texts[2]
    assert listing.startswith("3 Contents")
    for _, entry in flat(printed.outline):
        page = printed.get_destination_page_number(entry) + 1
        assert re.search(rf"{re.escape(entry.title)} ?{page}\b", listing), entry.title
        assert entry.title in texts[page - 1]


def test_every_page_has_its_number_and_its_chapter(printed, texts):
    """Number and running head come first in the text of a page; the title page has neither."""
    starts = {
        printed.get_destination_page_number(entry) + 1: entry.title
        for depth, entry in flat(printed.outline)
        if depth == 0
    }
    assert not [text for text in texts[:2] if re.match(r"(.* )?[12]\b", text[:30])]
    head = ""
    for number, text in enumerate(texts[2:], start=3):
        head = f"{starts[number]} " if number in starts else head
        assert text.startswith(f"{head}{number} ")


def test_chapters_begin_on_a_page_of_their_own(printed, texts):
    for depth, entry in flat(printed.outline):
        if depth == 0:
            page = printed.get_destination_page_number(entry)
            height = float(printed.pages[page].mediabox.height)
            assert float(entry.top) > 0.85 * height
            assert entry.title in texts[page]


def test_formulas_are_typeset(texts, built):
    """The equations of back-propagation, by their number and by symbols of the formula font."""
    equation = built.select_one("[id='equation-eq-backward']")
    assert "\\frac{\\partial L}" in equation.get_text()
    number = re.search(r"\(\d+\.\d+\)", equation.get_text())[0]
    page = next(text for text in texts if f"So, with δ = ∂L/∂z, {number}" in text)
    assert page.count("∂") > 6
    everything = "".join(texts)
    assert not [source for source in ("\\frac", "\\partial", "\\delta") if source in everything]


def test_no_control_is_on_paper(printed, texts):
    assert "/AcroForm" not in printed.trailer["/Root"]
    everything = " ".join(texts)
    assert not [words for words in CONTROLS if words in everything]
    assert "Question 1." in everything
    assert "Question 1:" in everything


def test_links_lead_somewhere(printed):
    inside, outside = set(), set()
    for page in printed.pages:
        for annotation in page.get("/Annots", []):
            link = annotation.get_object()
            if "/Dest" in link:
                inside.add(link["/Dest"])
            elif "/A" in link:
                outside.add(link["/A"]["/URI"])
    assert len(inside) > 20
    assert inside <= set(printed.named_destinations)
    assert outside
    assert not [address for address in outside if "book.invalid" in address or "file:" in address]


def test_fonts_are_embedded(printed):
    names = set()
    for page in printed.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            font = font.get_object()
            inner = font["/DescendantFonts"][0] if "/DescendantFonts" in font else font
            inner = inner.get_object()
            if inner["/Subtype"] == "/Type3":  # formulas: every glyph is a drawing in the file
                assert inner["/CharProcs"]
                continue
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(inner["/FontDescriptor"])
            names.add(inner["/BaseFont"])
    for family in ("SourceSerif4", "SourceSans3", "SourceCodePro"):
        assert [name for name in names if family in name], family


def test_the_file_says_what_it_is(printed):
    root = printed.trailer["/Root"]
    assert printed.metadata.title == pdf.CONFIG["title"]
    assert printed.metadata.author == pdf.CONFIG["author"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/PageMode"] == "/UseOutlines"


def test_the_length_is_that_of_its_text(texts, benchmark):
    words = sum(len(text.split()) for text in texts)
    benchmark(
        "pages of one printed chapter", f"{len(texts)}, {words / len(texts):.0f} words a page"
    )
    assert 100 < words / len(texts) < 500
    assert min(len(text.split()) for text in texts[3:]) > 20, "a page is nearly empty"


def test_an_unknown_page_is_refused(tmp_path):
    command = [sys.executable, ROOT / "tools" / "pdf.py", "--output", tmp_path / "x.pdf", "no/page"]
    process = subprocess.run(command, capture_output=True, text=True)
    assert process.returncode == 1
    assert "not in _toc.yml: no/page" in process.stderr
