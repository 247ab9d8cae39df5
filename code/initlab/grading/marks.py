"""What grading finds out about one submission: plain data that can be stored and compared."""

from dataclasses import asdict, dataclass

#: How a test can end. Only "passed" earns its points.
OUTCOMES = (
    "passed",
    "wrong",  # the answer is not the right one
    "error",  # the student's code raised an exception
    "missing",  # the name that the test asks for was never defined
    "time limit",
    "ended",  # the student's code ended its own process, or was ended (memory)
    "refused",  # the answer was no plain data: an object, or far too large
)


@dataclass(frozen=True)
class CaseResult:
    """One test of one question, with what the student may read about it."""

    question: str
    name: str
    points: float
    hidden: bool
    outcome: str
    message: str = ""
    misconception: str = ""


@dataclass(frozen=True)
class Marks:
    """All tests of one submission; ``notes`` say what was dropped from it and why.

    ``status`` is "graded", "graded in part" (something was dropped) or "not readable".
    """

    student: str
    status: str
    cases: tuple[CaseResult, ...]
    notes: tuple[str, ...] = ()

    def earned(self, question: str = "") -> float:
        """Points earned in one question, or in all of them."""
        return sum(
            case.points
            for case in self.cases
            if case.outcome == "passed" and question in ("", case.question)
        )

    def to_json(self) -> dict:
        """Plain data for a file; :meth:`from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> "Marks":
        """The marks that :meth:`to_json` wrote."""
        cases = tuple(CaseResult(**case) for case in data["cases"])
        return cls(data["student"], data["status"], cases, tuple(data["notes"]))
