"""What the marks of a class say about the questions, and about the ideas behind wrong answers."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from initlab.grading.gradebook import Gradebook, Item
from initlab.grading.misconceptions import register

#: Fewer students than this say nothing about how two marks go together.
FEWEST = 3


@dataclass(frozen=True)
class ItemStatistics:
    """One question over the class; all but ``discrimination`` are shares of its points.

    ``full`` and ``none`` are the shares of students with all and with no points.
    ``discrimination`` is the correlation of the question with the rest of the total, None where
    it has no meaning: too few students, or all of them alike.
    """

    item: Item
    mean: float
    spread: float
    full: float
    none: float
    discrimination: float | None


@dataclass(frozen=True)
class Met:
    """A misconception that occurred: whose it was, and in which questions."""

    name: str
    title: str
    feedback: str
    students: tuple[str, ...]
    questions: tuple[str, ...]


def item_statistics(book: Gradebook) -> list[ItemStatistics]:
    """Statistics of every question over the students whose work could be read; [] for none."""
    if not book.read:
        return []
    points = np.array([[entry.earned(i.name) for i in book.items] for entry in book.read], float)
    rest = points.sum(axis=1, keepdims=True) - points
    shares = points / [item.points or 1 for item in book.items]
    return [
        ItemStatistics(
            item,
            *(float(value) for value in (share.mean(), share.std())),
            float(np.mean(share >= 1 - 1e-9)),
            float(np.mean(share <= 1e-9)),
            correlation(points[:, column], rest[:, column]),
        )
        for column, (item, share) in enumerate(zip(book.items, shares.T, strict=True))
    ]


def correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Pearson's correlation; None for fewer than three pairs or where one does not vary."""
    if len(one) < FEWEST or np.ptp(one) < 1e-9 or np.ptp(other) < 1e-9:
        return None
    return float(np.corrcoef(one, other)[0, 1])


def misconceptions_met(book: Gradebook) -> list[Met]:
    """Every misconception that occurred, the most frequent first."""
    students, questions = defaultdict(dict), defaultdict(set)
    for entry in book.read:
        for case in entry.marks.cases:
            if case.misconception:
                students[case.misconception][entry.student] = True
                questions[case.misconception].add(case.question)
    order = [item.name for item in book.items]
    met = [
        Met(name, *idea(name), tuple(who), tuple(q for q in order if q in questions[name]))
        for name, who in students.items()
    ]
    return sorted(met, key=lambda m: (-len(m.students), m.name))


def idea(name: str) -> tuple[str, str]:
    """Title and feedback of a misconception; its bare name if the register lost it since."""
    entry = register().get(name, {"title": name, "feedback": ""})
    return entry["title"], entry["feedback"]
