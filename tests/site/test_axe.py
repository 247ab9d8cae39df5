"""axe finds nothing serious on any page, in light and in dark, wide and narrow."""

import pytest
from website import EXPLORER, pages

THEMES = ("light", "dark")

UNFOLD = """() => {
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const quiz of document.querySelectorAll(".initlab-quiz")) {
    const inputs = quiz.querySelectorAll("input");
    inputs[inputs.length - 1].click();
  }
}"""

# Less to look at, in a third of the time. Hidden frames axe passes over (their words have a test of
# their own); in code, words of one kind on one ground look alike: three of each are enough.
LIGHTEN = """() => {
  for (const frame of document.querySelectorAll(".frame[hidden]")) frame.remove();
  const seen = {};
  const words = [...document.querySelectorAll(".highlight span[class]")].filter(word => {
    const ground = getComputedStyle(word.closest(".highlight")).backgroundColor;
    const kind = `${word.className} ${ground} ${word.closest(".admonition")?.className}`;
    return (seen[kind] = (seen[kind] ?? 0) + 1) > 3;
  });
  for (const word of words) word.replaceWith(...word.childNodes);
}"""

AXE = """async where => {
  const { violations } = await axe.run(where || document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, help, nodes }) => nodes.map(
      ({ target, any }) => `${id} (${help}): ${target} ${any.map(a => a.message).join("; ")}`));
}"""


# Every page light and wide, dark and narrow; the other two ways on the first chapter, whose style
# sheets are those of all.
VISITS = [(path, *way) for path in pages() for way in (("light", 1280), ("dark", 390))]
VISITS += [("chapters/symmetry.html", *way) for way in (("light", 390), ("dark", 1280))]


@pytest.mark.parametrize(("path", "theme", "width"), VISITS)
def test_axe(visit, axe, path, theme, width):
    """With everything unfolded."""
    page = visit(path, theme=theme, width=width)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    page.evaluate(LIGHTEN)
    page.evaluate(axe)
    page.evaluate(UNFOLD)
    assert page.evaluate(AXE) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("menu", ["primary", "secondary"])
def test_axe_on_an_open_menu(visit, axe, theme, menu):
    """On a phone the list of chapters and the list of sections cover the page."""
    page = visit(pages(EXPLORER)[0], theme=theme, width=390)
    page.evaluate(LIGHTEN)
    page.evaluate(axe)
    sidebar = page.locator(f".bd-sidebar-{menu}")
    page.locator(f".{menu}-toggle").first.click()
    sidebar.locator("a").last.hover()
    assert sidebar.is_visible()
    assert page.evaluate(AXE, f".bd-sidebar-{menu}") == []


def test_axe_bites(visit, axe):
    page = visit("chapters/index.html")
    page.evaluate(axe)
    page.evaluate(
        "document.querySelector('article').insertAdjacentHTML('beforeend', "
        '\'<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><button></button>'
        '<p style="color:#bbb;background:#fff">pale</p>\')'
    )
    rules = {violation.split()[0] for violation in page.evaluate(AXE)}
    assert rules == {"image-alt", "button-name", "color-contrast"}
