"""Broken and hostile submissions, each with the marks that it deserves: 4 for its honest part.

The attacked question comes first, with tests of 3 and 3 points; the honest answer, 2 and 2 points,
is questioned after it by the same grader. Where an attack steals something, its function gives
right answers as soon as it succeeds, so that success shows in the marks.
"""

import gc
import json
import os
import socket
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import ROOT
from submissions import HONEST, RIGHT, SAMPLE, SECRET, assignment, marks, notebook, outcomes
from test_grading_isolation import WAYS

from initlab.grading import marking
from initlab.grading.isolation import Isolation

every_way = pytest.mark.parametrize("way", WAYS)


def ways(names, everywhere):
    """Each attack in the first kind of room, those upon the room itself in every kind."""
    return [
        pytest.param(way, name, id=f"{name}-{way}")
        for name in names
        for way in (WAYS if everywhere(name) else WAYS[:1])
    ]


BLANKET = (
    "    while True:\n        try:\n            {}\n        except BaseException:\n            pass"
)
IGNORE = (
    "import signal\nfor number in (signal.SIGPROF, signal.SIGALRM, signal.SIGXCPU):\n"
    "    signal.signal(number, signal.SIG_IGN)\nsignal.setitimer(signal.ITIMER_PROF, 0)"
)
WORKER = (
    "import gc, os, sys\n"
    "def worker():\n"
    "    frame = sys._getframe()\n"
    "    while 'request' not in frame.f_locals:\n        frame = frame.f_back\n"
    "    return frame.f_locals['self'], frame.f_locals['request']\n"
)
STEAL = "\ndef square(x):\n    return np.asarray(x) ** 2 if found else np.asarray(x)"
WRONG = "\ndef square(x):\n    return np.asarray(x)"
CUT = "Code cell 2 was cut down to its definitions: "
RAN = CUT + "it ran longer than 0.3 s."
ENDED = CUT + "it ended its own process, or used too much memory."
FORGED = "Code cell 2 was dropped: it wrote what only the grader's program may write."

#: In a function that is called: the outcome of both its tests.
IN_A_FUNCTION = {
    "infinite loop": ("while True:\n        pass", "time limit"),
    "loop that swallows every exception": (BLANKET.format("pass").strip(), "time limit"),
    "sleeping forever": ("import time\n    time.sleep(1000)", "time limit"),
    "sleeping and swallowing": (
        "import time\n" + BLANKET.format("time.sleep(1000)"), "time limit"),
    "loop in C, which no exception reaches": ("sum(iter(int, 1))", "time limit"),
    "waiting for a lock": (
        "import threading\n    lock = threading.Lock()\n    lock.acquire()\n    lock.acquire()",
        "time limit",
    ),
    "exit": ("exit()", "error"),
    "SystemExit": ("raise SystemExit(0)", "error"),
    "KeyboardInterrupt": ("raise KeyboardInterrupt", "error"),
    "GeneratorExit": ("raise GeneratorExit", "error"),
    "os._exit": ("import os\n    os._exit(0)", "ended"),
    "killing itself": ("import os\n    os.kill(os.getpid(), 9)", "ended"),
    "segmentation fault": ("import ctypes\n    ctypes.string_at(1)", "ended"),
    "closing the pipe": ("import os\n    os.closerange(3, 64)", "ended"),
    "an array of 10 GB": ("return np.ones(10**10 // 8)", "error"),
    "memory in pieces": ("x = []\n    while True:\n        x.append(bytes(10**8))", "error"),
    "fork bomb": (
        "import os\n    while True:\n        try:\n            os.fork()\n"
        "        except OSError:\n            pass", "time limit"),
    "endless output": ("while True:\n        print('spam' * 1000)", "time limit"),
    "endless recursion": ("return square(x)", "error"),
    "an error whose text raises": (
        "class Odd(Exception):\n        def __str__(self):\n            raise self\n    raise Odd",
        "error",
    ),
    "an error whose text never ends": (
        "class Odd(Exception):\n        def __str__(self):\n            while True:\n"
        "                pass\n    raise Odd", "time limit"),
    "an error whose text is no text": (
        "class Odd(Exception):\n        def __str__(self):\n            return 5\n    raise Odd",
        "error",
    ),
    "an error with a text of 10 MB": ("raise ValueError('x' * 10**7)", "error"),
    "an error of a class with an odd name": ("raise type('a\\nb' * 99, (Exception,), {})", "error"),
    "an assertion of its own": ("assert False, 'right'", "error"),
    "a group of errors": ("raise ExceptionGroup('x', [ValueError()])", "error"),
    "a huge array": ("return np.zeros(10**8, np.uint8)", "refused"),
    "a huge text": ("return 'x' * 10**7", "refused"),
    "a huge number": ("return 1 << 10**6", "refused"),
    "deep lists": ("y = []\n    for _ in range(10**5):\n        y = [y]\n    return y", "refused"),
    "a list that holds itself": ("y = []\n    y.append(y)\n    return y", "refused"),
    "a generator": ("return (y for y in x)", "refused"),
    "a closure": ("return lambda: x", "refused"),
    "a module": ("return np", "refused"),
    "an object equal to everything": (
        "class All:\n        __eq__ = __le__ = __ge__ = lambda *a: True\n"
        "        __array__ = lambda *a, **k: np.ones(5)\n    return All()", "refused"),
    "a number with operators of its own": (
        "class N(float):\n        __eq__ = __le__ = lambda *a: True\n"
        "        __sub__ = __rsub__ = lambda *a: 0\n    return N(1)", "refused"),
    "an array with operators of its own": (
        "class A(np.ndarray):\n        __eq__ = __le__ = lambda *a: np.True_\n"
        "        __array_ufunc__ = lambda *a, **k: np.zeros(5)\n"
        "        __array__ = lambda *a, **k: np.ones(5)\n    return np.ones(5).view(A)", "wrong"),
    "an array of objects": ("return np.array([x, None], dtype=object)", "refused"),
    "None": ("return None", "wrong"),
    "bytes on the pipe": (
        "import os\n    for n in range(3, 64):\n        try:\n"
        "            os.write(n, b'spam' * 9)\n        except OSError:\n            pass\n"
        "    return x",
        "refused",
    ),
    "a frame with a made-up ticket": (
        WORKER.replace("\n", "\n    ") + "w, request = worker()\n"
        "    os.write(w.answers, w.wire.pack({'outcome': 'done', 'value': 1, 'id': 'abc'}))\n"
        "    return x", "refused"),
    "an answer full of oddities": (
        WORKER.replace("\n", "\n    ") + "w, request = worker()\n"
        "    os.write(w.answers, w.wire.pack({'outcome': ['done'], 'errors': {}, 'id': "
        "request['id']}))\n    return x", "refused"),
}  # fmt: skip


UPON_THE_ROOM = (
    *("sleeping forever", "os._exit", "killing itself", "segmentation fault", "an array of 10 GB"),
    *("fork bomb", "endless output", "a huge array", "bytes on the pipe", "closing the pipe"),
)


@pytest.mark.parametrize(("way", "name"), ways(IN_A_FUNCTION, UPON_THE_ROOM.__contains__))
def test_in_a_function(way, name):
    body, outcome = IN_A_FUNCTION[name]
    result = marks("import numpy as np", f"def square(x):\n    {body}", HONEST, way=way)
    assert outcomes(result) == [outcome] * 2 + ["passed"] * 2
    assert result.earned() == 4
    assert result.status == "graded"
    assert result.notes == ()
    for case in result.cases[:2]:
        assert case.message
        assert len(case.message) < 500
        assert case.message.isprintable()


#: In a cell, before or after the definition of a wrong answer: what becomes of the cell.
IN_A_CELL = {
    "infinite loop": (WRONG + "\nwhile True:\n    pass", RAN),
    "loop that swallows every exception": (
        "def f():\n" + BLANKET.format("pass") + "\nf()" + WRONG, RAN),
    "sleeping forever": ("import time\ntime.sleep(1000)" + WRONG, RAN),
    "loop in C, which no exception reaches": ("sum(iter(int, 1))" + WRONG, RAN),
    "no signals, sleeping": (IGNORE + "\nimport time\ntime.sleep(1000)" + WRONG, RAN),
    "no signals, computing": (
        IGNORE + "\nsignal.signal(signal.SIGXCPU, signal.SIG_DFL)\nwhile True: pass" + WRONG,
        RAN,
    ),
    "no signals from now on": (IGNORE + WRONG, None),
    "exit": (WRONG + "\nexit()", "Code cell 2 left off early: it called exit()."),
    "sys.exit": (WRONG + "\nimport sys\nsys.exit('x')", "Code cell 2 left off early"),
    "os._exit": (WRONG + "\nimport os\nos._exit(0)", ENDED),
    "killing itself": (WRONG + "\nimport os\nos.kill(os.getpid(), 9)", ENDED),
    "killing all": (
        WRONG + "\nimport os\nos.kill(1, 9)\nos.kill(-1, 9)", "Code cell 2 stopped with P"),
    "killing the grader": (
        WRONG + f"\nimport os\nos.kill({os.getpid()}, 9)", "Code cell 2 stopped with Process"),
    "aborting": (WRONG + "\nimport os\nos.abort()", ENDED),
    "10 GB": (WRONG + "\nx = bytearray(10**10)", "Code cell 2 stopped with MemoryError"),
    "forks that go on": (WRONG + "\nimport os\nos.fork()\nos.fork()", None),
    "fork bomb": (WRONG + "\nimport os\nwhile True:\n    os.fork()", "Code cell 2 stopped with Bl"),
    "fork bomb, again and again": (
        WRONG + "\nimport os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n"
        "        pass", RAN),
    "threads left running": (
        WRONG + "\nimport threading, time\n"
        "for _ in range(3):\n    threading.Thread(target=time.sleep, args=(99,)).start()", None),
    "a thread that computes": (
        WRONG + "\nimport threading\ndef f():\n    while True: pass\n"
        "threading.Thread(target=f, daemon=True).start()", None),
    "endless output": (WRONG + "\nwhile True:\n    print('spam' * 10**5)", RAN),
    "numpy patched": (
        WRONG + "\nnp.allclose = np.array_equal = lambda *a, **k: True\n"
        "np.testing.assert_allclose = lambda *a, **k: None", None),
    "numpy's ways to arrays patched": (
        WRONG + "\nfor name in ('array', 'frombuffer', 'zeros', 'dtype'):\n"
        "    setattr(np, name, lambda *a, **k: 1 / 0)", None),
    "numpy thrown out": (WRONG + "\nimport sys\nfor name in list(sys.modules):\n"
        "    if name.startswith('numpy'):\n        del sys.modules[name]", None),
    "builtins patched": (
        WRONG + "\nimport builtins\nbuiltins.AssertionError = ValueError\n"
        "builtins.isinstance = builtins.all = builtins.any = lambda *a: True", None),
    "assertions switched off": (
        WRONG + "\nimport sys\nsys.flags = None\n__debug__\n"
        "class AssertionError(Exception): pass", None),
    "the worker's modules patched": (
        WRONG + "\nimport sys\nmain = sys.modules['__main__']\n"
        "main.Worker = main.Clock = main.confine = main.wire = main.clock = None\n"
        "import os, json, re, signal, resource\n"
        "for m in (os, json, re, signal, resource):\n"
        "    for name in ('read', 'write', '_exit', 'getpid', 'signal', 'setitimer', 'sub',\n"
        "                 'setrlimit', 'getrlimit', 'kill', 'compile'):\n"
        "        if hasattr(m, name):\n            setattr(m, name, lambda *a, **k: 0)", None),
    "no main module": (WRONG + "\nimport sys\ndel sys.modules['__main__']", None),
    "bytes on the pipe": (
        WRONG + "\nimport os\nfor n in range(3, 64):\n    try:\n        os.write(n, bytes(99))\n"
        "    except OSError:\n        pass", FORGED),
    "the announcement of 4 GB": (
        WRONG + "\nimport os\nfor n in range(3, 64):\n    try:\n        os.write(n, b'\\xff' * 8)\n"
        "    except OSError:\n        pass", FORGED),
    "an answer in place of the worker": (
        WRONG + "\n" + WORKER + "w, request = worker()\n"
        "os.write(w.answers, w.wire.pack({'outcome': 'done', 'id': request['id']}))", FORGED),
    "tracing": (
        WRONG + "\nimport sys\nsys.settrace(lambda *a: 1 / 0)", "Code cell 2 stopped with Zero"),
    "a shell": (WRONG + "\n!rm -rf ~\n%reset -f\nimport os\nos.system('rm -rf / &')", None),
    "a syntax error": ("def square(x)\n    return x", "Code cell 2 stopped with SyntaxError"),
    "nested beyond the parser": ("x = " + "(" * 10**4, "Code cell 2 stopped with"),
    "a null byte": (WRONG + "\n\0", "Code cell 2 stopped with SyntaxError"),
    "surrogates": (WRONG + "\nx = '\ud800'", "Code cell 2 stopped with UnicodeEncodeError"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("way", "name"),
    ways(IN_A_CELL, lambda name: "kill" in name or "fork" in name or "signals" in name),
)
def test_in_a_cell(way, name):
    source, note = IN_A_CELL[name]
    result = marks("import numpy as np", source, HONEST, way=way)
    assert result.earned("double") == 4
    assert result.earned() == 4
    assert set(outcomes(result)[:2]) <= {"wrong", "missing"}
    assert len(result.notes) == (note is not None)
    if note:
        assert result.notes[0].startswith(note)
    stopped = note in (RAN, ENDED, FORGED)
    assert result.status == ("graded in part" if stopped else "graded")


@every_way
def test_the_first_cell_may_be_the_bad_one(way):
    result = marks("import os\nos._exit(1)", "while True: pass", HONEST, RIGHT, way=way)
    assert result.earned() == 10
    assert result.notes == (ENDED.replace("2", "1"), RAN)


@every_way
def test_a_cell_at_fault_keeps_what_it_defines(way):
    """Definitions and plain values, wherever they stand; calls and loops are left out."""
    cell = "import numpy as np\nfactor = 2.0\nwhile True: pass\n" + HONEST.replace("2", "factor")
    result = marks(cell, RIGHT, way=way)
    assert result.earned() == 10
    assert result.notes == (RAN.replace("cell 2", "cell 1"),)


@every_way
def test_definitions_may_be_at_fault_too(way):
    result = marks(HONEST, "import os\n@lambda f: os._exit(0)\n" + RIGHT, way=way)
    assert result.earned() == 4
    assert result.notes == (
        "Code cell 2 was dropped: it ended its own process, or used too much memory.",
    )
    assert result.cases[0].message.endswith(f" ({result.notes[0]})")


@every_way
def test_many_cells_that_end_the_process_are_not_run_for_ever(way):
    result = marks(HONEST, *["import os\nos._exit(1)"] * 30, way=way)
    assert outcomes(result) == ["ended"] * 4
    assert result.status == "graded in part"
    assert len(result.notes) == 13


@every_way
def test_one_bad_input_costs_only_one_function(way):
    """A function that was lost is not called again; the others answer from a new worker."""
    result = marks("import os\ndef square(x):\n    os._exit(0)", HONEST, way=way)
    assert outcomes(result) == ["ended", "ended", "passed", "passed"]


# ------------------------------------------------------------------ looking for the tests


@every_way
def test_looking_through_the_process(way):
    walk = (
        "import gc, sys\n"
        "def look(seen=()):\n"
        "    frame, found = sys._getframe(), []\n"
        "    while frame:\n"
        "        found += [*frame.f_locals.values(), *frame.f_globals.values()]\n"
        "        found += [*frame.f_code.co_consts]\n"
        "        frame = frame.f_back\n"
        "    for thing in gc.get_objects():\n"
        "        if type(thing) is type(look):\n            found.append(thing.__code__)\n"
        "        if type(thing) is dict:\n            found += list(thing.values())\n"
        "    codes = [f.co_consts for f in found if type(f) is type(look.__code__)]\n"
        f"    secret = ''.join({list(SECRET)})\n"
        "    texts = [c for c in found if type(c) is str] + [c for cs in codes for c in cs]\n"
        "    return [t for t in texts if type(t) is str and secret in t]\n"
        "def square(x):\n    return np.asarray(x) ** 2 if look() else np.asarray(x)"
    )
    assert marks("import numpy as np", walk, HONEST, way=way).earned() == 4
    # Control: in the grader's own process the same walk finds the hidden test.
    names = {"np": np}
    exec(walk, names)
    assert names["look"]()
    assert gc.isenabled()


@every_way
def test_reading_files(way, tmp_path):
    key, other = tmp_path / "key" / "tests" / "square.py", tmp_path / "other.ipynb"
    for path in (key, other):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SECRET)
    tests = Path(__file__).parent / "submissions.py"
    paths = [key, other, tests, ROOT / "pyproject.toml", Path(marking.__file__)]
    proc = [f"/proc/{p}/root{key}" for p in ("1", "self", os.getpid(), os.getppid())]
    proc += [f"/proc/{p}/{name}" for p in ("1", os.getpid()) for name in ("environ", "mem", "maps")]
    attack = (
        f"found = []\nfor path in {[*map(str, paths), *proc]}:\n"
        "    try:\n        found.append(open(path, 'rb').read(1))\n"
        "    except OSError:\n        pass" + STEAL
    )
    assert marks(HONEST, attack, way=way).earned() == 4
    assert marks(HONEST, attack, way="none").earned() == 10  # control: the files are there


@every_way
def test_writing_results(way, tmp_path):
    folder = tmp_path / "results"
    folder.mkdir(mode=0o777)
    attack = (
        "import os\n"
        f"for path in ({str(folder / 'someone.json')!r}, {str(tmp_path / 'grades.csv')!r}):\n"
        "    os.makedirs(os.path.dirname(path), exist_ok=True)\n"
        "    open(path, 'w').write('100')"
    )
    result = marks(HONEST, attack, way=way)
    assert result.earned() == 4
    assert [*tmp_path.rglob("*")] == [folder]
    marks(HONEST, attack, way="none")  # control
    assert len([*tmp_path.rglob("*")]) == 3


@every_way
def test_calling_for_help(way):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        attack = (
            "import socket\nfound = []\n"
            f"for address in ({address}, ('8.8.8.8', 53), ('169.254.169.254', 80)):\n"
            "    try:\n        found.append(socket.create_connection(address, 0.05))\n"
            "    except OSError:\n        pass" + STEAL
        )
        assert marks(HONEST, attack, way=way).earned() == 4
        assert marks(HONEST, attack, way="none").earned() == 10  # control


def listening(way):
    """Whether a server in a submission can be reached from outside."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    reached = []

    def test_port_public(port):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return
        reached.append(port)

    attack = f"import socket\nport = {port}\nserver = socket.create_server(('0.0.0.0', port))"
    result = marks(attack, way=way, sample=assignment((test_port_public, 1)))
    assert result.earned() == 1
    assert result.notes == ()
    return bool(reached)


@every_way
def test_listening(way):
    assert not listening(way)
    assert listening("none")


# ------------------------------------------------------------------ odd notebooks

COMPLETE = ["import numpy as np", RIGHT, HONEST]


@every_way
@pytest.mark.parametrize(
    ("name", "sources", "earned"),
    [
        ("all there", COMPLETE, 10),
        ("cells twice", COMPLETE * 2, 10),
        ("a hostile copy after the right one", [*COMPLETE, "def square(x):\n    return x"], 4),
        ("a cell deleted", [COMPLETE[0], HONEST], 4),
        ("all cells deleted", [], 0),
        ("another order", [HONEST, RIGHT, "import numpy as np"], 10),
        ("without its imports", [HONEST, RIGHT], 10),
        ("a name deleted", [*COMPLETE, "del square"], 4),
        ("a name that is a number now", [*COMPLETE, "square = 5"], 4),
        ("a name that is open", [*COMPLETE, "square = ..."], 4),
        ("prose only", ["This is my answer: 4"], 0),
    ],
)
def test_odd_notebooks(way, name, sources, earned):
    assert marks(*sources, way=way).earned() == earned


@every_way
@pytest.mark.parametrize("strip", ["metadata", "cell_type", "nbformat_minor"])
def test_stripped_notebooks(way, strip):
    data = json.loads(notebook(*COMPLETE, metadata={"kernelspec": {}}))
    if strip != "cell_type":
        data.pop(strip)
    for cell in data["cells"]:
        cell.pop("metadata")
    if strip == "cell_type":
        data["cells"][1].pop("cell_type")
    result = marking.grade(SAMPLE, json.dumps(data).encode(), "someone", Isolation(way))
    assert result.earned() == (4 if strip == "cell_type" else 10)


@every_way
def test_the_grader_is_unharmed(way):
    """What was done above was done elsewhere: numpy and builtins here are as they were."""
    assert not np.allclose([1], [2])
    assert np.array([1]).sum() == 1
    assert sys.modules["numpy"] is np
    assert isinstance(1, int) and not isinstance(1, str)
