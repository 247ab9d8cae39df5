"""Where students' code runs: shut off from files, network and other processes.

Two ways to the same room: bubblewrap, or root's own namespaces (`jail`). In both the code sees the
standard library, numpy and an empty folder, runs as a user that owns nothing, and ends with the
grader. Without either there is only a process with limits, and that must be asked for.
"""

import itertools
import json
import os
import shutil
import site
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
#: What lies in the sandbox besides Python and numpy.
SCRIPTS = ("worker.py", "clock.py", "wire.py", "standins.py")
ROOM, FOLDER = "/grader", "/submission"
#: Bytes that the notebook's folder may hold.
SPACE = 64 * 2**20
#: The limits of a worker by their names in the standard library's module `resource`.
LIMITS = {
    **{"AS": 768 * 2**20, "NPROC": 24, "FSIZE": SPACE, "NOFILE": 64, "CPU": 300, "CORE": 0},
}
ENVIRONMENT = {
    **dict.fromkeys(["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"], "1"),
    **{"PYTHONHASHSEED": "0", "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", "HOME": FOLDER},
}
PYTHON = os.path.realpath(getattr(sys, "_base_executable", sys.executable))
FLAGS = ("-S", "-s", "-P", "-B")
_users = itertools.count()


class NoIsolation(RuntimeError):
    """Nothing on this machine can shut students' code in; the message says what was tried."""


@dataclass(frozen=True)
class Isolation:
    """One way of running a worker: ``"bubblewrap"``, ``"namespaces"`` or ``"none"``."""

    name: str

    def start(self, script: Sequence[str], pipes: Sequence[int] = (), **how) -> subprocess.Popen:
        """Run Python with ``script`` as its arguments, in a process group of its own.

        ``pipes`` are descriptors that it shares, ``how`` goes to ``Popen``. The process ends with
        the thread that starts it.
        """
        return subprocess.Popen(
            WAYS[self.name]([PYTHON, *FLAGS, *script]),
            pass_fds=tuple(pipes),
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **how,
        )

    def worker(self, requests: int, answers: int, folder: str | None = None) -> subprocess.Popen:
        """Start the worker, which reads and writes these two descriptors.

        ``folder`` is where it runs if there is no sandbox.
        """
        apart = self.name != "none"
        settings = {
            "pipes": [requests, answers],
            "user": _user() if apart and os.getuid() == 0 else 0,
            "limits": LIMITS,
            "alone": apart,
            "room": ROOM if apart else str(HERE),
            "library": str(_library()),
        }
        script = f"{settings['room']}/worker.py"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        script = [script, json.dumps(settings)]
        return self.start(script, [requests, answers], cwd=folder, **quiet)


def choose(no_sandbox: bool = False) -> Isolation:
    """The best isolation that works here, after trying it.

    Raises :class:`NoIsolation`, saying what is missing, unless ``no_sandbox`` allows to do without.
    """
    _compile()
    if no_sandbox:
        return Isolation("none")
    faults = {}
    for name in ("bubblewrap", "namespaces"):
        if not (fault := trial(name)):
            return Isolation(name)
        faults[name] = fault
    raise NoIsolation(
        "cannot shut students' code off from this machine's files and network. Tried bubblewrap: "
        f"{faults['bubblewrap']}. Tried namespaces: {faults['namespaces']}. Install bubblewrap "
        "(on Debian and Ubuntu: apt install bubblewrap), or grade as root or in a virtual machine. "
        "With --no-sandbox students' code runs as you, with limits of time and memory only: "
        "it could read your files and change its marks."
    )


@cache
def trial(name: str) -> str:
    """What keeps an isolation from working here; empty if it works."""
    if not sys.platform.startswith("linux"):
        return f"it needs Linux, this is {sys.platform}"
    if name == "bubblewrap" and not shutil.which("bwrap"):
        return "there is no program bwrap"
    if name == "namespaces" and os.getuid() != 0:
        return "only root may make them so"
    user = _user() if os.getuid() == 0 else 0
    lines = [
        "import os, sys",
        f"{user} and (os.setgroups([]), os.setresgid(*[{user}] * 3), os.setresuid(*[{user}] * 3))",
        f"sys.path.append({str(_library())!r})",
        f"import numpy; open({ROOM + '/worker.py'!r}); open('x', 'w')",
    ]
    process = Isolation(name).start(["-c", "\n".join(lines)], stderr=subprocess.PIPE)
    try:
        errors = process.communicate(timeout=60)[1].decode(errors="replace").strip().splitlines()
    except subprocess.TimeoutExpired:
        process.kill()
        return "it did not answer within a minute"
    return "" if process.returncode == 0 else (errors or ["it ended without a word"])[-1]


def _user() -> int:
    """A user of its own for each worker, so that limits of processes are not shared."""
    return 1_000_000_000 + os.getpid() % 2**20 * 512 + next(_users) % 512


def _library() -> Path:
    """The folder in which numpy lies."""
    return Path(np.__file__).resolve().parent.parent


def _compile() -> None:
    """Have numpy compiled once: workers may not write, and would compile it at every start."""
    if not Path(cache_from_source(np.__file__)).exists():
        code = f"import sys; sys.path.append({str(_library())!r}); import numpy, numpy.random"
        subprocess.run([PYTHON, "-S", "-s", "-P", "-c", code], env=ENVIRONMENT, check=False)


# ------------------------------------------------------------------ the room


def _furniture() -> Iterator[tuple[str, str, str]]:
    """What the room shows: ("show", from, to), and folders whose contents it must not show."""
    prefixes = sorted({sys.base_prefix, sys.base_exec_prefix})
    # Of Python's own folder no more than this: where it is /usr, a book may lie in /usr/src.
    standard = [f"{prefix}/{lib}" for prefix in prefixes for lib in ("lib", sys.platlibdir)]
    standard += ["/usr/lib", "/usr/lib64", "/lib", "/lib64", PYTHON]
    standard += ["/etc/ld.so.cache", "/etc/alternatives"]  # where libraries are looked up
    for name in dict.fromkeys(standard):
        if os.path.exists(name):
            yield "show", os.path.realpath(name), name
    folders = {sysconfig.get_path("purelib", vars={"base": p, "platbase": p}) for p in prefixes}
    for name in sorted(folders | set(site.getsitepackages(prefixes))):
        if os.path.isdir(name):
            yield "empty", "", name
    for path in (_library() / "numpy", _library() / "numpy.libs"):
        if path.exists():
            yield "show", str(path), str(path)
    for name in SCRIPTS:
        yield "show", str(HERE / name), f"{ROOM}/{name}"


def _bubblewrap(command: list[str]) -> list[str]:
    arguments = ["--die-with-parent", "--unshare-pid", "--unshare-net", "--unshare-ipc"]
    arguments += ["--unshare-uts", "--clearenv"]
    for name, value in ENVIRONMENT.items():
        arguments += ["--setenv", name, value]
    if os.getuid() == 0:  # the worker changes its user itself, and loses these two by it
        arguments += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        arguments += ["--unshare-user", "--uid", "65534", "--gid", "65534"]
    for action, source, target in _furniture():
        for parent in reversed(Path(target).parents[:-1]):
            arguments += ["--perms", "0755", "--dir", str(parent)]  # else for root only
        show = ["--ro-bind", source, target]
        arguments += show if action == "show" else ["--perms", "0755", "--tmpfs", target]
    for device in ("null", "zero", "random", "urandom"):
        arguments += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    arguments += ["--perms", "1777", "--size", str(SPACE), "--tmpfs", FOLDER, "--chdir", FOLDER]
    return ["bwrap", *arguments, "--remount-ro", "/", "--", *command]


def _namespaces(command: list[str]) -> list[str]:
    settings = {
        **{"parent": os.getpid(), "furniture": list(_furniture())},
        **{"folder": FOLDER, "space": SPACE, "command": command},
    }
    return [PYTHON, "-I", "-S", "-B", str(HERE / "jail.py"), json.dumps(settings)]


#: The command that runs a command, for every kind of isolation.
WAYS = {"bubblewrap": _bubblewrap, "namespaces": _namespaces, "none": list}
