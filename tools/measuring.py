"""What a command costs, with all that it starts: time, computing time and memory."""

import ctypes
import os
import platform
import struct
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep, thread_time

import psutil

#: Seconds between two looks at memory, and for what the command leaves behind to end.
LOOK, PATIENCE = 0.1, 10
MEGABYTE = 2**20
_LIBC = ctypes.CDLL(None, use_errno=True)
_SET_CHILD_SUBREAPER = 36
_PERF_EVENT_OPEN = {"x86_64": 298, "aarch64": 241, "riscv64": 241, "ppc64le": 319, "s390x": 331}
_SOFTWARE, _TASK_CLOCK, _EVENT_SIZE = 1, 1, 128
_INHERIT, _NO_KERNEL, _NO_HYPERVISOR = 1 << 1, 1 << 5, 1 << 6


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock and of computing; bytes of memory at the peak, and the largest process.

    ``cpu`` counts every process, unless ``whole`` is False: then the system lets nobody count those
    that ended inside a sandbox as it was taken down. ``peak`` is the largest sum of resident memory
    over all processes at one time, looked at ten times a second; pages that several share count in
    each of them. ``largest`` is the most that any one process was seen to have.
    """

    code: int
    output: str
    wall: float
    cpu: float
    whole: bool
    peak: int
    largest: int


def measure(command: Sequence[str], folder: Path) -> Cost:
    """Run a command in ``folder`` to its end, and everything that it starts."""
    _adopt_orphans()
    clock = _Clock()
    with tempfile.TemporaryFile() as output:
        begun, reaped, peak, largest, code = monotonic(), 0.0, 0, 0, None
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        while True:
            ended, status, usage = _reap()
            if ended:
                reaped += usage.ru_utime + usage.ru_stime
                largest = max(largest, usage.ru_maxrss * 1024)
                if ended == process.pid:
                    code = process.returncode = os.waitstatus_to_exitcode(status)
                    wall = monotonic() - begun
            elif code is None:
                sizes = _resident()
                peak, largest = max(peak, sum(sizes)), max(largest, *sizes)
                sleep(LOOK)
            elif psutil.Process().children() and monotonic() < begun + wall + PATIENCE:
                sleep(LOOK)
            else:
                break
        output.seek(0)
        text = output.read().decode(errors="replace")
    counted = clock.stop()
    cpu, whole = (reaped, False) if counted is None else (counted, True)
    return Cost(code, text, wall, cpu, whole, peak, largest)


class _Clock:
    """The system's counter of computing time, for all that this thread starts from now on.

    The usual sums, over children that were waited for, miss most of what runs in a sandbox: its
    first process is killed, and nobody waits for the others.
    """

    def __init__(self):
        event = bytearray(_EVENT_SIZE)
        struct.pack_into("=IIQ", event, 0, _SOFTWARE, _EVENT_SIZE, _TASK_CLOCK)
        struct.pack_into("=Q", event, 40, _INHERIT | _NO_KERNEL | _NO_HYPERVISOR)
        number = _PERF_EVENT_OPEN.get(platform.machine(), -1)
        pointer = (ctypes.c_char * _EVENT_SIZE).from_buffer(event)
        self.file = _LIBC.syscall(number, pointer, 0, -1, -1, 0)
        self.own = thread_time()

    def stop(self) -> float | None:
        """Seconds since it was made, without this thread's own; None where there is no counter."""
        if self.file < 0:
            return None
        (nanoseconds,) = struct.unpack("=Q", os.read(self.file, 8))
        own = thread_time() - self.own
        os.close(self.file)
        return nanoseconds / 1e9 - own


def _adopt_orphans() -> None:
    """Have processes that outlive their parent become this one's, so that it can wait for them."""
    if not sys.platform.startswith("linux"):
        raise OSError(f"costs can be measured on Linux only, this is {sys.platform}")
    if _LIBC.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _reap() -> tuple:
    """A process that has ended, how, and what it and its own had used; zeros for none."""
    try:
        return os.wait4(-1, os.WNOHANG)
    except ChildProcessError:
        return 0, 0, None


def _resident() -> list[int]:
    """Resident memory of each process below this one."""
    sizes = [0]
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):  # it may just have ended
            sizes.append(process.memory_info().rss)
    return sizes
