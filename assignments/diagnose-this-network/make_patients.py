"""Draw the patients anew: ``python assignments/diagnose-this-network/make_patients.py``.

Writes ``patients.json``, which students get, and the ``clinic.json`` of ``initlab.grading``, which
they do not. Change SEED for a course whose students may have read either.
"""

import json
from importlib.resources import files
from pathlib import Path

import numpy as np

from initlab.grading import clinic

SEED = 20_260_301
PATIENTS = Path(__file__).resolve().parent / "patients.json"
KEPT = Path(str(files("initlab.grading"))) / "clinic.json"


def text(data: dict) -> str:
    """JSON with a line for every entry of the entries of ``data``."""
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {_lines(data[key])}" for key in data) + "\n}\n"


def _lines(data) -> str:
    if isinstance(data, list):
        return "[\n" + ",\n".join(map(json.dumps, data)) + "\n]"
    each = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in data.items())
    return "{\n" + ",\n".join(each) + "\n}"


def main() -> None:
    """Write both files."""
    given, kept = clinic.found(np.random.default_rng(SEED))
    PATIENTS.write_text(text(given), encoding="utf-8")
    KEPT.write_text(text(kept), encoding="utf-8")


if __name__ == "__main__":
    main()
