"""What students and instructors read: right numbers, no hidden code, nothing that can run."""

import csv
import io
import re

import numpy as np
import pytest
from bs4 import BeautifulSoup
from grading_class import CASES, KEY, grade, notebook, tree

from initlab.grading.feedback import SAID, feedback_page
from initlab.grading.gradebook import STATUSES, Entry, Gradebook, Item, as_csv, rounded
from initlab.grading.intake import LogLine
from initlab.grading.items import correlation, item_statistics, misconceptions_met
from initlab.grading.marks import OUTCOMES, CaseResult, Marks
from initlab.grading.misconceptions import register
from initlab.grading.names import safe_name
from initlab.grading.page import label, number, prose, signed, words
from initlab.grading.report import class_page, write_reports

ITEMS = tuple(Item(q["name"], q["title"], q["points"]) for q in KEY["questions"])
IDEA = "glorot-for-relu"
HOSTILE = "</style><script>alert('x')</script><img src=x onerror=alert(1)>\"'&{{ 7*7 }}"


def entry(student="ada", **fake):
    return Entry(student, f"{student}.ipynb", grade(None, notebook(**fake), student, None))


def book(*entries, log=(), complete=True):
    return Gradebook("small-steps", KEY["title"], ITEMS, entries, tuple(log), complete)


def page_of(entry):
    return BeautifulSoup(feedback_page(book(entry), entry), "html.parser")


def rows_of(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


CLASS = book(
    entry("ada", passed=4),
    entry("ben", passed=2, misconception=IDEA),
    entry("carl", passed=0, misconception=IDEA, notes=["Cell 3 was dropped."]),
    Entry("dora", "d.ipynb", Marks("dora", "not readable", (), ("truncated",))),
    Entry("emil", "e.ipynb"),
    Entry("fay"),
    log=[LogLine("", "x.pdf", "not a notebook")],
)

# ------------------------------------------------------------------ CSV


def test_grades_have_a_column_for_each_question():
    content = CLASS.grades_csv()
    assert content.startswith(b"\xef\xbb\xbf")  # for Excel
    assert rows_of(content) == [
        ["student", "status", "total", "possible", "q1", "q2", "file"],
        ["ada", "graded", "10", "10", "4", "6", "ada.ipynb"],
        ["ben", "graded", "4", "10", "4", "0", "ben.ipynb"],
        ["carl", "graded in part", "0", "10", "0", "0", "carl.ipynb"],
        ["dora", "not readable", "0", "10", "0", "0", "d.ipynb"],
        ["emil", "not graded", "", "10", "", "", "e.ipynb"],
        ["fay", "no submission", "", "10", "", "", ""],
    ]
    assert {entry.status for entry in CLASS.entries} == set(STATUSES)


def test_the_log_has_what_was_left_out_and_what_was_dropped():
    assert rows_of(CLASS.log_csv()) == [
        ["student", "file", "what"],
        ["", "x.pdf", "not a notebook"],
        ["carl", "carl.ipynb", "Cell 3 was dropped."],
        ["dora", "d.ipynb", "truncated"],
    ]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=1", "＝1", "\u00a0=1"]
)
def test_no_text_becomes_a_formula(text):
    ((cell,),) = rows_of(as_csv([[text]]))
    assert not cell.lstrip("\u00a0 \t\r\n").startswith(tuple("=+-@＝"))
    assert "\n" not in cell and "\r" not in cell


def test_a_name_makes_no_cell_of_its_own():
    # A spreadsheet that separates by semicolons must not find a formula behind one.
    assert as_csv([['a";=cmd()', -1.5, None]]) == b'\xef\xbb\xbf"a"";=cmd()",-1.5,""\r\n'


@pytest.mark.parametrize(("points", "value"), [(0.1 + 0.2, 0.3), (3.0, 3), (2.5, 2.5)])
def test_points_are_shown_without_dust(points, value):
    assert rounded(points) == value
    assert repr(rounded(points)) == repr(value)


# ------------------------------------------------------------------ statistics


def test_item_statistics_by_hand():
    marks = [entry(f"s{n}", passed=n) for n in range(5)]
    one, two = item_statistics(book(*marks, Entry("fay"), CLASS.entries[3]))
    first, second = np.array([0, 1, 4, 4, 4]), np.array([0, 0, 0, 2.5, 6])
    assert one.mean == pytest.approx(first.mean() / 4)
    assert one.spread == pytest.approx(first.std() / 4)
    assert (one.full, one.none) == (0.6, 0.2)
    assert (two.full, two.none) == (0.2, 0.6)
    # With the rest of the total, which leaves the question itself out.
    assert one.discrimination == pytest.approx(np.corrcoef(first, second)[0, 1])
    assert one.discrimination != pytest.approx(np.corrcoef(first, first + second)[0, 1])


@pytest.mark.parametrize(
    ("one", "other"), [([], []), ([1], [2]), ([1, 2], [1, 2]), ([1, 1, 1], [1, 2, 3])]
)
def test_a_correlation_without_meaning(one, other):
    assert correlation(np.array(one, float), np.array(other, float)) is None
    assert correlation(np.array(other, float), np.array(one, float)) is None


def test_misconceptions_are_counted_by_student():
    (met,) = misconceptions_met(CLASS)
    assert met.title == register()[IDEA]["title"]
    assert met.students == ("ben", "carl")  # once each, however many of the tests met it
    assert met.questions == ("q1", "q2")


def test_a_misconception_that_is_no_longer_known():
    (met,) = misconceptions_met(book(entry(passed=0, misconception="old-idea")))
    assert met.title == "old-idea"
    assert "old-idea" in feedback_page(book(), entry(passed=0, misconception="old-idea"))


# ------------------------------------------------------------------ the page of a student


def test_a_page_says_points_and_reasons():
    page = page_of(entry(passed=2, message="The mean should be 0."))
    assert page.h1.text == "ada"
    assert page.select_one(".total").text.split() == ["4", "of", "10", "points"]
    assert [heading.text for heading in page.select("section.question h2")] == [
        "Question 1. First & foremost", "Question 2. Second",
    ]  # fmt: skip
    checks = [row.get_text(" ", strip=True) for row in page.select(".checks tbody tr")]
    assert checks == [
        "✓ Passed · Check in the notebook 1 of 1",
        "✓ Passed · Further check 3 of 3",
        "✗ Not right yet · Check in the notebook The mean should be 0. 0 of 2.5",
        "✗ Not right yet · Further check The mean should be 0. 0 of 3.5",
    ]


def test_a_page_names_the_misconception():
    page = page_of(entry(passed=3, misconception=IDEA))
    (box,) = page.select(".note.idea")
    assert register()[IDEA]["title"] in box.text
    assert [link["href"] for link in box.select("a")] == ["#q2"]
    assert page.find(id="q2")
    assert register()[IDEA]["feedback"] in page.select(".checks tbody tr")[-1].text


def test_a_page_says_what_was_dropped():
    (note,) = page_of(entry(notes=["Cell 3 ran too long."])).select(".note")
    assert "Cell 3 ran too long." in note.text and "All the rest was graded" in note.text


def test_a_notebook_that_could_not_be_read_has_a_page():
    page = page_of(CLASS.entries[3])
    assert "could not be read" in page.select_one(".note").text
    assert "truncated" in page.text and not page.select("table")


def test_no_page_names_or_shows_a_hidden_test():
    for passed in range(5):
        text = feedback_page(book(), entry(passed=passed))
        assert not [name for _, name, _, hidden in CASES if hidden and name in text]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_is_said(outcome):
    case = CaseResult("q1", "q1_a", 4, False, outcome)
    page = page_of(Entry("ada", "a", Marks("ada", "graded", (case,))))
    said, meaning = SAID[outcome]
    row = page.select_one(".checks tbody tr").text
    assert said in row and meaning in row


# ------------------------------------------------------------------ hostile words


def live_parts(html):
    """Whatever on a page could run, load or leave it."""
    page = BeautifulSoup(html, "html.parser")
    tags = page.select("script, iframe, object, embed, form, img, base, [onerror], [onload]")
    far = re.findall(r"(?:https?:)?//(?!www\.w3\.org/)[^\s\"']+", html)
    links = [a["href"] for a in page.select("a") if not a["href"].startswith(("#", "feedback/"))]
    return [*tags, *far, *links]


def test_nothing_on_a_page_runs_or_loads():
    hostile = entry(HOSTILE, passed=1, message=HOSTILE, notes=[HOSTILE], misconception="")
    odd = book(hostile, log=[LogLine(HOSTILE, HOSTILE, HOSTILE)])
    for html in (feedback_page(odd, hostile), class_page(odd)):
        assert live_parts(html) == []
        assert html.count("<style>") == 1
        text = BeautifulSoup(html, "html.parser").get_text()
        assert HOSTILE in text
        assert "default-src 'none'" in html
    # Control: the search finds it where nothing is escaped.
    assert len(live_parts(f"<p>{HOSTILE}</p>")) == 2


def test_backticks_become_code_and_nothing_else_does():
    assert prose("`a<b` and <i> and `") == "<code>a&lt;b</code> and &lt;i&gt; and `"


def test_messages_of_every_kind_can_be_shown():
    assert words("two\nlines\x1b[31m\udcff") == "two\nlines\\x1b[31m\\udcff"
    assert len(words("x" * 10**6)) < 3000
    feedback_page(book(), entry(passed=0, message="\ud800 \x00 \u202e")).encode()


# ------------------------------------------------------------------ the class report


def test_the_class_report_has_every_part(house_style):
    page = BeautifulSoup(class_page(CLASS), "html.parser")
    assert [h.text for h in page.select("h2")] == [
        "Totals, of 10 points", "Questions", "Misconceptions", "Students", "Log",
    ]  # fmt: skip
    assert "6 students: 2 graded, 1 graded in part, 1 not readable" in page.text
    assert len(page.select("figure svg[role=img] > title")) == 3
    described = [desc.text for desc in page.select("figure svg > desc")]
    assert "The median is 4." in described[0]
    assert "Question 1: all points 67%, none 33%" in described[1]
    assert f"{register()[IDEA]['title']}: 2" in described[2]
    rows = [[c.text for c in row.select("th, td")] for row in page.select("table")[2].select("tr")]
    assert rows[1:3] == [["ada", "graded", "10"], ["ben", "graded", "4"]]
    assert rows[-1] == ["fay", "no submission", "–"]
    assert "x.pdf" in page.select("table")[-1].text
    for table in page.select("table"):
        assert all(th.get("scope") for th in table.select("th"))


@pytest.mark.parametrize("entries", [(), (Entry("fay"),), (entry(),), (entry(), entry("ben"))])
def test_a_class_of_almost_nobody(entries):
    page = BeautifulSoup(class_page(book(*entries)), "html.parser")
    if entries and entries[0].marks:
        discrimination = [row.select("td")[-1].text for row in page.table.select("tbody tr")]
        assert discrimination == ["–", "–"]
        assert "fewer than 3 students" in page.text
    else:
        assert "No work could be read" in page.text


def test_a_run_that_was_interrupted_says_so():
    assert "did not come to its end" in class_page(book(complete=False))
    assert "did not come to its end" not in class_page(book())


def test_reports_are_the_same_every_time(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_reports(CLASS, tmp_path / name)
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    html = (tmp_path / "one" / "report.html").read_text()
    assert str(tmp_path) not in html and "<metadata" not in html


def test_pages_of_those_who_left_are_removed(tmp_path):
    write_reports(CLASS, tmp_path)
    (tmp_path / "feedback" / "mine.txt").touch()
    write_reports(book(CLASS.entries[0]), tmp_path)
    assert sorted(p.name for p in (tmp_path / "feedback").iterdir()) == ["ada.html", "mine.txt"]


def test_links_of_the_report_lead_to_pages(tmp_path):
    odd = book(*(entry(name) for name in ("Ada L.", "عمر", "a/../b", HOSTILE)))
    write_reports(odd, tmp_path)
    page = BeautifulSoup((tmp_path / "report.html").read_text(), "html.parser")
    links = [a["href"] for a in page.select("a")]
    assert len(links) == 4
    assert all((tmp_path / link).is_file() for link in links)
    assert links[0] == f"feedback/{safe_name('Ada L.')}.html"


@pytest.mark.parametrize(("name", "said"), [("q3", "Question 3"), ("q", "q"), ("bonus", "bonus")])
def test_labels(name, said):
    assert label(name) == said


@pytest.mark.parametrize(("value", "said"), [(7, "7"), (7.5, "7.5"), (0, "0"), (None, "–")])
def test_numbers(value, said):
    assert number(value) == said


@pytest.mark.parametrize(("value", "said"), [(-0.256, "−0.26"), (1, "1.00"), (None, "–")])
def test_correlations(value, said):
    assert signed(value) == said
