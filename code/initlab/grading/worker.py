"""The student's process: runs cells and calls functions for the grader, who asks over a pipe.

A script of its own. In its sandbox there are only this file, the three modules that it imports from
beside it, Python's standard library and numpy. What it answers is to be trusted no more than the
code it runs.
"""

import ast
import builtins
import json
import os
import re
import resource
import sys
from contextlib import suppress
from types import ModuleType

#: Cell magics that run their cell as Python.
TRANSPARENT = ("time", "timeit", "capture", "prun")
#: What stays of a cell that is cut down, besides simple assignments.
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
MAGIC = re.compile(
    r"^(?P<indent>[ \t]*)(?P<name>\w+[ \t]*=[ \t]*)?(?:[%!?].*|[\w.]+\?{1,2}[ \t]*)$", re.MULTILINE
)


def python(source: str) -> str | None:
    """A cell without its magics; None if it is not Python at all."""
    if source.lstrip().startswith("%%"):
        first, _, source = source.lstrip().partition("\n")
        if first[2:].split()[:1] not in [[name] for name in TRANSPARENT]:
            return None
    try:
        compile(source, "cell", "exec", dont_inherit=True)
    except SyntaxError:
        # Only now, because a line that begins with % may as well go on from the one before.
        return MAGIC.sub(
            lambda m: m["indent"] + (f"{m['name']}None" if m["name"] else "pass"), source
        )
    return source


def harmless(statement: ast.stmt) -> bool:
    """Whether it is a definition, or gives a name to something without calling or repeating."""
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        active = ast.Call | ast.comprehension | ast.Await
        return not any(isinstance(node, active) for node in ast.walk(statement))
    return isinstance(statement, DEFINITIONS)


def described(error: BaseException) -> dict:
    """An exception as plain data; its own methods may do anything, so they run within the limit."""
    known = [kind.__name__ for kind in type.mro(type(error)) if kind.__module__ == "builtins"]
    try:
        text = str(error)
    except clock.TimeLimit:
        raise
    except BaseException:
        text = ""
    cell, line, trace = 0, 0, error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith("cell "):
            cell, line = int(file[5:]), trace.tb_lineno
        trace = trace.tb_next
    name = type.__dict__["__name__"].__get__(type(error))
    return {
        **{"outcome": "error", "errors": known[:10], "type": name[:40], "text": text[:2000]},
        **{"cell": cell, "line": line},
    }


class Worker:
    """Holds the student's names and answers the grader's requests."""

    def __init__(self, requests: int, answers: int, alone: bool, names: dict):
        self.requests, self.answers, self.alone, self.wire = requests, answers, alone, wire
        self.read, self.write, self.leave, self.pid = os.read, os.write, os._exit, os.getpid
        self.home, self.clock = os.getpid(), clock.Clock(wire.OVERTIME)
        self.kill = os.kill
        # The code has a main module and builtins of its own; these here are not to be had by name.
        main, inbuilt = ModuleType("__main__"), ModuleType("builtins")
        vars(inbuilt).update(vars(builtins))
        self.names = vars(main)
        self.names.update(names, __builtins__=inbuilt)
        sys.modules.update(__main__=main, builtins=inbuilt)

    def serve(self):
        """Answer until there are no more requests."""
        while True:
            request = self.receive()
            late = self.wire.pack({"outcome": "time limit", "id": request["id"]})
            answer = self.clock.limit(
                lambda request=request: self.answer(request), request["seconds"], late
            )
            if self.pid() != self.home:
                self.leave(0)  # a copy of the process, made by a cell: there is one worker only
            if self.alone:
                with suppress(ProcessLookupError):
                    self.kill(-1, 9)  # whatever the code has started: a sandbox has no others
            rest = memoryview(answer)
            while rest:
                rest = rest[self.write(self.answers, rest) :]

    def answer(self, request: dict) -> bytes:
        """What is asked for, or the error that came up instead."""

        def packed(answer):
            return self.wire.pack({**answer, "id": request["id"]})

        try:
            return packed(getattr(self, f"do_{request['do']}")(request))
        except clock.TimeLimit:
            raise
        except self.wire.Refused as error:
            return packed({"outcome": "refused", "text": str(error)})
        except BaseException as error:
            try:
                return packed(described(error))
            except self.wire.Refused:
                return packed({"outcome": "error"})

    def do_file(self, request: dict) -> dict:
        """Put a file of the assignment beside the notebook."""
        os.makedirs(os.path.dirname(request["name"]) or ".", exist_ok=True)
        with open(request["name"], "wb") as file:
            file.write(request["content"].tobytes())
        return {"outcome": "done"}

    def do_run(self, request: dict) -> dict:
        """Run a cell, or what is left of it when it is cut down."""
        source = python(request["source"])
        if source is not None:
            tree = ast.parse(source)
            if request["cut"]:
                tree.body = list(filter(harmless, tree.body))
            exec(compile(tree, f"cell {request['cell']}", "exec", dont_inherit=True), self.names)
        return {"outcome": "done"}

    def do_find(self, request: dict) -> dict:
        """What a name stands for: a value, or something to call."""
        if request["name"] not in self.names:
            return {"outcome": "missing"}
        value = self.names[request["name"]]
        if value is ...:
            return {"outcome": "open"}
        if callable(value):
            return {"outcome": "function"}
        return {"outcome": "done", "value": value}

    def do_call(self, request: dict) -> dict:
        """Call a function by its name."""
        function = self.names[request["name"]]
        return {"outcome": "done", "value": function(*request["args"], **request["kwargs"])}

    def receive(self) -> dict:
        """The next request; the process ends where the grader has gone."""
        head = self.exactly(self.wire.HEAD.size)
        return self.wire.unpack(head + self.exactly(self.wire.body_size(head)), generators=True)

    def exactly(self, size: int) -> bytes:
        """So many bytes of the pipe."""
        parts = []
        while size:
            part = self.read(self.requests, min(size, 2**20))
            if not part:
                self.leave(0)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def confine(settings: dict):
    """Give up every right that the student's code must not have."""
    if settings["user"]:
        os.setgroups([])
        os.setresgid(*[settings["user"]] * 3)
        os.setresuid(*[settings["user"]] * 3)
    for name, value in settings["limits"].items():
        which = getattr(resource, f"RLIMIT_{name}", None)
        if which is not None:
            hard = resource.getrlimit(which)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(which, (value, value))


def main():
    """Have everything loaded that the code may use, then answer."""
    settings = json.loads(sys.argv[1])
    confine(settings)
    global clock, wire
    path = list(sys.path)
    sys.path += [settings["room"], settings["library"]]
    import clock
    import standins
    import wire

    # From here on only what is loaded, and the standard library.
    sys.path[:] = path
    del sys.modules["clock"], sys.modules["standins"], sys.modules["wire"]
    sys.argv[:] = ["notebook"]
    for descriptor in settings["pipes"]:
        os.set_inheritable(descriptor, False)
    Worker(*settings["pipes"], settings["alone"], standins.install()).serve()


if __name__ == "__main__":
    main()
