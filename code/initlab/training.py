"""Gradient descent, full batch or minibatch, with a history of what was seen on the way.

Networks of an ensemble train in blocks, see ``initlab.blocks``: between two recorded steps
each block goes its way alone, so that its numbers stay in the cache. What comes out is the
same, to the last bit, for every size of block and every number of threads. An update rule
or a clip that is not marked ``divisible`` gets the whole ensemble at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

import numpy as np
from tqdm import tqdm

from initlab import _checks
from initlab.clipping import Clip
from initlab.cohort import Cohort
from initlab.losses import Loss, get_loss
from initlab.network import MLP, Gradients
from initlab.parameters import Parameters
from initlab.schedule import LONGEST, batches, meetings, recorded_steps
from initlab.updates import UpdateRule, adam, momentum, rmsprop, sgd

__all__ = ["History", "UpdateRule", "adam", "gradients", "momentum", "parameter_gradients",
           "rmsprop", "sgd", "train"]  # fmt: skip


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
    whole: bool = True,
) -> Gradients:
    """One forward and one backward pass: every delta and gradient of the mean loss.

    ``whole=False`` keeps only what the gradients of the parameters need, see :class:`.MLP`.
    """
    trace = network.forward(parameters, inputs, masks, whole=whole)
    arriving = get_loss(loss).gradient(trace.outputs, targets)
    return network.backward(parameters, trace, arriving, whole=whole)


def parameter_gradients(
    network: MLP,
    parameters: Parameters,
    inputs: np.ndarray,
    targets: np.ndarray,
    *,
    loss: str | Loss,
) -> Parameters:
    """Only ``grad_W`` and ``grad_b`` of :func:`gradients`, for an ensemble block by block.

    Memory beyond the result is bounded by the blocks that run at one time, not by the
    ensemble, where ``inputs`` and ``targets`` are shared by all members.
    """
    prepared = get_loss(loss).prepare(targets, (len(inputs), network.layer_sizes[-1]))
    cohort = Cohort(parameters, len(inputs), divisible=inputs.ndim == np.ndim(prepared) == 2)

    def of_block(block):
        found = gradients(network, block, inputs, targets, loss=loss, whole=False)
        return Parameters(found.grad_W, found.grad_b)

    with cohort.crew() as run:
        return cohort.join_parameters(run(of_block, cohort.split(parameters)))


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
        members of an ensemble. Inputs are converted to the dtype of the parameters: those in
        float32 stay in float32, with all that is computed from them.
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
    inputs = inputs.astype(np.result_type(*parameters.arrays()), copy=False)
    prepared = loss.prepare(targets, (len(inputs), network.layer_sizes[-1]))
    if not isinstance(update_rule, UpdateRule):
        raise TypeError(f"update_rule must be an UpdateRule such as adam(), got {update_rule!r}")
    if clip is not None and not isinstance(clip, Clip):
        raise TypeError(f"clip must be a Clip such as clip_by_global_norm(1), got {clip!r}")
    rates = _learning_rates(learning_rate, parameters)
    steps = _checks.whole(steps, "steps", at_least=0)
    dropout = _checks.number(dropout, "dropout", at_least=0, below=1)
    wanted = recorded_steps(record_at, steps)
    drawing = batches(len(inputs), batch_size, rng)
    n_samples = len(inputs) if batch_size is None else batch_size
    if dropout:
        _checks.generator(rng)
    # Members may have targets of their own, with the full batch; those are not cut either.
    divisible = update_rule.divisible and (clip is None or clip.divisible)
    cohort = Cohort(parameters, n_samples, divisible=divisible and np.ndim(prepared) == 2)
    blocks = [
        _Block(network, inputs, targets, loss, rates, update_rule, clip, part.arrays())
        for part in cohort.split(parameters)
    ]
    losses, observed, step = [], [], 0
    with cohort.crew() as run, tqdm(total=steps + 1, disable=not progress) as bar:
        for meeting in meetings(wanted, steps, 1 if dropout else LONGEST):
            drawn = list(islice(drawing, meeting - step))
            if dropout and drawn:
                masks = network.dropout_masks(dropout, n_samples, rng=rng, ensemble=cohort.shape)
                cohort.hand_out(masks, blocks)
            run(partial(_Block.descend, taken=step, drawn=drawn), blocks)
            step = meeting
            if step in wanted:
                losses.append(cohort.join(run(_Block.mean_loss, blocks)))
                observed.append(observe(_joined(cohort, blocks)) if observe else {})
            bar.update(step + 1 - bar.n)
    names = observed[0] if observed else {}
    return History(
        np.array(sorted(wanted)),
        np.array(losses),
        _joined(cohort, blocks),
        {name: np.array([seen[name] for seen in observed]) for name in names},
    )


@dataclass
class _Block:
    """Some members of an ensemble, and all they need to descend on their own."""

    network: MLP
    inputs: np.ndarray
    targets: np.ndarray
    loss: Loss
    rates: list[float]
    update_rule: UpdateRule
    clip: Clip | None
    arrays: list
    masks: list | None = None

    def __post_init__(self):
        self.states = [None] * len(self.arrays)

    @property
    def parameters(self) -> Parameters:
        return Parameters.from_arrays(self.arrays)

    def descend(self, taken: int, drawn: list) -> None:
        for step, chosen in enumerate(drawn, start=taken + 1):
            x, y = self.inputs[chosen], self.targets[chosen]
            found = gradients(
                self.network, self.parameters, x, y,
                loss=self.loss, masks=self.masks, whole=False,
            )  # fmt: skip
            if self.clip is not None:
                found = self.clip(Parameters(found.grad_W, found.grad_b))
            for i, gradient in enumerate(found.arrays()):
                direction, self.states[i] = self.update_rule.direction(
                    gradient, self.states[i], step
                )
                self.arrays[i] = self.arrays[i] - self.rates[i] * direction

    def mean_loss(self) -> np.ndarray:
        trace = self.network.forward(self.parameters, self.inputs, whole=False)
        return self.loss(trace.outputs, self.targets)


def _joined(cohort: Cohort, blocks: list[_Block]) -> Parameters:
    return cohort.join_parameters([block.parameters for block in blocks])


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
