"""One worker and the pipe to it: a question, and its answer or the way in which it was lost."""

import contextlib
import os
import secrets
import select
import signal
import subprocess
import tempfile
from time import monotonic

from initlab.grading import wire
from initlab.grading.isolation import Isolation

#: The grader waits so many times the limit, which the worker keeps itself as long as it can: much
#: longer, because a crowded machine must not change marks.
PATIENCE, GRACE = 10, 2.0
_LOOK = 0.2
#: The pipe closes before the process is gone; without its exit code nobody knows why it went.
_FAREWELL = 10.0
_FIELDS = {"outcome": str, "errors": list, "type": str, "text": str, "cell": int, "line": int}
_LATE = {wire.OVERTIME, -signal.SIGXCPU, 128 + signal.SIGXCPU}


class Lost(Exception):
    """There is no answer and no worker any more; ``outcome`` is one of ``marks.OUTCOMES``."""

    def __init__(self, outcome: str):
        super().__init__(outcome)
        self.outcome = outcome


class Unasked(Lost):
    """The worker said something after its last answer, or before the next question."""


class Channel:
    """A running worker. Use it as a context: the process ends with it, and all that it started."""

    def __init__(self, isolation: Isolation):
        self._folder, self._ticket = None, ""
        if isolation.name == "none":
            self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        theirs, self._requests = os.pipe()
        self._answers, answers = os.pipe()
        for descriptor in (self._requests, self._answers):
            os.set_blocking(descriptor, False)
        try:
            folder = self._folder and self._folder.name
            self._process = isolation.worker(theirs, answers, folder)
        except BaseException:
            os.close(self._requests)
            os.close(self._answers)
            raise
        finally:
            os.close(theirs)
            os.close(answers)

    def __enter__(self) -> "Channel":
        return self

    def __exit__(self, *error):
        self.close()

    def close(self) -> None:
        """End the worker."""
        if self._process.returncode is None:
            self._end()
        for descriptor in (self._requests, self._answers):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._requests = self._answers = -1
        if self._folder:
            self._folder.cleanup()

    def ask(self, do: str, seconds: float, **content) -> dict:
        """The worker's answer to a request, which must take it no longer than ``seconds``.

        Raises :class:`Lost` if it ends, hangs, or says anything that is no answer to just this, and
        :class:`Unasked` if what it says belongs to the time before; then it is dead. Raises
        ``wire.Refused`` if ``content`` is no plain data.
        """
        last, self._ticket = self._ticket, secrets.token_hex(8)
        frame = wire.pack(
            {"id": self._ticket, "do": do, "seconds": seconds, **content}, generators=True
        )
        self._deadline = monotonic() + PATIENCE * seconds + GRACE
        try:
            if select.select([self._answers], [], [], 0)[0]:
                self._fail("refused", Unasked)
            self._write(frame)
            head = self._read(wire.HEAD.size)
            answer = wire.unpack(head + self._read(wire.body_size(head)))
        except wire.Refused:
            self._fail("refused")
        ticket = answer.get("id") if type(answer) is dict else None
        if type(ticket) is not str or ticket != self._ticket:
            self._fail("refused", Unasked if ticket == last else Lost)
        if any(type(answer.get(name, kind())) is not kind for name, kind in _FIELDS.items()):
            self._fail("refused")
        return answer

    def _write(self, frame: bytes) -> None:
        rest = memoryview(frame)
        while rest:
            self._wait([], [self._requests])
            try:
                rest = rest[os.write(self._requests, rest) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                self._fail("ended")

    def _read(self, size: int) -> bytes:
        parts = []
        while size:
            self._wait([self._answers], [])
            part = os.read(self._answers, min(size, 2**20))
            if not part:
                self._fail("ended")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _wait(self, readable: list[int], writable: list[int]) -> None:
        """Until the pipe is ready; it may be held open by others when the worker has ended."""
        while (left := self._deadline - monotonic()) > 0:
            if any(select.select(readable, writable, [], min(left, _LOOK))):
                return
            if self._process.poll() is not None:
                self._fail("ended")
        self._fail("time limit")

    def _fail(self, outcome: str, kind: type[Lost] = Lost):
        """End the worker and raise :class:`Lost`; an end for overtime is told by its exit code."""
        if outcome == "ended":
            with contextlib.suppress(subprocess.TimeoutExpired):
                if self._process.wait(_FAREWELL) in _LATE:
                    outcome = "time limit"
        self._end()
        raise kind(outcome)

    def _end(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
