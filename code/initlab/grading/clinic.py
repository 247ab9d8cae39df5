"""Who gets which patients, what is wrong with them, and whether a chart shows it.

The charts go to the students, the faults do not: they follow from :data:`SEED`, which no
student file contains. With another seed (and ``make_patients.py`` run again) there are
other patients.
"""

import hashlib
import json
from dataclasses import replace
from functools import cache
from importlib.resources import files

import numpy as np

from initlab.grading.patients import FAULTS, Patient, draw_patient, take_chart

#: Change it for a course whose students may have read this package.
SEED = 20_260_301
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


@cache
def register() -> dict[str, tuple[str, int]]:
    """Every patient's name with its fault and copy. The names are given by lot."""
    cases = [(fault, copy) for fault in FAULTS for copy in range(COPIES)]
    order = np.random.default_rng(SEED).permutation(len(cases))
    return {f"P{number:02d}": cases[case] for number, case in enumerate(order, start=1)}


@cache
def sets() -> list[list[str]]:
    """Lists of six patients, one of each group, in an order drawn by lot."""
    names = {case: name for name, case in register().items()}
    rng = np.random.default_rng([SEED, 1])

    def draw(group) -> str:
        return names[group[rng.integers(len(group))], int(rng.integers(COPIES))]

    return [rng.permutation([draw(group) for group in GROUPS]).tolist() for _ in range(SETS)]


def set_number(student_id: str) -> int:
    """The number of a student's set; the student's notebook finds it by the same line."""
    return hashlib.sha256(student_id.strip().lower().encode()).digest()[0]


def faults_of(names) -> dict[str, str]:
    """What is wrong with the patients of a set, in the order of the set.

    Raises ``ValueError`` unless the names are those of one student's six patients.
    """
    names = sorted(names)
    for chosen in sets():
        if sorted(chosen) == names:
            return {name: register()[name][0] for name in chosen}
    raise ValueError(f"the patients of one student are six of a set, got {names}")


# ------------------------------------------------------------------ charts


def admit(fault: str, *key: int) -> dict:
    """The chart of the first patient drawn with this fault that shows it clearly.

    The chart must not hang on rounding either, or another computer would take another one.
    """
    for attempt in range(40):
        patient = draw_patient(fault, np.random.default_rng([*key, attempt]))
        chart = take_chart(patient)
        clear = all(read(chart, slack) == fault for slack in (0.85, 1, 1.15))
        if clear and alike(chart, take_chart(_nudged(patient))):
            return chart
    raise ValueError(f"no clear chart of {fault!r} was drawn from {key}")


def _nudged(patient: Patient) -> Patient:
    """The same patient, with inputs changed by a few units in the last place."""
    noise = np.random.default_rng(0).standard_normal(patient.inputs.shape)
    return replace(patient, inputs=patient.inputs * (1 + 4e-15 * noise))


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


def pool() -> dict:
    """All that the students get: charts, sets, and two practice patients with their fault."""
    practice = {"A": "equal-weights", "B": "glorot-for-relu"}
    return {
        "charts": {
            name: admit(fault, SEED, 2, list(FAULTS).index(fault), copy)
            for name, (fault, copy) in register().items()
        },
        "sets": sets(),
        "practice": {
            name: {"fault": fault, "chart": admit(fault, 3, number)}
            for number, (name, fault) in enumerate(practice.items())
        },
    }


def unseen_pool() -> list[dict]:
    """Two charts for every fault, with the fault: what a student's own rule is tried on."""
    return [
        {"fault": fault, "chart": admit(fault, SEED, 4, number, copy)}
        for number, fault in enumerate(FAULTS)
        for copy in range(2)
    ]


@cache
def unseen() -> list[dict]:
    """What :func:`unseen_pool` wrote, ready for use."""
    return json.loads((files("initlab.grading") / "unseen.json").read_text(encoding="utf-8"))
