"""One point of the map *How far does it train?*: a network, its training, what it can do then.

Symbols
-------
depth : the number of weight layers; all but the last have ``WIDTH`` units.
sigma_w, sigma_b : the scales of ``initlab.theory``, of all layers alike. ``SIGMA_B`` has that of
    each activation: for tanh the variance 0.05 of Schoenholz et al. 2017, for relu none (He 2015).
"""

import numpy as np

from initlab import _checks, correlations
from initlab.data import digits
from initlab.diagnostics import accuracy
from initlab.initializers import normal, variance_scaling
from initlab.network import MLP
from initlab.parameters import Parameters
from initlab.training import train

SIGMA_B = {"tanh": 0.05**0.5, "relu": 0.0}
WIDTH, STEPS, BATCH_SIZE, RATE = 100, 200, 64, 0.01

#: The depth to which Schoenholz et al. 2017 found networks to train, in depth scales.
MULTIPLE = 6

#: The axes of the map, and as a control those of other learning rates at one depth.
MAP = {
    "activation": ["tanh", "relu"],
    "learning_rate": [RATE],
    "depth": [2, 4, 8, 12, 18, 26, 38],
    "sigma_w": [0.6, 0.8, 1.0, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2.1, 2.4, 2.8],
    "seed": [0, 1, 2, 3, 4],
}
CONTROL = MAP | {"learning_rate": [0.001, RATE, 0.1], "depth": [12]}


def trained_accuracy(
    *,
    activation: str,
    learning_rate: float,
    depth: int,
    sigma_w: float,
    seed: int,
    rng: np.random.Generator,
) -> float:
    """The share of the training digits that a network has right after ``STEPS`` steps.

    Plain gradient descent in single precision, minibatches of ``BATCH_SIZE``. The split of the
    digits, the draw and the order of the batches all come from ``rng``; ``seed`` only tells draws
    apart. A network whose numbers overflow ends at chance. Raises ``ValueError`` for an activation
    without a ``SIGMA_B``, or settings that a network or its training refuses.
    """
    sigma_b = _checks.choose(SIGMA_B, activation, "activation in the map")
    train_set, _ = digits(rng=rng)
    network = MLP([64, *[WIDTH] * (depth - 1), 10], activation)
    weights = variance_scaling(sigma_w**2, "fan_in", "normal")
    start = network.initialize(weights, normal(sigma_b), rng=rng)
    start = Parameters.from_arrays([array.astype(np.float32) for array in start.arrays()])
    inputs = train_set.inputs.astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        end = train(
            network, start, inputs, train_set.labels, loss="softmax_cross_entropy",
            learning_rate=learning_rate, steps=STEPS, batch_size=BATCH_SIZE, rng=rng,
            record_at=[],
        ).parameters  # fmt: skip
        outputs = network.forward(end, inputs).outputs
    return float(accuracy(outputs, train_set.labels))


def trainable_depth(activation: str, sigma_w: float) -> float:
    """``MULTIPLE`` times the depth scale of correlations: what theory expects to train.

    ``inf`` on the critical line. Raises ``ValueError`` for an activation without a ``SIGMA_B``, or
    a negative sigma_w.
    """
    sigma_b = _checks.choose(SIGMA_B, activation, "activation in the map")
    return MULTIPLE * correlations.depth_scale(activation, sigma_w, sigma_b)
