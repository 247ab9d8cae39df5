"""From a page of the built site to a chapter on paper: what needs a reader's hand becomes text.

An explorer keeps its first frame, a question its options; solutions and answers move to the end of
their chapter; ids become unique in the whole book, and links between pages lead to them. Pictures
are left alone: the package marks their ids itself.
"""

from __future__ import annotations

import re
from string import ascii_uppercase
from urllib.parse import unquote, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

HERE = "http://book.invalid/"  # where the browser finds the site; never looked up
LONG = 12  # rows: a longer table may be cut, and so may a cell that is twice as long
UNUSED = (
    "a.headerlink, script, noscript, button, .toctree-wrapper, .frame[hidden], "
    ".initlab-explorer form, .initlab-lab, .lab-links a[href^='#preset']"
)


def parts(toc: dict) -> list[tuple[str, list[str]]]:
    """Captions with their pages, from the contents of Jupyter Book; the root page has none."""

    def pages(entries: list[dict]) -> list[str]:
        names = []
        for entry in entries:
            names += [entry["file"]] if "file" in entry else []
            names += pages(entry.get("sections", []))
        return names

    listed = toc.get("parts") or [{"chapters": toc.get("chapters", [])}]
    named = [(part.get("caption", ""), pages(part["chapters"])) for part in listed]
    return [("", [toc["root"]]), *named]


def slug(page: str) -> str:
    """What marks the ids of a page: ``chapters/bias-only`` gives ``bias-only``."""
    return re.sub(r"[^\w-]", "-", page.removeprefix("chapters/"))


def words(heading: Tag) -> str:
    """The text of a heading on one line."""
    return " ".join(heading.get_text().split())


def sections(chapter: Tag) -> list[tuple[Tag, str]]:
    """The headings of a chapter's sections, each with the id that leads to it."""
    return [(heading, heading["id"]) for heading in chapter.find_all("h2")]


def chapter(source: str, page: str, printed: set[str]) -> Tag:
    """The article of a built page, ready for print; ``printed`` are the pages of the book."""
    soup = BeautifulSoup(source, "html.parser")
    article = soup.select_one("article.bd-article").extract()
    for tag in article.select(UNUSED):
        tag.decompose()
    lead_links(article, page, printed)
    answers = print_questions(article)
    move_to_end(soup, article, take_solutions(article), answers)
    for folded in article.select("details.hide"):
        folded.decompose()
    for cell in article.select("div.cell"):
        if not cell.get_text(strip=True) and not cell.find(["img", "svg"]):
            cell.decompose()
    name_headings(article)
    mark_breaks(article)
    style = f"page: page-{slug(page)}"
    section = soup.new_tag("section", attrs={"class": "chapter", "id": slug(page), "style": style})
    section.append(article)
    return section


def lead_links(article: Tag, page: str, printed: set[str]) -> None:
    """Make ids unique in the book, and let links between its pages lead to them."""
    address = f"{HERE}{page}.html"
    for tag in article.find_all(True):
        if tag.name == "svg" or tag.find_parent("svg"):
            continue
        if tag.get("id"):
            tag["id"] = f"{slug(page)}.{tag['id']}"
        if tag.get("src"):
            tag["src"] = urljoin(address, tag["src"])
        target = urlsplit(urljoin(address, tag.get("href", "")))
        if tag.name != "a" or not tag.get("href") or not target.geturl().startswith(HERE):
            continue
        other, fragment = target.path.strip("/").removesuffix(".html"), unquote(target.fragment)
        if other in printed:
            tag["href"] = f"#{slug(other)}.{fragment}" if fragment else f"#{slug(other)}"
        else:  # a download, or a page that is not in this copy
            tag.name = "span"
            del tag["href"]


def name_headings(article: Tag) -> None:
    """Move ids from sections to their headings: a section may begin on the page before."""
    for heading in article.find_all(["h1", "h2", "h3", "h4"]):
        section = heading.find_parent("section")
        if "id" in section.attrs and not heading.get("id"):
            heading["id"] = section["id"]
            del section["id"]
        while isinstance(label := heading.previous_sibling, Tag) and label.name == "span":
            heading.insert(0, label.extract())


def print_questions(article: Tag) -> list[Tag]:
    """Replace the questions by lists of options; returns the answers."""
    answers = []
    for number, form in enumerate(article.select("form:has(.initlab-quiz)"), start=1):
        options = form.select(".option")
        items = "".join(f"<li>{option.label.decode_contents()}</li>" for option in options)
        text = f"<p>Question {number}. {form.legend.decode_contents()}</p><ol>{items}</ol>"
        for letter, option in zip(ascii_uppercase, options, strict=False):
            why = option.select_one(".feedback")
            if why.strong.extract().get_text() == "Right.":
                right = f"<strong>Question {number}: {letter}.</strong>{why.decode_contents()}"
                answers.append(BeautifulSoup(f"<li>{right}</li>", "html.parser").li)
        form.parent.style.decompose()
        form.replace_with(BeautifulSoup(f'<div class="question">{text}</div>', "html.parser"))
    return answers


def take_solutions(article: Tag) -> list[Tag]:
    """Take the solutions out, each with the folded cells behind it, and unfold these."""
    taken = []
    for solution in article.select("div.solution"):
        behind = solution.find_next_sibling(True)
        taken.append(solution)
        while behind and "tag_hide-cell" in behind.get("class", []):
            taken.append(behind)
            behind = behind.find_next_sibling(True)
    for tag in taken:
        tag.extract()
        for folded in tag.select("details.hide"):
            folded.summary.decompose()
            folded.unwrap()
    return taken


def move_to_end(soup: BeautifulSoup, article: Tag, solutions: list[Tag], answers: list[Tag]):
    """Give solutions and answers a section of their own at the end of the chapter."""
    if not solutions and not answers:
        return
    named = [*(["Solutions"] if solutions else []), *(["Answers"] if answers else [])]
    section = soup.new_tag("section")
    heading = soup.new_tag("h2", attrs={"id": f"{article.section['id']}-solutions"})
    heading.string = " and ".join(named).capitalize()
    section.extend([heading, *solutions])
    if answers:
        listed = soup.new_tag("ul", attrs={"class": "answers"})
        listed.extend(answers)
        section.append(listed)
    article.section.append(section)


def mark_breaks(article: Tag) -> None:
    """Say what a page break may cut, and what it may not part."""
    for table in article.find_all("table"):
        if len(table.find_all("tr")) > LONG:
            add_class(table, "long")
    for cell in article.select("div.cell:has(.cell_output):not(:has(svg, img))"):
        lines = sum(pre.get_text().count("\n") for pre in cell.find_all("pre"))
        if len(cell.find_all("tr")) + lines < 2 * LONG:
            add_class(cell, "short")
    for paragraph in article.find_all("p"):
        if paragraph.get_text().rstrip().endswith((":", ",")):
            add_class(paragraph, "announces")


def add_class(tag: Tag, name: str) -> None:
    tag["class"] = [*tag.get("class", []), name]
