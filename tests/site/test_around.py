"""What stands around the chapters: cover, lists, package, the page not found, print."""

import re
from io import BytesIO
from urllib.parse import unquote
from zipfile import ZipFile

import nbformat
import pytest
from banks import MASTERS, secrets
from helpers import PACKAGE, ROOT
from website import EXPLORER, SITE, html, pages, soup

from initlab.grading.assignment import Assignment

CHAPTERS = pages('rel="next"') and [p for p in pages() if p.startswith("chapters/")]
COVER, INDEX = "chapters/index.html", "chapters/experiments.html"
ASSIGNMENTS = "chapters/assignments.html"

# ---------------------------------------------------------------- the cover


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (1440, 900)])
def test_the_cover_fits_one_screen(visit, width, height):
    """Title, explorer and three doors, on a laptop, without scrolling."""
    page = visit(COVER, width=width)
    page.set_viewport_size({"width": width, "height": height})
    parts = [page.locator("h1").first, page.locator(".initlab-explorer")]
    parts += page.locator(".doors li").all()
    assert len(parts) == 5
    for part in parts:
        box = part.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height
        assert box["x"] + box["width"] <= width


def test_on_a_phone_the_explorer_begins_on_the_first_screen(visit):
    page = visit(COVER, width=390)
    controls = page.locator(".initlab-explorer form").bounding_box()
    assert controls["y"] + controls["height"] < 844 * 0.75
    doors = page.locator(".doors a")
    assert [door.inner_text() for door in doors.all()] == ["Read", "Run", "Teach"]


def test_the_cover_lists_every_chapter_that_is_there():
    listed = {a["href"].split("#")[0] for a in soup(COVER).select("ol.chapters a")}
    notebooks = {path.stem for path in (ROOT / "chapters").glob("*.ipynb")}
    # The cover itself, a guide for instructors, and a measurement of the package.
    notebooks -= {"index", "grading", "speed"}
    assert listed == {f"{name}.html" for name in notebooks}


# ---------------------------------------------------------------- lists


def test_the_index_lists_every_experiment():
    """Counted from the pages and the notebooks, not by what made the index."""
    links = {a["href"] for a in soup(INDEX).select("article a[href]")}
    wanted = set()
    for path in pages(EXPLORER):
        if path == COVER:
            continue
        name, page = path.removeprefix("chapters/"), soup(path)
        wanted |= {f"{name}#{e['id']}" for e in page.select(".initlab-explorer")}
        wanted |= {f"{name}#{e['id']}" for e in page.select("div.exercise[id]")}
        wanted |= {f"{name}#{e['id']}" for e in page.select("figure[id^=fig-]")}
        source = ROOT / "chapters" / name.replace(".html", ".ipynb")
        for cell in nbformat.read(source, as_version=4).cells:
            if "name" in cell.metadata:
                wanted.add(f"{name}#{cell.metadata.name}")
    assert len(wanted) > 8
    assert wanted <= links


def test_the_package_page_has_every_module_and_public_name():
    page = soup("chapters/api.html")
    ids = {tag["id"] for tag in page.select("[id]")}
    modules = {p.stem for p in PACKAGE.glob("*.py") if not p.stem.startswith("_")}
    assert {f"module-initlab.{name}" for name in modules} <= ids
    for name in modules:
        source = (PACKAGE / f"{name}.py").read_text(encoding="utf-8")
        public = re.findall(r"^(?:def|class) ([a-zA-Z]\w*)", source, re.M)
        assert {f"initlab.{name}.{item}" for item in public} <= ids


def is_head(entry) -> bool:
    before = entry.find_previous_sibling()
    return before is None or before.name != "dt"


def test_the_glossary_defines_its_words_once():
    entries = soup("chapters/glossary.html").select("dl.glossary dt")
    terms = [entry.get_text(strip=True).rstrip("#") for entry in entries]
    assert len(terms) >= 35
    assert len(set(terms)) == len(terms)
    # Synonyms share an entry, below the first of them.
    heads = [t for t, dt in zip(terms, entries, strict=True) if is_head(dt)]
    assert heads == sorted(heads, key=str.lower)


def test_every_word_of_the_glossary_is_linked_from_a_chapter():
    words = {entry["id"] for entry in soup("chapters/glossary.html").select("dl.glossary dt[id]")}
    chapters = [path for path in CHAPTERS if path != "chapters/glossary.html"]
    links = {link["href"] for path in chapters for link in soup(path).select("a[href]")}
    assert words <= {link.partition("#")[2] for link in links if "glossary.html#" in link}


# ---------------------------------------------------------------- the assignments


def downloads() -> dict[str, bytes]:
    """What the page of the assignments offers, by the names of the files."""
    found = {}
    for link in soup(ASSIGNMENTS).select("article a.download"):
        path = (SITE / ASSIGNMENTS).parent / unquote(link["href"])
        found[path.name] = path.read_bytes()
    return found


@pytest.mark.parametrize("master", MASTERS, ids=lambda master: master.parent.name)
def test_an_assignment_can_be_downloaded_and_holds_no_solution(master):
    slug, files = master.parent.name, downloads()
    key = ROOT / "_build" / "assignments" / slug / "key"
    assignment = Assignment.load(key)
    with ZipFile(BytesIO(files[f"{slug}.zip"])) as archive:
        packed = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    assert packed[f"{slug}.ipynb"] == files[f"{slug}.ipynb"]
    assert packed["requirements-student.txt"] == files["requirements-student.txt"]
    assert {file.name for file in assignment.files} <= set(files)
    notebook = nbformat.reads(files[f"{slug}.ipynb"].decode(), as_version=4)
    nbformat.validate(notebook)
    tests = {
        q.name: (key / "tests" / f"{q.name}.py").read_text("utf-8") for q in assignment.questions
    }
    lines = secrets(assignment, tests, master.read_text(encoding="utf-8"))
    assert len(lines) > 30
    sources = [cell.source for cell in notebook.cells]
    shown = "\n".join([*sources, *notebook.metadata["otter"]["tests"].values()])
    assert [line for line in lines if line in shown] == []


@pytest.mark.parametrize("master", MASTERS, ids=lambda master: master.parent.name)
def test_the_page_has_every_question_with_its_points(master):
    slug = master.parent.name
    assignment = Assignment.load(ROOT / "_build" / "assignments" / slug / "key")
    section = soup(ASSIGNMENTS).find("section", id=slug)
    assert section.find("h2").get_text().rstrip("#") == assignment.title
    rows = [
        [cell.get_text(strip=True) for cell in row.select("td")] for row in section.select("tr")
    ]
    wanted = [[str(number), question.title, f"{question.points:g}"]
              for number, question in enumerate(assignment.questions, start=1)]  # fmt: skip
    assert rows == [[], *wanted, ["", "all", "100"]]


def test_the_site_holds_no_key():
    """Neither a master nor a bank, a test of the grader or a solution, wherever one may lie."""
    names = {path.name for path in SITE.rglob("*")}
    kept = {"master.py", "bank.toml", "assignment.json", "class.toml", "q1.py"}
    assert not names & kept
    solution = "kinds.append(unit)"
    assert solution in (ROOT / "assignments/break-the-symmetry/master.py").read_text("utf-8")
    texts = [path for path in SITE.rglob("*") if path.suffix in (".html", ".ipynb", ".js", ".txt")]
    assert not [path for path in texts if solution in path.read_text("utf-8", errors="replace")]


# ---------------------------------------------------------------- what others show of it


@pytest.mark.parametrize("path", CHAPTERS)
def test_every_page_describes_itself(path):
    page = soup(path)
    meta = {
        tag.get("name") or tag.get("property"): tag["content"]
        for tag in page.select("meta[content]")
    }
    assert meta["og:title"] and "<" not in meta["og:title"]
    assert meta["description"] == meta["og:description"]
    assert 40 <= len(meta["description"]) <= 200
    # A picture needs a whole address, which only an adopter knows.
    assert "og:image" not in meta or meta["og:image"].startswith("https://")


def test_emblem_and_cover_are_in_the_site():
    assert (SITE / "_static" / "emblem.svg").is_file()
    assert (SITE / "_static" / "cover.png").is_file()
    icon = soup(COVER).select_one("link[rel~=icon]")["href"]
    assert icon.endswith("_static/emblem.svg")


def test_no_launch_buttons_without_a_repository():
    assert not [path for path in pages() if "mybinder" in html(path) and "running" not in path]


# ---------------------------------------------------------------- the page not found


@pytest.mark.parametrize("missing", ["nothing.html", "chapters/nothing.html", "a/b/c/nothing"])
def test_a_missing_page_leads_back_from_any_depth(visit, complaints, missing):
    page = visit(missing)
    assert "not in the book" in page.locator("h1").inner_text()
    page.wait_for_function("document.querySelector('base')")
    page.locator("nav a", has_text="References").click()
    page.wait_for_url("**/chapters/references.html")
    page.wait_for_load_state("networkidle")
    page.go_back()
    page.wait_for_function("document.querySelector('base')")
    page.locator("input[type=search]").fill("zero")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=zero")
    page.wait_for_load_state("networkidle")
    # It was missing, and so was the first page in each folder that is not the root.
    expected = re.compile(r"404|failed: .*/chapters/index\.html \(net::ERR_ABORTED\)")
    assert not [heard for heard in complaints if not expected.search(heard)]
    complaints.clear()


def test_the_missing_page_works_from_a_folder(visit, site):
    page = visit("404.html")
    page.locator("main > p a").click()
    page.wait_for_url("**/chapters/index.html")


# ---------------------------------------------------------------- print

VISIBLE = """selector => [...document.querySelectorAll(selector)]
  .filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 100))"""
GONE = ".bd-sidebar, .bd-header-article, .prev-next-area, .bd-article form:not(:has(.initlab-quiz))"


@pytest.mark.parametrize("path", pages(EXPLORER))
def test_print_shows_pictures_and_hides_controls(visit, path):
    page = visit(path, theme="dark", formulas=False)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(VISIBLE, GONE) == []
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    for explorer in page.locator(".initlab-explorer").all():
        frames = [f for f in explorer.locator(".frame").all() if f.is_visible()]
        assert len(frames) == 1
    assert page.locator("h1").first.is_visible()
    assert not page.locator("article details:not([open])").count()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_printed_links_say_where_they_lead(visit):
    page = visit("chapters/references.html")
    page.emulate_media(media="print")
    contents = page.evaluate(
        "[...document.querySelectorAll('article a[href^=http]')]"
        ".map(a => [a.href, getComputedStyle(a, '::after').content])"
    )
    assert contents
    assert all(href.rstrip("/") in content for href, content in contents)
