"""What a run leaves in its folder: grades, log, a page for each student, and one for the class."""

from collections import Counter
from pathlib import Path

import numpy as np

from initlab.grading.feedback import feedback_page
from initlab.grading.figures import MOST, house_style, ideas_figure, items_figure, totals_figure
from initlab.grading.gradebook import STATUSES, Gradebook
from initlab.grading.items import FEWEST, item_statistics, misconceptions_met
from initlab.grading.names import safe_name
from initlab.grading.page import render
from initlab.grading.results import write_atomically

GRADES, LOG, CLASS, FEEDBACK = "grades.csv", "log.csv", "report.html", "feedback"


def write_reports(book: Gradebook, out: Path) -> None:
    """Write all reports; pages of students who are no longer in the class are removed."""
    folder = out / FEEDBACK
    folder.mkdir(exist_ok=True)
    pages = {
        f"{safe_name(entry.student)}.html": feedback_page(book, entry)
        for entry in book.entries
        if entry.marks
    }
    for left in sorted(folder.iterdir()):
        if left.name not in pages and left.suffix in (".html", ".tmp"):
            left.unlink()
    for name, page in pages.items():
        write_atomically(folder / name, page)
    write_atomically(out / GRADES, book.grades_csv())
    write_atomically(out / LOG, book.log_csv())
    write_atomically(out / CLASS, class_page(book))


def class_page(book: Gradebook) -> str:
    """The HTML page about the class: totals, questions, misconceptions, students, and the log."""
    totals = [entry.earned() for entry in book.read]
    items, met = item_statistics(book), misconceptions_met(book)
    with house_style():
        figures = {
            "totals": totals and totals_figure(totals, book.possible).svg("Totals"),
            "questions": items and items_figure(items).svg("Questions"),
            "ideas": met and ideas_figure(met).svg("Misconceptions"),
        }
    return render(
        "report.html",
        book=book,
        figures=figures,
        items=items,
        met=met,
        counts=status_counts(book),
        numbers=_summary(totals),
        pages={entry.student: f"{FEEDBACK}/{safe_name(entry.student)}.html"
               for entry in book.entries if entry.marks},
        log=book.whole_log(),
        fewest=FEWEST,
        most=MOST,
    )  # fmt: skip


def status_counts(book: Gradebook) -> dict[str, int]:
    """How many students have each status, without those that nobody has."""
    counts = Counter(entry.status for entry in book.entries)
    return {status: counts[status] for status in STATUSES if counts[status]}


def _summary(totals: list[float]) -> dict[str, float]:
    if not totals:
        return {}
    low, median, high = np.percentile(totals, [0, 50, 100])
    numbers = {"mean": np.mean(totals), "median": median, "lowest": low, "highest": high}
    return {name: round(float(value), 1) for name, value in numbers.items()}
