"""Every page loads, alone on a machine without a network, and loads little."""

import re

import pytest
from auditing import faults, unfold
from helpers import ROOT
from website import EXPLORER, TEXTUAL, html, pages, soup

KINDS = {"document": "html", "stylesheet": "css", "script": "js", "font": "fonts"}
COLUMNS = ["html", "css", "js", "fonts", "other", "total"]
BUDGET_PLAIN, BUDGET_EXPLORERS = 0.8e6, 1.0e6

# How far to the right the page reaches, and what is there. A wide box may scroll by itself: what
# it holds is not too wide for the page.
REACH = """() => {
  const { scrollWidth, clientWidth } = document.scrollingElement;
  const clips = element => getComputedStyle(element).overflowX !== "visible";
  const inBox = e => e !== document.body && (clips(e) || inBox(e.parentElement));
  const far = [...document.body.querySelectorAll("*")].filter(e => e.checkVisibility() &&
    e.getBoundingClientRect().right > clientWidth + 0.1 && !inBox(e.parentElement));
  return [scrollWidth, far.map(e => e.cloneNode().outerHTML).slice(0, 8)];
}"""


@pytest.mark.parametrize("path", pages())
def test_on_a_desk(visit, benchmark, path):
    """Wide and light, a first visit: nothing fails, little is loaded, and axe has no complaint.

    Axe looks at the end of the page, where it also sees the link to the text that Tab brings up.

    The fixture fails the test for a failed or foreign request, an error or a warning. The transfer
    is what a reader's browser receives, gzipped, until everything was seen once.
    """
    requests = []
    page = visit(path, watch=requests.append)
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.locator("h1").first.inner_text().strip()
    unfold(page)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.wait_for_load_state("networkidle")
    received = weigh(requests)
    row = "  ".join(f"{kind} {received[kind] / 1e3:6.1f}" for kind in COLUMNS)
    benchmark(f"transfer in kB, gzipped, {path:26}", row)
    budget = BUDGET_EXPLORERS if EXPLORER in html(path) else BUDGET_PLAIN
    assert received["html"] > 0
    assert received["total"] <= budget, row
    assert faults(page) == []


def weigh(requests) -> dict[str, int]:
    """Bytes received, by kind and in total."""
    received = dict.fromkeys(COLUMNS, 0)
    for request in requests:
        if not request.url.startswith("data:"):
            size = request.sizes()["responseBodySize"]
            received[KINDS.get(request.resource_type, "other")] += size
            received["total"] += size
    return received


@pytest.mark.parametrize("path", pages())
def test_on_a_phone(visit, path):
    """Narrow and dark: the page does not scroll sideways; at its end axe has no complaint."""
    page = visit(path, theme="dark", width=320)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    for unfolded in (False, True):
        if unfolded:
            unfold(page)
        for width in (320, 390):
            page.set_viewport_size({"width": width, "height": 844})
            reach, culprits = page.evaluate(REACH)
            assert reach <= width, f"{reach} px, perhaps because of {culprits}"
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert faults(page) == []


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("console.warn('low on ink')", "warning: low on ink"),
        ("console.error('out of ink')", "error: out of ink"),
        ("setTimeout(() => { throw Error('torn') })", "uncaught: .*torn"),
        ("fetch('missing.css')", "404: .*missing.css"),
        ("fetch('http://example.org/').catch(() => 0)", "request to http://example.org/"),
        ("fetch('http://192.0.2.1/').catch(() => 0)", "failed: http://192.0.2.1/"),
    ],
)
def test_complaints_are_heard(visit, complaints, script, complaint):
    page = visit("genindex.html")
    page.evaluate(f"() => {{ {script} }}")
    page.wait_for_timeout(200)
    assert any(re.fullmatch(f"{complaint}.*", heard) for heard in complaints), complaints
    complaints.clear()


def test_root_leads_to_the_first_page(visit):
    assert visit("index.html").url.endswith("chapters/index.html")


def test_search_finds_and_quotes(visit):
    page = visit("search.html?q=symmetry")
    found = page.locator("#search-results li")
    found.first.wait_for()
    page.wait_for_load_state("networkidle")
    assert "symmetry" in found.first.inner_text().lower()
    found.first.locator("a").first.click()
    assert "chapters/" in page.url


@pytest.mark.parametrize("path", pages("search-button")[:3])
def test_search_opens_by_keyboard(visit, path):
    page = visit(path, formulas=False)
    page.keyboard.press("Control+k")
    page.keyboard.type("zero")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/search\.html\?q=zero"))
    page.wait_for_load_state("networkidle")


def test_theme_button_changes_and_remembers(visit):
    page = visit("chapters/index.html")
    button, seen = page.locator(".theme-switch-button").first, []
    for _ in range(3):
        button.click()
        seen.append(page.evaluate("document.documentElement.dataset.mode"))
    assert sorted(seen) == ["auto", "dark", "light"]
    while page.evaluate("document.documentElement.dataset.mode") != "dark":
        button.click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_nothing_of_the_building_machine_leaks(site):
    """No path of the repository, no temporary file of a kernel, no variable of the build."""
    root = re.escape(str(ROOT))
    traces = re.compile(rf"(?<![\w.:/-]){root}(?![\w-])|ipykernel_\d|INITLAB_\w+")
    leaks = [
        f"{path.relative_to(site)}: {found[0]}"
        for path in sorted(site.rglob("*"))
        if path.suffix in TEXTUAL
        and path.is_file()
        and (found := traces.search(path.read_text(encoding="utf-8", errors="replace")))
    ]
    assert not leaks


@pytest.mark.parametrize("path", pages())
def test_page_names_no_foreign_script_style_or_picture(site, path):
    tags = soup(path).select("script[src], link[href], img[src], iframe[src], source[src]")
    foreign = [
        str(tag)
        for tag in tags
        if re.match(r"(https?:)?//", tag.get("src") or tag.get("href"))
        and tag.get("rel") != ["canonical"]
    ]
    assert not foreign


FOLLOWING = """() => [...document.querySelectorAll("details.solution")].flatMap(solution => {
  const cells = [];
  for (let e = solution; (e = e.nextElementSibling)?.matches(".cell");) cells.push(e);
  return cells.flatMap(cell => [...cell.querySelectorAll(".highlight, .output")])
    .filter(part => part.checkVisibility()).map(part => part.innerText.slice(0, 80));
})"""


@pytest.mark.parametrize("path", pages('class="exercise'))
def test_solutions_and_their_cells_are_folded(visit, path):
    page = visit(path, formulas=False)
    exercises = page.locator("div.exercise").count()
    solutions = page.locator("details.solution")
    assert solutions.count() == exercises
    for solution in solutions.all():
        content = solution.locator(".admonition-content")
        assert not content.is_visible()
        solution.locator("summary").focus()
        page.keyboard.press("Enter")
        assert content.is_visible()
        assert content.inner_text().strip()
    # A cell may stand in its solution or right behind it: folded, too.
    assert page.evaluate(FOLLOWING) == []
