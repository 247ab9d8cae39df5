"""Networks with a faulty start, drawn at random, and the charts that are taken of them.

Symbols
-------
fault : a name of :data:`FAULTS`, what is wrong with a start; ``healthy`` and
    ``zero-last-layer`` are among them, and nothing is wrong with either.
chart : plain data about one network, numbers of three significant digits. Rows with one
    number a layer are taken before the first step and after :data:`LATER` steps.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from initlab import initializers as init
from initlab.diagnostics import (
    dead_fraction,
    distinct_units,
    inactive_fraction,
    layer_statistics,
    rms,
    saturation_fraction,
)
from initlab.network import MLP
from initlab.parameters import Parameters
from initlab.training import History, gradients, train

LOSS = "softmax_cross_entropy"
#: A chart is taken before the first step and after so many.
LATER = 3
#: The steps at which a chart has the loss.
LOSS_STEPS = (0, 1, 2, 5, 10, 20, 40)
SAMPLES = 60


@dataclass(frozen=True)
class Patient:
    """One network with its first parameters, its data and its learning rate."""

    fault: str
    network: MLP
    start: Parameters
    inputs: np.ndarray
    labels: np.ndarray
    learning_rate: float

    @property
    def activation(self) -> str:
        """The name of the hidden layers' activation."""
        return self.network.activations[0].name


def sound(activation: str) -> init.Initializer:
    """The scheme that suits an activation of the patients: Glorot for tanh, He for ReLU."""
    return {"tanh": init.glorot_normal(), "relu": init.he_normal()}[activation]


def clusters(n_inputs: int, n_classes: int, rng: np.random.Generator):
    """Noisy clusters, one a class: inputs of mean 0 and standard deviation 1, and labels.

    The classes are not equally frequent, so that an output bias alone can lower the loss.
    """
    centers = 1.5 * rng.standard_normal((n_classes, n_inputs))
    labels = np.minimum(rng.geometric(0.35, SAMPLES), n_classes) - 1
    inputs = centers[labels] + rng.standard_normal((SAMPLES, n_inputs))
    return (inputs - inputs.mean()) / inputs.std(), labels


def pixels(inputs: np.ndarray) -> np.ndarray:
    """The same inputs as whole numbers from 0 to 255, the way an image file has them."""
    return np.clip(np.round(128 + 50 * inputs), 0, 255)


# ------------------------------------------------------------------ the faults


def _uniform_start(weights: Callable, biases: Callable = lambda rng: init.zeros()) -> Callable:
    """A start with one recipe for all layers, made from the activation and a generator."""

    def start(network: MLP, activation: str, rng: np.random.Generator) -> Parameters:
        return network.initialize(weights(activation, rng), biases(rng), rng=rng)

    return start


def _equal_weights(network, activation, rng):
    """All units of a layer alike: incoming column, bias and outgoing row.

    Equal weights add up instead of canceling, so they are of the order 1 / width.
    """
    width = network.layer_sizes[1]
    first = init.constant(rng.uniform(0.1, 0.2))
    hidden = [init.constant(rng.uniform(1.0, 1.3) / width)] * (network.depth - 2)
    return network.initialize([first, *hidden, init.equal_rows(init.normal(1 / width))], rng=rng)


def _shared_column(network, activation, rng):
    hidden = [init.equal_columns(sound(activation))] * (network.depth - 1)
    return network.initialize([*hidden, sound(activation)], rng=rng)


def _dead(network, activation, rng):
    layer = rng.integers(0, network.depth - 1)
    biases = [init.zeros()] * network.depth
    biases[layer] = init.constant(-rng.uniform(8, 12))
    return network.initialize(sound(activation), biases, rng=rng)


def _zero_last_layer(network, activation, rng):
    hidden = [sound(activation)] * (network.depth - 1)
    return network.initialize([*hidden, init.zeros()], rng=rng)


def _scaled(low: float, high: float) -> Callable:
    """Sound weights times a factor from ``low`` to ``high``."""

    def weights(activation, rng):
        scale = {"tanh": 1, "relu": 2}[activation] * rng.uniform(low, high) ** 2
        return init.variance_scaling(scale, "fan_in", "normal")

    return _uniform_start(weights)


@dataclass(frozen=True)
class Fault:
    """``start(network, activation, rng)`` draws parameters; ``raw`` inputs are pixels."""

    start: Callable
    activations: tuple[str, ...] = ("tanh", "relu")
    raw: bool = False


_SOUND = _uniform_start(lambda activation, rng: sound(activation))

FAULTS: dict[str, Fault] = {
    "all-zero": Fault(_uniform_start(lambda activation, rng: init.zeros())),
    "biases-only": Fault(
        _uniform_start(lambda activation, rng: init.zeros(), lambda rng: init.normal(0.5)),
    ),
    "equal-weights": Fault(_equal_weights),
    "shared-column": Fault(_shared_column, ("tanh",)),
    "too-small": Fault(_scaled(0.2, 0.4)),
    "glorot-for-relu": Fault(
        _uniform_start(lambda activation, rng: init.glorot_normal()), ("relu",)
    ),
    "saturated": Fault(_scaled(5, 8), ("tanh",)),
    "exploding": Fault(_scaled(2.5, 4), ("relu",)),
    "dead": Fault(_dead, ("relu",)),
    "raw-inputs": Fault(_SOUND, raw=True),
    "healthy": Fault(_SOUND),
    "zero-last-layer": Fault(_zero_last_layer),
}


def draw_patient(fault: str, rng: np.random.Generator) -> Patient:
    """A network with this fault, of a size, with data and a learning rate drawn by ``rng``."""
    kind = FAULTS[fault]
    activation = kind.activations[rng.integers(len(kind.activations))]
    width, n_inputs, n_classes = rng.choice([40, 48, 56]), rng.integers(8, 17), rng.integers(3, 6)
    sizes = [int(n_inputs), *[int(width)] * int(rng.integers(5, 8)), int(n_classes)]
    inputs, labels = clusters(sizes[0], sizes[-1], rng)
    network = MLP(sizes, activation)
    start = kind.start(network, activation, rng)
    rate = float(rng.choice([0.1, 0.15, 0.2]))
    return Patient(fault, network, start, pixels(inputs) if kind.raw else inputs, labels, rate)


# ------------------------------------------------------------------ the charts


def rounded(value, digits: int = 3):
    """Numbers, lists and dicts with ``digits`` significant digits; ``None`` if not finite."""
    if isinstance(value, dict):
        return {key: rounded(entry, digits) for key, entry in value.items()}
    if isinstance(value, list | np.ndarray):
        return [rounded(entry, digits) for entry in value]
    if isinstance(value, str | int | np.integer):
        return value if isinstance(value, str) else int(value)
    return float(f"{value:.{digits}g}") if np.isfinite(value) else None


def take_rows(patient: Patient, parameters: Parameters) -> dict[str, np.ndarray]:
    """The rows of a chart with one number a layer, for the patient at these parameters.

    ``rms_z``, ``rms_h``, ``rms_delta`` and ``rms_grad_W`` of all layers; of the hidden layers
    ``distinct`` (units that differ on the data), and ``saturated`` for tanh, ``inactive`` and
    ``dead`` for ReLU.
    """
    trace = patient.network.forward(parameters, patient.inputs)
    found = gradients(patient.network, parameters, patient.inputs, patient.labels, loss=LOSS)
    shares = {
        "tanh": {"saturated": lambda z: saturation_fraction("tanh", z)},
        "relu": {"inactive": inactive_fraction, "dead": dead_fraction},
    }[patient.activation]
    rows = layer_statistics(trace, found)
    rows["distinct"] = np.array([distinct_units(h) for h in trace.h[1:-1]])
    return rows | {
        name: np.array([share(z) for z in trace.z[:-1]]) for name, share in shares.items()
    }


def take_chart(patient: Patient) -> dict:
    """All that is measured on a patient, as plain data without a word about its fault."""
    with np.errstate(all="ignore"):  # some of them overflow: that is their fault
        later = _trained(patient, patient.start, patient.inputs, LATER, []).parameters
        history = _trained(patient, patient.start, patient.inputs, LOSS_STEPS[-1], LOSS_STEPS)
        rows = {
            str(step): take_rows(patient, parameters)
            for step, parameters in ((0, patient.start), (LATER, later))
        }
    chart = {
        "layer_sizes": list(patient.network.layer_sizes),
        "activation": patient.activation,
        "learning_rate": patient.learning_rate,
        "rms_x": rms(patient.inputs),
        "loss": dict(zip(map(str, LOSS_STEPS), history.loss, strict=True)),
        "rows": rows,
    }
    return rounded(chart)


def try_start(patient: Patient, start: Parameters, inputs: np.ndarray, steps: int) -> float:
    """The loss after training the patient from another start, on inputs given for its own."""
    with np.errstate(all="ignore"):
        return float(_trained(patient, start, inputs, steps, [steps]).loss[-1])


def _trained(patient: Patient, start: Parameters, inputs, steps: int, record_at) -> History:
    return train(
        patient.network,
        start,
        inputs,
        patient.labels,
        loss=LOSS,
        learning_rate=patient.learning_rate,
        steps=steps,
        record_at=record_at,
    )
