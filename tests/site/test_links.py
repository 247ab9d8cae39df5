"""Every link inside the site leads somewhere, and every anchor is there."""

from functools import cache
from urllib.parse import unquote, urlsplit

import pytest
from website import SITE, pages, soup

REFERENCES = {"href": "[href]", "src": "[src]", "action": "form[action]", "data": "object[data]"}


@cache
def anchors(page: str) -> set[str]:
    tags = soup(page).select("[id], a[name]")
    return {tag.get("id") or tag.get("name") for tag in tags}


def dead(page: str, target: str) -> str | None:
    """Why a reference on a page leads nowhere; None if it leads somewhere, or elsewhere."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return None
    path = (SITE / page).parent / unquote(parts.path) if parts.path else SITE / page
    if path.is_dir():
        path /= "index.html"
    if not path.is_file():
        return f"{target}: no such file"
    if not path.resolve().is_relative_to(SITE):
        return f"{target}: outside the site"
    fragment = unquote(parts.fragment)
    name = path.resolve().relative_to(SITE).as_posix()
    if fragment and path.suffix == ".html" and fragment not in anchors(name):
        return f"{target}: no such anchor"
    return None


@pytest.mark.parametrize("path", pages())
def test_no_dead_link(site, path):
    found = [
        problem
        for attribute, selector in REFERENCES.items()
        for tag in soup(path).select(selector)
        if (problem := dead(path, tag[attribute]))
    ]
    assert not found


@pytest.mark.parametrize("path", pages())
def test_no_reference_was_left_unresolved(site, path):
    """Roles and labels that nothing answered end up in the text as they were written."""
    article = soup(path).select_one("article") or soup(path)
    text = article.get_text(" ")
    for trace in ("{ref}`", "{eq}`", "{cite", "{numref}`", "???", "(eq-", "(sec-", "[@"):
        assert trace not in text
    assert not article.select(".problematic, .system-message, .system_message")


def test_every_page_can_be_reached(site):
    """From the first page by links alone; pages that only scripts lead to stand aside."""
    seen, todo = set(), ["chapters/index.html"]
    while todo:
        page = todo.pop()
        if page in seen:
            continue
        seen.add(page)
        for tag in soup(page).select("a[href], form[action]"):
            parts = urlsplit(tag.get("href") or tag.get("action"))
            target = ((SITE / page).parent / parts.path).resolve()
            if not parts.netloc and target.suffix == ".html" and target.is_file():
                todo.append(target.relative_to(SITE).as_posix())
    assert set(pages()) - seen <= {"index.html", "genindex.html", "404.html", "py-modindex.html"}
