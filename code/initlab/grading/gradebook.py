"""A class and its marks in one assignment: what every report is written from."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from initlab.grading.intake import LogLine
from initlab.grading.marks import Marks
from initlab.grading.names import clean, natural
from initlab.grading.results import Results, write_atomically
from initlab.grading.usage import UsageError

FILE = "class.json"
#: Besides the statuses of Marks; these two have no mark at all.
NO_SUBMISSION, NOT_GRADED = "no submission", "not graded"
STATUSES = ("graded", "graded in part", "not readable", NO_SUBMISSION, NOT_GRADED)


@dataclass(frozen=True)
class Item:
    """A question as the reports show it."""

    name: str
    title: str
    points: float


@dataclass(frozen=True)
class Entry:
    """A student with the file that was graded; without one, ``file`` is empty."""

    student: str
    file: str = ""
    marks: Marks | None = None

    def order(self) -> tuple:
        """The key by which students are sorted."""
        return natural(self.student)

    @property
    def status(self) -> str:
        """One of ``STATUSES``."""
        if self.marks:
            return self.marks.status
        return NOT_GRADED if self.file else NO_SUBMISSION

    def earned(self, question: str = "") -> float | None:
        """Points in one question, or in all; None where there is no mark."""
        return rounded(self.marks.earned(question)) if self.marks else None


@dataclass(frozen=True)
class Gradebook:
    """An assignment, the students in order, and what happened on the way.

    ``complete`` is False from the moment a run begins until it has come to its end.
    """

    slug: str
    title: str
    items: tuple[Item, ...]
    entries: tuple[Entry, ...]
    log: tuple[LogLine, ...] = ()
    complete: bool = False

    @cached_property
    def possible(self) -> float:
        """Points of all questions together."""
        return rounded(sum(item.points for item in self.items))

    @property
    def read(self) -> tuple[Entry, ...]:
        """The students whose work could be read: those that statistics are about."""
        return tuple(e for e in self.entries if e.marks and e.marks.status != "not readable")

    def save(self, out: Path) -> None:
        """Write all but the marks, which have files of their own."""
        data = asdict(replace(self, entries=tuple(Entry(e.student, e.file) for e in self.entries)))
        for entry in data["entries"]:
            del entry["marks"]
        write_atomically(out / FILE, json.dumps(data, indent=1) + "\n")

    @classmethod
    def load(cls, out: Path) -> "Gradebook":
        """The class without its marks. Raises :class:`UsageError` if ``out`` holds no class."""
        try:
            data = json.loads((out / FILE).read_bytes())
            lists = {"items": Item, "entries": Entry, "log": LogLine}
            return cls(
                data["slug"],
                data["title"],
                complete=data["complete"],
                **{name: tuple(make(**x) for x in data[name]) for name, make in lists.items()},
            )
        except OSError as error:
            raise UsageError(f"{out} holds no results: there is no {FILE} in it; "
                             "initlab-grade run writes it") from error  # fmt: skip
        except (ValueError, TypeError, KeyError) as error:
            raise UsageError(
                f"{out / FILE} is damaged; initlab-grade run writes it anew"
            ) from error

    @classmethod
    def load_or_none(cls, out: Path) -> "Gradebook | None":
        """The class of an earlier run; None if its file is damaged and will be written anew."""
        try:
            return cls.load(out)
        except UsageError:
            return None

    def marked(self, results: Results) -> "Gradebook":
        """The same class with the marks that are stored; damaged ones are missing and logged."""
        entries, log = [], list(self.log)
        for entry in self.entries:
            try:
                entries.append(replace(entry, marks=results.load(entry.student)))
            except ValueError as error:
                entries.append(entry)
                log.append(LogLine(entry.student, entry.file, f"{error}: run again"))
        return replace(self, entries=tuple(entries), log=tuple(log))

    def whole_log(self) -> tuple[LogLine, ...]:
        """What was left out of the class, then what was dropped from each notebook."""
        notes = [
            LogLine(entry.student, entry.file, note)
            for entry in self.entries
            if entry.marks
            for note in entry.marks.notes
        ]
        return (*self.log, *notes)

    def grades_csv(self) -> bytes:
        """One row for each student, a column for each question."""
        names = [item.name for item in self.items]
        rows = [["student", "status", "total", "possible", *names, "file"]]
        for entry in self.entries:
            earned = [entry.earned(), self.possible, *map(entry.earned, names)]
            rows.append([entry.student, entry.status, *earned, entry.file])
        return as_csv(rows)

    def log_csv(self) -> bytes:
        """One row for each line of the log."""
        lines = [[line.student, line.file, line.what] for line in self.whole_log()]
        return as_csv([["student", "file", "what"], *lines])


def as_csv(rows: Sequence[Sequence]) -> bytes:
    """A table for spreadsheets: nothing in it can become a formula, and every letter survives.

    The text is UTF-8 with a byte order mark, without which Excel takes it for another encoding.
    All words are in quotes, so that a ``;`` in a name makes no new column anywhere.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows([[_cell(value) for value in row] for row in rows])
    return buffer.getvalue().encode("utf-8-sig")


def rounded(points: float) -> float:
    """A sum of points without the dust of binary fractions, whole where it is whole."""
    points = round(points, 6)
    return int(points) if points == int(points) else points


def _cell(value):
    if value is None or isinstance(value, int | float):
        return value
    text = clean(value)
    # What a spreadsheet would read as the beginning of a formula, also in full width.
    return f"'{text}" if text.lstrip()[:1] in tuple("=+-@＝＋－＠") else text
