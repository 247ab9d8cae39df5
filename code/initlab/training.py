"""Gradient descent, full batch or minibatch, with a history of what was seen on the way.

An update rule turns the gradient of one array into the direction of its step. It works
entry by entry and never learns which unit an entry belongs to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from initlab import _checks
from initlab.clipping import Clip
from initlab.losses import Loss, get_loss
from initlab.network import MLP, Gradients
from initlab.parameters import Parameters


@dataclass(frozen=True)
class UpdateRule:
    """``direction(gradient, state, step) -> (direction, state)``, for one array.

    The parameter then moves by ``-learning_rate * direction``. ``state`` is ``None`` at
    step 1, afterwards whatever the rule returned. Steps count from 1.
    """

    name: str
    direction: Callable

    def __repr__(self) -> str:
        return self.name


def sgd() -> UpdateRule:
    """The gradient itself."""
    return UpdateRule("sgd()", lambda gradient, state, step: (gradient, None))


def momentum(decay: float = 0.9) -> UpdateRule:
    """A decaying sum of the gradients so far: ``v = decay * v + gradient``."""
    decay = _checks.number(decay, "decay", at_least=0, below=1)

    def direction(gradient, velocity, step):
        velocity = gradient if velocity is None else decay * velocity + gradient
        return velocity, velocity

    return UpdateRule(f"momentum({decay:g})", direction)


def rmsprop(decay: float = 0.9, epsilon: float = 1e-8) -> UpdateRule:
    """The gradient over the root of its running mean square (Tieleman & Hinton 2012)."""
    decay = _checks.number(decay, "decay", at_least=0, below=1)
    epsilon = _checks.number(epsilon, "epsilon", above=0)

    def direction(gradient, square, step):
        square = decay * (0.0 if square is None else square) + (1 - decay) * gradient**2
        return gradient / (np.sqrt(square) + epsilon), square

    return UpdateRule(f"rmsprop({decay:g})", direction)


def adam(decay: float = 0.9, square_decay: float = 0.999, epsilon: float = 1e-8) -> UpdateRule:
    """Running mean over the root of the running mean square (Kingma & Ba 2015, alg. 1)."""
    decay = _checks.number(decay, "decay", at_least=0, below=1)
    square_decay = _checks.number(square_decay, "square_decay", at_least=0, below=1)
    epsilon = _checks.number(epsilon, "epsilon", above=0)

    def direction(gradient, state, step):
        mean, square = (0.0, 0.0) if state is None else state
        mean = decay * mean + (1 - decay) * gradient
        square = square_decay * square + (1 - square_decay) * gradient**2
        # Both means start at zero; the divisors undo that bias.
        unbiased = mean / (1 - decay**step)
        spread = np.sqrt(square / (1 - square_decay**step))
        return unbiased / (spread + epsilon), (mean, square)

    return UpdateRule(f"adam({decay:g}, {square_decay:g})", direction)


@dataclass(frozen=True)
class History:
    """What :func:`train` recorded.

    Attributes
    ----------
    steps : the recorded steps, shape ``(n_records,)``; step 0 is before the first update.
    loss : over the whole data set, shape ``(n_records, ...)`` with the ensemble's axes.
    observed : one array for each name that ``observe`` returned, ``(n_records, ...)``.
    parameters : after the last step.
    """

    steps: np.ndarray
    loss: np.ndarray
    parameters: Parameters
    observed: dict[str, np.ndarray] = field(default_factory=dict)


def gradients(
    network: MLP,
    parameters: Parameters,
    inputs: np.ndarray,
    targets: np.ndarray,
    *,
    loss: str | Loss,
    masks: list | None = None,
) -> Gradients:
    """One forward and one backward pass: every delta and gradient of the mean loss."""
    trace = network.forward(parameters, inputs, masks)
    return network.backward(parameters, trace, get_loss(loss).gradient(trace.outputs, targets))


def train(
    network: MLP,
    parameters: Parameters,
    inputs: np.ndarray,
    targets: np.ndarray,
    *,
    loss: str | Loss,
    learning_rate: float | Parameters,
    steps: int,
    update_rule: UpdateRule = sgd(),  # noqa: B008 (immutable)
    clip: Clip | None = None,
    batch_size: int | None = None,
    dropout: float = 0.0,
    rng: np.random.Generator | None = None,
    record_at: Sequence[int] | None = None,
    observe: Callable[[Parameters], dict] | None = None,
    progress: bool = False,
) -> History:
    """Train a network, or an ensemble of networks, and record what happens.

    Parameters
    ----------
    inputs, targets : ``(n_samples, n_inputs)`` and what the loss asks for; shared by all
        members of an ensemble.
    learning_rate : one number, or a ``Parameters`` with one for each ``W[l]`` and ``b[l]``.
    clip : bounds the gradients before the update rule sees them, see ``initlab.clipping``.
    batch_size : ``None`` for the full batch, else minibatches without replacement from a
        fresh shuffle every epoch (all members see the same ones); an incomplete last
        batch is left for the next shuffle. Needs ``rng``.
    dropout : probability with which a hidden activation is set to 0 while training. Every
        member of an ensemble has its own masks. Needs ``rng``.
    record_at : steps to record, default all from 0 to ``steps``.
    observe : called with the parameters at every recorded step; returns a dict of arrays.
    progress : show a progress bar on standard error.

    Raises
    ------
    ValueError, TypeError
        For NaN in the data, sizes that do not fit, labels out of range, a negative rate,
        a step that is never reached, or a missing ``rng`` where one is needed.
    """
    loss = get_loss(loss)
    inputs, targets = _checks.finite(inputs, "inputs"), np.asarray(targets)
    if inputs.ndim != 2:
        raise ValueError(f"inputs must have shape (n_samples, n_inputs), got {inputs.shape}")
    loss.prepare(targets, (len(inputs), network.layer_sizes[-1]))
    if not isinstance(update_rule, UpdateRule):
        raise TypeError(f"update_rule must be an UpdateRule such as adam(), got {update_rule!r}")
    if clip is not None and not isinstance(clip, Clip):
        raise TypeError(f"clip must be a Clip such as clip_by_global_norm(1), got {clip!r}")
    rates = _learning_rates(learning_rate, parameters)
    steps = _checks.whole(steps, "steps", at_least=0)
    dropout = _checks.number(dropout, "dropout", at_least=0, below=1)
    wanted = _record_steps(record_at, steps)
    batches = _batches(inputs, targets, batch_size, dropout, rng)
    ensemble = parameters.W[0].shape[:-2]
    states = [None] * len(rates)
    losses, observed = [], []
    for step in tqdm(range(steps + 1), disable=not progress):
        if step > 0:
            x, y = next(batches)
            masks = (
                network.dropout_masks(dropout, len(x), rng=rng, ensemble=ensemble)
                if dropout
                else None
            )
            found = gradients(network, parameters, x, y, loss=loss, masks=masks)
            if clip is not None:
                found = clip(Parameters(found.grad_W, found.grad_b))
            moved = []
            for i, (array, gradient) in enumerate(
                zip(parameters.arrays(), found.arrays(), strict=True)
            ):
                direction, states[i] = update_rule.direction(gradient, states[i], step)
                moved.append(array - rates[i] * direction)
            parameters = Parameters.from_arrays(moved)
        if step in wanted:
            losses.append(loss(network.forward(parameters, inputs).outputs, targets))
            observed.append(observe(parameters) if observe else {})
    names = observed[0] if observed else {}
    return History(
        np.array(sorted(wanted)),
        np.array(losses),
        parameters,
        {name: np.array([seen[name] for seen in observed]) for name in names},
    )


def _learning_rates(learning_rate, parameters: Parameters) -> list[float]:
    count = len(parameters.arrays())
    rates = (
        learning_rate.arrays() if isinstance(learning_rate, Parameters) else [learning_rate] * count
    )
    if len(rates) != count:
        raise ValueError(
            f"learning_rate must be one number or have one for each of the {count} parameter "
            f"arrays, got {len(rates)}"
        )
    return [_checks.number(rate, "learning_rate", at_least=0) for rate in rates]


def _record_steps(record_at, steps: int) -> set[int]:
    if record_at is None:
        return set(range(steps + 1))
    wanted = {_checks.whole(step, "each step in record_at", at_least=0) for step in record_at}
    if wanted and max(wanted) > steps:
        raise ValueError(f"record_at must lie in 0..{steps}, got {max(wanted)}")
    return wanted


def _batches(inputs, targets, batch_size, dropout, rng):
    """Endless (inputs, targets) of one batch each; checks its arguments when called."""
    if batch_size is not None or dropout:
        _checks.generator(rng)
    if batch_size is None:
        return iter(lambda: (inputs, targets), None)
    batch_size = _checks.whole(batch_size, "batch_size")
    if batch_size > len(inputs):
        raise ValueError(f"batch_size must be at most the {len(inputs)} samples, got {batch_size}")
    return _shuffled(inputs, targets, batch_size, rng)


def _shuffled(inputs, targets, batch_size, rng):
    n = len(inputs)
    while True:
        order = rng.permutation(n)
        for start in range(0, n - batch_size + 1, batch_size):
            chosen = order[start : start + batch_size]
            yield inputs[chosen], targets[chosen]
