"""What a command costs, with all that it starts: time, computing time and memory."""

import ctypes
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import psutil

_SET_CHILD_SUBREAPER = 36
#: Seconds between two looks at memory.
LOOK = 0.1
MEGABYTE = 2**20


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and of computing; bytes of memory at the peak; and the largest process.

    ``peak`` is the largest sum of resident memory over all processes at one time, looked at ten
    times a second. Pages that several share count in each, so it is never too small for that.
    """

    code: int
    output: str
    wall: float
    cpu: float
    peak: int
    largest: int


def adopt_orphans() -> None:
    """Have what the command's processes leave behind come to this one, which counts its time.

    Without that the computing time of a process whose parent was killed before it is lost, and that
    is how sandboxes end.
    """
    if not sys.platform.startswith("linux"):
        raise OSError(f"costs can be measured on Linux only, this is {sys.platform}")
    if ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def measure(command: Sequence[str], folder: Path) -> Cost:
    """Run a command in ``folder`` to its end, and everything that it starts."""
    adopt_orphans()
    with tempfile.TemporaryFile() as output:
        begun, cpu, peak, largest, code = monotonic(), 0.0, 0, 0, None
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        while True:
            ended, status, usage = _reap()
            if ended:
                cpu += usage.ru_utime + usage.ru_stime
                largest = max(largest, usage.ru_maxrss * 1024)
                if ended == process.pid:
                    code = process.returncode = os.waitstatus_to_exitcode(status)
                    wall = monotonic() - begun
            elif code is None:
                peak = max(peak, _resident())
                sleep(LOOK)
            elif psutil.Process().children():
                sleep(LOOK)  # sandboxes that are just being taken down
            else:
                break
        output.seek(0)
        return Cost(code, output.read().decode(errors="replace"), wall, cpu, peak, largest)


def _reap() -> tuple:
    """A process that has ended, how, and what it and its own had used; zeros for none."""
    try:
        return os.wait4(-1, os.WNOHANG)
    except ChildProcessError:
        return 0, 0, None


def _resident() -> int:
    """Resident memory of all processes below this one."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        try:
            total += process.memory_info().rss
        except psutil.Error:
            continue  # it has just ended
    return total
