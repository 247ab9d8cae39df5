"""Who gets which patients, what is wrong with them, and whether a chart shows it.

The charts go to the students, the faults stay here: in ``clinic.json``, which is written together
with the students' file by the ``make_patients.py`` of the assignment.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib.resources import files

import numpy as np

from initlab.grading.patients import FAULTS, Patient, draw_patient, take_chart

#: Patients for each fault.
COPIES = 3
#: A student gets one patient of each group, with one or the other fault.
GROUPS = (
    ("all-zero", "biases-only"),
    ("equal-weights", "shared-column"),
    ("too-small", "glorot-for-relu"),
    ("saturated", "exploding"),
    ("dead", "raw-inputs"),
    ("healthy", "zero-last-layer"),
)
#: Different sets of patients; the first byte of a digest says which one a student gets.
SETS = 256
#: Ways to change a patient's inputs a little. A chart must be the same after each of them.
NUDGES = (1, 2, 3)
#: The practice patients, whose fault is told.
PRACTICE = {"A": "equal-weights", "B": "glorot-for-relu"}


@cache
def _kept() -> dict:
    return json.loads((files("initlab.grading") / "clinic.json").read_text(encoding="utf-8"))


def register() -> dict[str, str]:
    """The fault of every patient, by the patient's name."""
    return _kept()["faults"]


def sets() -> list[list[str]]:
    """Lists of six patients, one of each group, in an order drawn by lot."""
    return _kept()["sets"]


def unseen() -> list[dict]:
    """Two patients for every fault, ``chart`` and ``fault``: to try a student's own rule on."""
    return _kept()["unseen"]


def set_number(student_id: str) -> int:
    """The number of a student's set; the student's notebook finds it by the same line."""
    return hashlib.sha256(student_id.strip().lower().encode()).digest()[0]


def faults_of(names: Iterable[str]) -> dict[str, str]:
    """What is wrong with the patients of a set, in the order of the set.

    Raises ``ValueError`` unless the names are those of one student's six patients.
    """
    names = sorted(names)
    for chosen in sets():
        if sorted(chosen) == names:
            return {name: register()[name] for name in chosen}
    raise ValueError(f"the patients of one student are six of a set, got {names}")


# ------------------------------------------------------------------ charts


def admit(fault: str, rng: np.random.Generator) -> dict:
    """The chart of the first patient drawn with this fault that shows it clearly.

    The chart must not hang on rounding either, or another computer would take another one.
    """
    for _attempt in range(40):
        patient = draw_patient(fault, rng)
        chart = take_chart(patient)
        clear = all(read(chart, slack) == fault for slack in (0.85, 1, 1.15))
        if clear and all(alike(chart, take_chart(_nudged(patient, k))) for k in NUDGES):
            return chart
    raise ValueError(f"none of 40 patients drawn with {fault!r} had a clear chart")


def _nudged(patient: Patient, how: int) -> Patient:
    """The same patient, with inputs changed by far more than rounding does, in one of many ways."""
    noise = np.cos(how * np.arange(patient.inputs.size)).reshape(patient.inputs.shape)
    return replace(patient, inputs=patient.inputs * (1 + 1e-12 * noise))


def alike(one, other, tolerance: float = 0.02) -> bool:
    """Whether two charts have the same words, the same zeros, and numbers this close."""
    if isinstance(one, dict):
        one, other = list(one.items()), list(other.items())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return one == other or abs(one - other) < tolerance * min(abs(one), abs(other))
    return one == other


def read(chart: dict, slack: float = 1.0) -> str:
    """The fault that a chart shows, by reasoning from the chart alone.

    The two borders that are a matter of degree are multiplied by ``slack``: a chart whose
    reading depends on it is no clear case.
    """
    rows, later = chart["rows"]["0"], chart["rows"]["3"]
    z, gradient = rows["rms_z"][:-1], rows["rms_grad_W"]
    if chart["rms_x"] > 10:
        return "raw-inputs"
    if not any(z):
        return "all-zero"
    if any(share == 1 and size for share, size in zip(rows.get("dead", []), z, strict=False)):
        return "dead"
    if gradient[0] == 0:
        return "biases-only" if later["rms_grad_W"][0] == 0 else "zero-last-layer"
    if max(rows["distinct"]) == 1:
        return "equal-weights" if max(later["distinct"]) == 1 else "shared-column"
    if max(rows.get("saturated", [0])) > slack / 3:
        return "saturated"
    factor = (z[-1] / z[0]) ** (1 / (len(z) - 1))
    if factor > 1.6 * slack:
        return "exploding"
    if factor < 0.55 * slack:
        return "too-small"
    relu = chart["activation"] == "relu"
    return "glorot-for-relu" if relu and factor < 0.84 * np.sqrt(slack) else "healthy"


# ------------------------------------------------------------------ a new clinic


def found(rng: np.random.Generator) -> tuple[dict, dict]:
    """Draw a clinic: what students get, and what is kept from them.

    The first has ``charts`` by name, ``sets`` of names and the ``practice`` patients, the second
    the ``faults`` by name, the same sets, and the ``unseen`` patients. Names are given by lot.
    """

    def admitted(faults: Iterable[str]) -> list[dict]:
        faults = list(faults)
        each = zip(faults, rng.spawn(len(faults)), strict=True)  # one refused changes no other
        return [{"fault": fault, "chart": admit(fault, own)} for fault, own in each]

    patients = admitted([*FAULTS] * COPIES)
    rng.shuffle(patients)
    named = {f"P{number:02d}": patient for number, patient in enumerate(patients, start=1)}
    faults = {name: patient["fault"] for name, patient in named.items()}
    lots = _lots(faults, rng)
    given = {
        "charts": {name: patient["chart"] for name, patient in named.items()},
        "sets": lots,
        "practice": dict(zip(PRACTICE, admitted(PRACTICE.values()), strict=True)),
    }
    return given, {"faults": faults, "sets": lots, "unseen": admitted([*FAULTS, *FAULTS])}


def _lots(faults: dict[str, str], rng: np.random.Generator) -> list[list[str]]:
    """All the sets, no two of them the same."""
    lots = {}
    while len(lots) < SETS:
        drawn = [rng.choice(group) for group in GROUPS]
        lot = [rng.choice([name for name in faults if faults[name] == fault]) for fault in drawn]
        lots[frozenset(lot)] = rng.permutation(lot).tolist()
    return list(lots.values())
