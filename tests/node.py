"""The lab's modules under Node: questions as JSON, answers as numbers or as text."""

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from helpers import ROOT

LAB = ROOT / "tests" / "lab"
PLACES = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def node(*arguments, text=None) -> bytes:
    """What Node prints for these arguments; fails with what it says on standard error."""
    program = shutil.which("node", path=PLACES)
    assert program, "there is no Node: make lint brings it"
    done = subprocess.run([program, *map(str, arguments)], input=text, capture_output=True)
    assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
    return done.stdout


def plain(value):
    """``value`` as JSON has it; numbers that JSON lacks are written {"number": "NaN"}."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return {"number": "NaN" if math.isnan(value) else f"{'-' * (value < 0)}Infinity"}
    return value


def ask(task: str, questions: list) -> np.ndarray:
    """The numbers of one task of answer.mjs, all answers one behind the other."""
    text = json.dumps(plain(questions)).encode()
    return np.frombuffer(node(LAB / "answer.mjs", task, text=text))


def ask_words(task: str, questions: list) -> list:
    """The answers of a task that speaks JSON."""
    return json.loads(node(LAB / "answer.mjs", task, text=json.dumps(plain(questions)).encode()))
