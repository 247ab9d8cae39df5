"""What answers about patients are held against: proofs, cures, and trials of a repair.

The functions whose names begin with ``check`` return for a right answer and raise
``AssertionError`` with words for the student for a wrong one, :class:`Misconceived` where a
known wrong idea leads to it.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np

from initlab.grading import clinic
from initlab.grading.misconceptions import Misconceived
from initlab.grading.patients import Patient, clusters, pixels, sound, try_start
from initlab.network import MLP
from initlab.parameters import Parameters

_SIGNAL = {"rms_z", "rms_h", "rms_delta"}
#: The rows of a chart that prove a fault. Any of them will do.
PROOFS: dict[str, set[str]] = {
    "all-zero": {"rms_z", "rms_h"},
    "biases-only": {"rms_delta", "rms_grad_W"},
    "equal-weights": {"distinct"},
    "shared-column": {"distinct"},
    "too-small": _SIGNAL,
    "glorot-for-relu": _SIGNAL,
    "saturated": {"saturated", "rms_z", "rms_h"},
    "exploding": _SIGNAL,
    "dead": {"dead", "inactive", "distinct", "rms_z", "rms_h"},
    "raw-inputs": {"rms_x", "rms_z"},
    "healthy": _SIGNAL,
    "zero-last-layer": {"rms_z", "rms_h", "rms_delta", "rms_grad_W"},
}
#: The one change to the start that removes the fault.
CURES: dict[str, str] = {
    "all-zero": "random-weights",
    "biases-only": "random-weights",
    "equal-weights": "random-weights",
    "shared-column": "random-weights",
    "too-small": "larger-weights",
    "glorot-for-relu": "larger-weights",
    "saturated": "smaller-weights",
    "exploding": "smaller-weights",
    "dead": "zero-biases",
    "raw-inputs": "standardize-inputs",
    "healthy": "nothing",
    "zero-last-layer": "nothing",
}
_TIED = ("equal-weights", "shared-column")
_BLOCKED = ("all-zero", "biases-only")
#: Wrong ideas, each with the faults it misreads and what it takes them for.
_MISREADINGS = (
    ("symmetry-for-a-block", _BLOCKED, _TIED),
    ("vanishing-for-zero", _BLOCKED, ("too-small",)),
    ("inputs-break-the-tie", ("equal-weights",), ("shared-column",)),
    ("shared-column-is-hopeless", ("shared-column",), ("equal-weights",)),
    ("vanishing-for-saturation", ("saturated", "raw-inputs"), ("too-small",)),
    ("weights-blamed-for-inputs", ("raw-inputs",), ("saturated", "exploding")),
    ("dead-for-inactive", ("healthy", "zero-last-layer", "too-small"), ("dead",)),
    ("zero-last-layer-is-a-fault", ("zero-last-layer",), _BLOCKED),
    ("relu-cannot-vanish", ("glorot-for-relu",), ("healthy",)),
    ("falling-loss-is-health", (*_BLOCKED, *_TIED, "saturated", "raw-inputs"), ("healthy",)),
)
MISREAD = {
    (fault, answer): name
    for name, faults, answers in _MISREADINGS
    for fault in faults
    for answer in answers
}
#: The wrong idea behind a cure, whatever it was prescribed for.
QUACKERY = {
    "larger-learning-rate": "rate-cures-the-start",
    "clip-gradients": "clipping-cures-the-start",
    "train-longer": "patience-cures-the-start",
    "random-biases": "random-biases-suffice",
}
#: Training must come below this loss in so many steps.
GOAL, STEPS = 0.2, 60


def check_diagnosis(diagnoses: Mapping, position: int) -> None:
    """The diagnosis of one of the patients; ``position`` in their set counts from 1."""
    name, fault = list(_faults(diagnoses).items())[position - 1]
    answer = diagnoses[name]
    if answer == fault:
        return
    if (fault, answer) in MISREAD:
        raise Misconceived(MISREAD[fault, answer])
    raise AssertionError(f"The diagnosis of patient {name} is not the right one.")


def check_evidence(evidence: Mapping, at_least: int) -> None:
    """For so many of six patients at least, the row that proves the diagnosis."""
    faults = _faults(evidence)
    wrong = {name: row for name, row in evidence.items() if row not in PROOFS[faults[name]]}
    if len(faults) - len(wrong) >= at_least:
        return
    for name, row in wrong.items():
        if row == "loss":
            raise Misconceived("loss-as-evidence")
        if row == "rms_grad_W" and PROOFS[faults[name]] == _SIGNAL:
            raise Misconceived("level-weight-gradients")
        if row == "inactive":
            raise Misconceived("dead-for-inactive")
    raise AssertionError(f"The row proves the diagnosis for fewer than {at_least} patients.")


def check_cures(cures: Mapping, at_least: int) -> None:
    """For so many of six patients at least, the change that removes the fault."""
    faults = _faults(cures)
    wrong = {name: cure for name, cure in cures.items() if cure != CURES[faults[name]]}
    if len(faults) - len(wrong) >= at_least:
        return
    for name, cure in wrong.items():
        if faults[name] == "zero-last-layer" and cure == "random-weights":
            raise Misconceived("zero-last-layer-is-a-fault")
        if faults[name] == "raw-inputs" and cure == "smaller-weights":
            raise Misconceived("weights-blamed-for-inputs")
        if (faults[name], cure) == ("shared-column", "train-longer"):
            continue  # its units part by themselves: time does help a little there
        if cure in QUACKERY:
            raise Misconceived(QUACKERY[cure])
    raise AssertionError(f"The change removes the fault of fewer than {at_least} patients.")


def _faults(answers: Mapping) -> dict[str, str]:
    if not isinstance(answers, dict) or not all(isinstance(x, str) for x in answers.values()):
        raise AssertionError("The answer must be a dict with a word for each of your patients.")
    try:
        return clinic.faults_of(map(str, answers))
    except ValueError:
        raise AssertionError("The keys must be the names of your own six patients.") from None


def check_rule(diagnose: Callable, at_least: int) -> None:
    """A student's rule finds so many of the faults of patients that nobody has seen."""
    found, misread, stopped = 0, [], []
    for patient in clinic.unseen():
        try:
            answer = diagnose(chart=patient["chart"])
        except Exception as error:  # costs this patient, not those that the rule can tell
            stopped.append(error)
            continue
        found += isinstance(answer, str) and answer == patient["fault"]
        if isinstance(answer, str) and (patient["fault"], answer) in MISREAD:
            misread.append(MISREAD[patient["fault"], answer])
    if found >= at_least:
        return
    if stopped:
        raise stopped[0]
    # One wrong idea must stand out, to be named.
    if misread and set(misread) == {misread[0]} and len(misread) > 1:
        raise Misconceived(misread[0])
    total = len(clinic.unseen())
    raise AssertionError(f"The rule is right for {found} of {total} new patients.")


# ------------------------------------------------------------------ repairs

#: Patients to be started anew: sizes, activation, learning rate, whether the inputs are pixels.
WARDS = {
    "tanh": ([10, *[60] * 10, 4], "tanh", 0.2, False),
    "deep relu": ([12, *[50] * 10, 3], "relu", 0.03, False),
    "pixels": ([16, *[40] * 4, 3], "relu", 0.1, True),
}


def new_patient(ward: str, rng: np.random.Generator) -> Patient:
    """A patient of a ward; its own start is a sound one for inputs of size 1."""
    sizes, activation, rate, raw = WARDS[ward]
    inputs, labels = clusters(sizes[0], sizes[-1], rng)
    network = MLP(sizes, activation)
    start = network.initialize(sound(activation), rng=rng)
    return Patient("", network, start, pixels(inputs) if raw else inputs, labels, rate)


def check_repair(repair: Callable, ward: str, rng: np.random.Generator) -> None:
    """A student's start, and inputs shifted and scaled by the student, train in a few steps."""
    patient = new_patient(ward, rng)
    answer = repair(
        layer_sizes=list(patient.network.layer_sizes),
        activation=patient.activation,
        inputs=patient.inputs,
        rng=rng,
    )
    start, inputs = _started(answer, patient)
    loss = try_start(patient, start, inputs, STEPS)
    if loss < GOAL:  # False for nan
        return
    if not any(map(np.any, start.W[:-1])):
        raise Misconceived("random-biases-suffice")
    if np.sqrt((inputs**2).mean()) > 10:
        raise Misconceived("weights-blamed-for-inputs")
    hidden = np.array([W.var() * len(W) for W in start.W[1:-1]])
    if patient.activation == "relu" and np.allclose(hidden, 1, atol=0.2):
        raise Misconceived("glorot-for-relu")
    raise AssertionError(
        f"After {STEPS} steps the loss is not below {GOAL} for a patient with layers "
        f"{list(patient.network.layer_sizes)} and {patient.activation}."
    )


def _started(answer, patient: Patient) -> tuple[Parameters, np.ndarray]:
    """The parameters and the inputs in an answer; AssertionError where it has not the form."""
    keys = ("W", "b", "shift", "scale")
    if not isinstance(answer, dict) or set(answer) != set(keys):
        raise AssertionError("repair must return a dict with the keys W, b, shift and scale.")
    try:
        W, b = ([np.array(entry, dtype=float) for entry in answer[key]] for key in ("W", "b"))
        shift, scale = (np.array(answer[key], dtype=float) for key in ("shift", "scale"))
        with np.errstate(all="ignore"):
            inputs = (patient.inputs - shift) / scale
    except (TypeError, ValueError):
        raise AssertionError("W and b must be lists of arrays, shift and scale numbers.") from None
    sizes = patient.network.layer_sizes
    fits = [w.shape for w in W] == list(pairwise(sizes))
    fits = fits and [entry.shape for entry in b] == [(n,) for n in sizes[1:]]
    if not fits or inputs.shape != patient.inputs.shape:
        raise AssertionError("The shapes of W and b do not fit the layer sizes.")
    if not all(np.isfinite(array).all() for array in [*W, *b, inputs]):
        raise AssertionError("The start or the inputs are not finite.")
    return Parameters(W, b), inputs
