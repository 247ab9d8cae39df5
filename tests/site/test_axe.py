"""What axe finds beyond the two visits of every page in test_pages.py; and that it bites."""

import pytest
from auditing import LIGHTEN, faults, unfold
from website import EXPLORER, pages

THEMES = ("light", "dark")


# Every page is visited light and wide, and dark and narrow; the other two ways are those of the
# first chapter, whose style sheets are those of all.
@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1280)])
def test_axe_the_other_way_around(visit, theme, width):
    page = visit("chapters/symmetry.html", theme=theme, width=width)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    unfold(page)
    assert faults(page) == []


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("menu", ["primary", "secondary"])
def test_axe_on_an_open_menu(visit, theme, menu):
    """On a phone the list of chapters and the list of sections cover the page."""
    page = visit(pages(EXPLORER)[0], theme=theme, width=390)
    page.evaluate(LIGHTEN)
    sidebar = page.locator(f".bd-sidebar-{menu}")
    page.locator(f".{menu}-toggle").first.click()
    sidebar.locator("a").last.hover()
    assert sidebar.is_visible()
    assert faults(page, f".bd-sidebar-{menu}") == []


def test_axe_bites(visit):
    page = visit("chapters/index.html")
    page.evaluate(
        "document.querySelector('article').insertAdjacentHTML('beforeend', "
        '\'<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><button></button>'
        '<p style="color:#bbb;background:#fff">pale</p>\')'
    )
    rules = {violation.split()[0] for violation in faults(page)}
    assert rules == {"image-alt", "button-name", "color-contrast"}
