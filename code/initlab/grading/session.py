"""A submission that can be questioned: its cells have run in a worker, its functions can be called.

A worker whose cell hangs or ends it is replaced by another, in which that cell is cut down to its
definitions; if they are at fault themselves, the cell is dropped. The other cells run as they are.
"""

import builtins
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from initlab.grading import wire
from initlab.grading.channel import Channel, Lost, Unasked
from initlab.grading.isolation import Isolation
from initlab.grading.wording import clean, described

#: Exceptions that a test gets as they are; every other arrives as the nearest of them.
ERRORS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type)
    and issubclass(kind, Exception)
    and not issubclass(kind, UnicodeError | Warning | StopIteration | StopAsyncIteration)
    and not issubclass(kind, BaseExceptionGroup)
}
_ENDED = {
    "ended": "it ended its own process, or used too much memory",
    "refused": "it wrote what only the grader's program may write",
}


@dataclass(frozen=True)
class Limits:
    """Seconds of computing for one cell and one call, seconds for all, and how often to restart."""

    cell: float = 2.0
    call: float = 2.0
    total: float = 120.0
    restarts: int = 12


class Stopped(BaseException):
    """A test cannot go on, for a reason other than a wrong answer; no test catches it."""

    def __init__(self, outcome: str, message: str):
        super().__init__(message)
        self.outcome, self.message = outcome, message


class Broken(BaseException):
    """The assignment or this machine is at fault, not the student; no test catches it."""


class Session:
    """The cells of one submission, after the ``given`` ones, with ``files`` beside them."""

    def __init__(
        self,
        cells: Sequence[str],
        given: Sequence[str],
        files: Mapping[str, bytes],
        isolation: Isolation,
        limits: Limits,
    ):
        self.cells, self.given, self.files = cells, given, files
        self.isolation, self.limits = isolation, limits
        #: What is to be said about cells, by their number, and which did not run as they are.
        self.faults: dict[int, str] = {}
        self.cut: set[int] = set()
        self.dropped: set[int] = set()
        #: Exceptions of the student's code that tests were given, and the kind of the last answer.
        self.raised: list[Exception] = []
        self.kind = ""
        self._lost: dict[str, Stopped] = {}  # functions that must not be called again
        self._asked = ""  # the name in the last question
        self._channel: Channel | None = None
        self._starts = 0
        self._end = monotonic() + limits.total

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *error):
        self._leave()

    def find(self, name: str):
        """What the student calls ``name``: plain data, or a function that runs in the worker.

        Raises :class:`Stopped` if there is no such name.
        """
        answer = self._ask("find", name)
        if answer.get("outcome") == "function":
            return Function(self, name)
        if answer.get("outcome") == "open":
            raise Stopped("missing", f"`{name}` is still `...`: it has no answer yet.")
        if answer.get("outcome") == "missing":
            raise Stopped("missing", self._missing(name))
        return self._value(answer, f"`{name}` is")

    def call(self, name: str, args: tuple, kwargs: dict):
        """What the student's function answers; raises what it raises, or :class:`Stopped`."""
        try:
            answer = self._ask("call", name, args=list(args), kwargs=kwargs)
        except wire.Refused as error:
            raise Broken(f"a test calls `{name}` with {error}") from error
        if answer.get("outcome") == "error":
            raise self._error(answer, name)
        return self._value(answer, f"`{name}` returned")

    # -------------------------------------------------------------- answers

    def _ask(self, do: str, name: str, **content) -> dict:
        """An answer about a name, from a worker that is started if there is none."""
        if name in self._lost:
            raise self._lost[name]
        seconds = self.limits.call
        before, self._asked = self._asked, name
        try:
            channel = self._channel or self._start()
            answer = channel.ask(do, seconds, name=name, **content)
        except Unasked as lost:
            self._leave()  # the function that was called before did that, not this one
            self._lost.setdefault(before, self._stop(before, lost.outcome))
            return self._ask(do, name, **content)
        except Lost as lost:
            self._leave()
            self._lost[name] = self._stop(name, lost.outcome)
            raise self._lost[name] from None
        if answer.get("outcome") == "time limit":
            self._lost[name] = self._stop(name, "time limit")
            raise self._lost[name]
        return answer

    def _stop(self, name: str, outcome: str) -> Stopped:
        """What becomes of a test whose function was lost."""
        reason = f"could not answer: {_ENDED[outcome]}" if outcome in _ENDED else ""
        return Stopped(outcome, f"`{name}` {reason or f'ran longer than {self.limits.call:g} s'}.")

    def _value(self, answer: dict, what: str):
        """The value in an answer; everything else in it is a refusal."""
        if answer.get("outcome") == "done" and "value" in answer:
            self.kind = type(answer["value"]).__name__
            return answer["value"]
        reason = clean(answer.get("text", "")) or "something that cannot be read"
        raise Stopped(
            "refused",
            f"{what} {reason}; an answer is made of numbers, text, lists, tuples, dicts and arrays "
            "of numbers.",
        )

    def _error(self, answer: dict, name: str) -> Exception:
        """The student's exception, as a built-in one."""
        names = [name for name in answer.get("errors", []) if type(name) is str and name in ERRORS]
        error = ERRORS[[*names, "RuntimeError"][0]](clean(answer.get("text", "")))
        error.initlab_message = f"`{name}` stopped with {described(answer)}"
        self.raised.append(error)
        return error

    def _missing(self, name: str) -> str:
        message = (
            f"`{name}` is not defined: has its cell been deleted, renamed, "
            "or did it stop with an error?"
        )
        defines = re.compile(
            rf"^[ \t]*(?:(?:def|class)[ \t]+{name}\b|(?:\w+[ \t]*,[ \t]*)*{name}[ \t]*[,=:])",
            re.MULTILINE,
        )
        for number, fault in sorted(self.faults.items(), reverse=True):
            if defines.search(self.cells[number - 1]):
                return f"{message} (Code {fault})"
        return message

    # -------------------------------------------------------------- running cells

    def _leave(self) -> None:
        if self._channel:
            self._channel.close()
        self._channel = None

    def _start(self) -> Channel:
        """A worker in which all cells have run that can; the others are dropped."""
        while True:
            if monotonic() > self._end:
                raise Lost("time limit")
            if self._starts > self.limits.restarts:
                raise Lost("ended")
            self._starts += 1
            self._channel = Channel(self.isolation)
            self._prepare()
            if self._run():
                return self._channel
            self._leave()

    def _prepare(self) -> None:
        """Files and given cells; what fails here is not the student's fault."""
        try:
            for name, content in self.files.items():
                content = wire.np.frombuffer(content, "u1")
                self._channel.ask("file", 60, name=name, content=content)
            for source in self.given:
                self._channel.ask("run", 60, source=source, cell=0, cut=False)
        except Lost as lost:
            self._leave()
            raise Broken(
                f"a worker could not be started under {self.isolation.name} isolation "
                f"({lost.outcome}); a file or a given cell of the assignment may be at fault"
            ) from lost

    def _run(self) -> bool:
        """Whether all cells ran that are not dropped; if not, one more is cut down or dropped."""
        before = 0
        for number, source in enumerate(self.cells, 1):
            if number in self.dropped:
                continue
            cut = number in self.cut
            try:
                if monotonic() > self._end:
                    raise Lost("time limit")
                answer = self._channel.ask(
                    "run", self.limits.cell, source=source, cell=number, cut=cut
                )
                if answer.get("outcome") == "time limit":
                    raise Lost("time limit")
            except Lost as lost:
                self._shorten(before if isinstance(lost, Unasked) and before else number, lost)
                return False
            if not cut:
                self._note(number, answer)
            before = number
        return True

    def _shorten(self, number: int, lost: Lost) -> None:
        """Cut a cell down, or drop it if that has not helped or it tried to deceive."""
        drop = number in self.cut or lost.outcome == "refused"
        (self.dropped if drop else self.cut).add(number)
        reason = _ENDED.get(lost.outcome) or f"it ran longer than {self.limits.cell:g} s"
        action = "dropped" if drop else "cut down to its definitions"
        self.faults[number] = f"cell {number} was {action}: {reason}."

    def _note(self, number: int, answer: dict) -> None:
        """Remember how a cell ended, if it did not run through."""
        self.faults.pop(number, None)
        if answer.get("type") == "SystemExit":
            self.faults[number] = f"cell {number} left off early: it called exit()."
        elif answer.get("outcome") != "done":
            self.faults[number] = f"cell {number} stopped with {described(answer, number)}"


class Function:
    """A student's function: called like any other, it runs in the worker."""

    def __init__(self, session: Session, name: str):
        self._session, self.__name__ = session, name

    def __call__(self, *args, **kwargs):
        """What the student's function answers to these arguments."""
        return self._session.call(self.__name__, args, kwargs)
