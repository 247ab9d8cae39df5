"""The room that students' code runs in: what is in it, what is not, and that it ends in time."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from helpers import ROOT

from initlab.grading import isolation, wire
from initlab.grading.channel import Channel, Lost, Unasked
from initlab.grading.isolation import Isolation, NoIsolation, choose, trial

#: Bubblewrap is there wherever the tests run (`.ci/run` installs it); namespaces need root.
WAYS = ["bubblewrap", "namespaces"] if os.getuid() == 0 else ["bubblewrap"]


@pytest.fixture(params=WAYS)
def channel(request):
    with Channel(Isolation(request.param)) as channel:
        yield channel


def evaluate(channel, expression, prelude=""):
    """The value of an expression in the worker."""
    answer = channel.ask("run", 60, source=f"{prelude}\nit = {expression}", cell=1, cut=False)
    assert answer["outcome"] == "done", answer
    return channel.ask("find", 60, name="it")["value"]


@pytest.mark.parametrize("way", WAYS)
def test_every_way_works_here(way):
    assert trial(way) == ""


def test_the_best_way_is_chosen():
    assert choose() == Isolation("bubblewrap")
    assert choose(no_sandbox=True) == Isolation("none")


def test_the_next_best_way_is_chosen(monkeypatch):
    faults = {"bubblewrap": "there is no program bwrap", "namespaces": ""}
    monkeypatch.setattr(isolation, "trial", faults.get)
    assert choose() == Isolation("namespaces")


def test_without_any_way_there_is_a_refusal_that_says_what_to_do(monkeypatch):
    faults = {"bubblewrap": "there is no program bwrap", "namespaces": "only root may make them so"}
    monkeypatch.setattr(isolation, "trial", faults.get)
    with pytest.raises(NoIsolation) as caught:
        choose()
    for words in (*faults.values(), "apt install bubblewrap", "--no-sandbox"):
        assert words in str(caught.value)
    assert choose(no_sandbox=True) == Isolation("none")


def test_a_way_that_does_not_work_says_why(monkeypatch):
    trial.cache_clear()
    monkeypatch.setattr(isolation.shutil, "which", lambda name: None)
    assert trial("bubblewrap") == "there is no program bwrap"
    trial.cache_clear()
    monkeypatch.undo()
    monkeypatch.setitem(isolation.WAYS, "bubblewrap", lambda command: ["bwrap", "--no-such-option"])
    assert trial("bubblewrap") == "bwrap: Unknown option --no-such-option"
    trial.cache_clear()
    monkeypatch.undo()
    monkeypatch.setattr(isolation.os, "getuid", lambda: 1000)
    assert trial("namespaces") == "only root may make them so"
    trial.cache_clear()


# ------------------------------------------------------------------ what is in the room


def test_only_the_standard_library_and_numpy_are_there(channel):
    assert evaluate(channel, "np.linalg.det(np.eye(3))", "import numpy as np") == 1.0
    for name in ("initlab", "scipy", "pytest", "pip", "wire", "worker", "clock", "jail"):
        answer = channel.ask("run", 5, source=f"import {name}", cell=1, cut=False)
        assert answer["errors"][0] == "ModuleNotFoundError", name


def test_the_folder_is_empty_and_small(channel):
    assert evaluate(channel, "[os.getcwd(), os.listdir()]", "import os") == ["/submission", []]
    fill = (
        "for i in range(100):\n    with open(f'{i}', 'wb') as f:\n        f.write(bytes(4 * 2**20))"
    )
    assert channel.ask("run", 5, source=fill, cell=1, cut=False)["errors"][0] == "OSError"


def test_nothing_else_can_be_written(channel):
    walk = (
        "import os\nwritable = [d for d, _, _ in os.walk('/') if os.access(d, os.W_OK)]\n"
        "for name in ('/x', '/dev/x', '/grader/x', '/usr/x'):\n"
        "    try:\n        open(name, 'w')\n    except OSError:\n        continue\n"
        "    writable.append(name)"
    )
    assert evaluate(channel, "writable", walk) == ["/submission"]


def test_the_rest_of_the_machine_is_not_there(channel):
    prelude = "import os"
    tops = {"usr", "lib", "lib64", "etc", "dev", "grader", "submission"}
    homes = [Path(sys.base_prefix), Path(np.__file__).resolve()]  # Python itself, and numpy
    tops |= {home.parts[1] for home in homes}
    assert set(evaluate(channel, "os.listdir('/')", prelude)) <= tops
    assert set(evaluate(channel, "os.listdir('/etc')", prelude)) <= {"ld.so.cache", "alternatives"}
    shown = evaluate(channel, f"os.listdir({sys.base_prefix!r})", prelude)
    assert set(shown) <= {"bin", "lib", "lib64"}
    hidden = (ROOT / "tests", ROOT / "code", "/proc/self", "/sys/kernel", "/tmp", "/var", "/run")
    for path in map(Path, hidden):
        if not any(home.is_relative_to(path) for home in homes):
            assert not evaluate(channel, f"os.path.exists({str(path)!r})", prelude), path
    walk = "import os\nfiles = [name for _, _, names in os.walk('/') for name in names]"
    ours = ("misconceptions.toml", "misconceptions.py", "marking.py", "marks.py", "jail.py")
    assert not evaluate(channel, f"[f for f in files if f in {ours} or f.endswith('.ipynb')]", walk)
    assert evaluate(channel, "files.count('standins.py')", walk) == 1  # control: it was looked at


def test_the_code_is_nobody_without_rights(channel):
    # A user of its own: the limit of processes counts its processes only.
    user = evaluate(channel, "os.getuid()", "import os")
    assert user not in (0, os.getuid())
    for attempt in (
        "os.setuid(0)",
        "os.chroot('/')",
        "__import__('socket').sethostname('x')",
        "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
        "resource.setrlimit(resource.RLIMIT_NPROC, (-1, -1))",
    ):  # fmt: skip
        answer = channel.ask("run", 5, source=f"import os, resource\n{attempt}", cell=1, cut=False)
        assert answer["outcome"] == "error", attempt
        assert answer["errors"][0] in ("PermissionError", "ValueError", "OSError"), attempt


def test_processes_and_memory_are_limited(channel):
    forks = (
        "import os, time\nforks = 0\ntry:\n    while forks < 100:\n"
        "        os.fork() or time.sleep(1000)\n        forks += 1\nexcept OSError: pass"
    )
    assert 0 < evaluate(channel, "forks", forks) < 32
    pieces = "x = []\ntry:\n    while len(x) < 40: x.append(bytes(10**8))\nexcept MemoryError: pass"
    assert 5 < evaluate(channel, "len(x)", pieces) < 16


def test_workers_do_not_share_a_user():
    if os.getuid() == 0:
        with Channel(Isolation(WAYS[0])) as one, Channel(Isolation(WAYS[0])) as other:
            users = [evaluate(c, "os.getuid()", "import os") for c in (one, other)]
        assert users[0] != users[1]


def test_the_environment_is_clean(channel, monkeypatch):
    names = set(evaluate(channel, "list(os.environ)", "import os"))
    assert names <= {*isolation.ENVIRONMENT, "PWD", "LC_CTYPE"}


def test_there_is_no_network(channel):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        attempt = f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 1)"
        assert channel.ask("run", 5, source=attempt, cell=1, cut=False)["errors"][0].endswith(
            "Error"
        )
        with Channel(Isolation("none")) as control:
            assert control.ask("run", 5, source=attempt, cell=1, cut=False)["outcome"] == "done"


def test_other_processes_are_not_there(channel):
    assert evaluate(channel, "os.getpid()", "import os") < 10
    attempt = f"import os\nos.kill({os.getpid()}, 0)"
    assert (
        channel.ask("run", 5, source=attempt, cell=1, cut=False)["errors"][0]
        == "ProcessLookupError"
    )


# ------------------------------------------------------------------ the pipe


def test_questions_and_answers(channel):
    channel.ask("run", 5, source="def f(x, *, y):\n    return [x, y]", cell=1, cut=False)
    arguments = {"args": [np.ones(2)], "kwargs": {"y": {"a": (1, None)}}}
    x, y = channel.ask("call", 5, name="f", **arguments)["value"]
    assert np.array_equal(x, [1, 1])
    assert y == {"a": (1, None)}
    rng = np.random.default_rng(3)
    rng.normal()
    channel.ask("run", 5, source="def g(rng):\n    return rng.normal()", cell=1, cut=False)
    drawn = channel.ask("call", 5, name="g", args=[], kwargs={"rng": rng})["value"]
    assert drawn == rng.normal()


def test_what_cannot_be_sent_is_refused_here(channel):
    with pytest.raises(wire.Refused, match="a value of type object"):
        channel.ask("call", 5, name="f", args=[object()], kwargs={})
    assert evaluate(channel, "1") == 1  # and the worker lives on


def test_a_worker_that_ends_is_lost(channel):
    with pytest.raises(Lost) as caught:
        channel.ask("run", 5, source="import os\nos._exit(0)", cell=1, cut=False)
    assert (caught.value.outcome, type(caught.value)) == ("ended", Lost)


def test_a_worker_that_reads_nothing_does_not_block_the_grader(channel):
    sleep = "import signal, time\nsignal.pthread_sigmask(0, range(1, 65))\nwhile 1: time.sleep(9)"
    start = time.monotonic()
    with pytest.raises(Lost) as caught:
        channel.ask("run", 0.01, source=sleep, cell=1, cut=False, ballast=np.zeros(10**6))
    assert caught.value.outcome == "time limit"
    assert time.monotonic() - start < 30


def test_code_that_can_be_stopped_is_stopped_without_losing_the_worker(channel):
    for source in ("while True: pass", "import time\ntime.sleep(1000)"):
        answer = channel.ask("run", 0.2, source=source, cell=1, cut=False)
        assert answer["outcome"] == "time limit"
    assert evaluate(channel, "1") == 1


def test_code_that_will_not_be_stopped_ends_its_worker(channel):
    deaf = (
        "while True:\n    try:\n        while True:\n            try: sum(range(5000))\n"
        "            except BaseException: pass\n    except BaseException: pass"
    )
    with pytest.raises(Lost) as caught:
        channel.ask("run", 0.2, source=deaf, cell=1, cut=False)
    assert caught.value.outcome == "time limit"
    assert channel._process.returncode == wire.OVERTIME  # by itself, long before it is killed


def test_a_second_answer_is_noticed(channel):
    twice = (
        "import os, sys\nframe = sys._getframe()\n"
        "while 'request' not in frame.f_locals:\n    frame = frame.f_back\n"
        "worker, request = frame.f_locals['self'], frame.f_locals['request']\n"
        "os.write(worker.answers, worker.wire.pack({'outcome': 'done', 'id': request['id']}))"
    )
    assert channel.ask("run", 5, source=twice, cell=1, cut=False)["outcome"] == "done"
    with pytest.raises(Unasked):
        channel.ask("find", 5, name="x")


def test_speaking_between_questions_is_noticed_before_the_next(channel):
    late = (
        "import os, sys, threading\nframe = sys._getframe()\n"
        "while 'request' not in frame.f_locals:\n    frame = frame.f_back\n"
        "pipe = frame.f_locals['self'].answers\n"
        "threading.Timer(0.05, os.write, [pipe, bytes(99)]).start()"
    )
    assert channel.ask("run", 5, source=late, cell=1, cut=False)["outcome"] == "done"
    time.sleep(1)
    with pytest.raises(Unasked):
        channel.ask("find", 5, name="x")


# ------------------------------------------------------------------ the end

GRADER = """
import sys
from initlab.grading.channel import Channel
from initlab.grading.isolation import Isolation
channel = Channel(Isolation(sys.argv[1]))
print("ready", flush=True)
source = "import os, time\\nif not os.fork():\\n    os.setsid()\\ntime.sleep(99)"
channel.ask("run", 60, source=source, cell=1, cut=False)
"""


def descendants(process):
    """All processes below a process, by their parents."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            parents[int(status.parent.name)] = int(
                re.search(r"PPid:\s+(\d+)", status.read_text())[1]
            )
        except OSError:
            continue
    found = {process}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {process}


@pytest.mark.parametrize("way", WAYS)
def test_everything_ends_with_a_grader_that_is_killed(way):
    grader = subprocess.Popen(
        [sys.executable, "-c", GRADER, way], stdout=subprocess.PIPE, text=True
    )
    assert grader.stdout.readline() == "ready\n"
    for _ in range(100):
        if len(descendants(grader.pid)) >= 4:  # supervisors, the worker and its child
            break
        time.sleep(0.05)
    below = descendants(grader.pid)
    assert len(below) >= 4
    grader.send_signal(signal.SIGKILL)
    grader.wait()
    alive = below
    for _ in range(100):
        alive = {p for p in alive if Path(f"/proc/{p}").exists()}
        if not alive:
            break
        time.sleep(0.05)
    assert not alive


@pytest.mark.parametrize("way", [*WAYS, "none"])
def test_everything_ends_with_the_channel(way):
    others = descendants(os.getpid())  # browsers of other tests, in the same worker
    with Channel(Isolation(way)) as channel:
        channel.ask("run", 5, source="import subprocess", cell=1, cut=False)
        below = descendants(os.getpid()) - others
        assert below
    assert not below & descendants(os.getpid())
