"""Ensembles too large to hold at once: drawn, trained and summed up block by block.

Every member has a seed of its own. So it is the same network whether it is drawn alone, in
a block or with all the others, and a result does not depend on how the ensemble is cut.
"""

from collections.abc import Callable, Sequence

import numpy as np

from initlab import _checks
from initlab.blocks import in_blocks
from initlab.cohort import working_set
from initlab.draws import child_generator, floating
from initlab.initializers import Initializer, zeros
from initlab.network import MLP
from initlab.parameters import Parameters, stack
from initlab.training import History, train


def member_seeds(count: int, *, rng: np.random.Generator) -> np.ndarray:
    """A seed for each of ``count`` members, as rows of whole numbers, shape ``(count, 5)``.

    Four numbers from ``rng`` and the member's own: row i is the same for every ``count``.
    Raises ``ValueError`` for a count below 1, ``TypeError`` without a generator.
    """
    count = _checks.whole(count, "count")
    root = _checks.generator(rng).integers(2**32, size=4)
    return np.column_stack([np.tile(root, (count, 1)), np.arange(count)])


def draw_members(
    network: MLP,
    weights: Initializer | Sequence[Initializer],
    biases: Initializer | Sequence[Initializer] = zeros(),  # noqa: B008 (immutable)
    *,
    seeds: np.ndarray,
    rng: np.random.Generator,
    dtype=np.float64,
) -> Parameters:
    """The members with these seeds, one a row, as an ensemble; see :func:`member_seeds`.

    Weights and biases are those of :meth:`.MLP.initialize`. Of ``rng`` only the kind counts.
    """
    return stack(
        [
            network.initialize(weights, biases, rng=child_generator(rng, seed), dtype=dtype)
            for seed in seeds
        ]
    )


def train_members(
    network: MLP,
    weights: Initializer | Sequence[Initializer],
    count: int,
    inputs: np.ndarray,
    targets: np.ndarray,
    *,
    reduce: Callable[[History], dict],
    rng: np.random.Generator,
    biases: Initializer | Sequence[Initializer] = zeros(),  # noqa: B008 (immutable)
    dtype=np.float64,
    batch_size: int | None = None,
    **settings,
) -> dict[str, np.ndarray]:
    """Draw ``count`` networks, train them and keep what ``reduce`` makes of their history.

    Memory is bounded by the blocks that run at one time and by what ``reduce`` returns: a
    dict of arrays ``(members, ...)``, which are put together to ``(count, ...)``. It gets
    the history of one block at a time, and several of them at once where there are threads.

    ``weights``, ``biases`` and ``dtype`` are those of :meth:`.MLP.initialize`, ``batch_size``
    and all further settings those of :func:`.train`. All members see the same batches.

    Raises
    ------
    ValueError, TypeError
        As :func:`.train`; for dropout, whose masks are drawn for an ensemble as a whole;
        for results of ``reduce`` without an entry for each member.
    """
    if settings.get("dropout"):
        raise ValueError("train_members has no dropout: its masks belong to a whole ensemble")
    seeds, batch_seed = member_seeds(count, rng=rng), rng.integers(2**32, size=4)
    n_samples = len(inputs) if batch_size is None else batch_size
    each = working_set(network.layer_sizes, n_samples, floating(dtype).itemsize)

    def of_block(members: slice) -> dict:
        start = draw_members(
            network, weights, biases, seeds=seeds[members], rng=rng, dtype=dtype
        )  # fmt: skip
        drawing = child_generator(rng, batch_seed)
        history = train(
            network, start, inputs, targets, rng=drawing, batch_size=batch_size, **settings
        )
        found = {name: np.asarray(values) for name, values in reduce(history).items()}
        for name, values in found.items():
            if values.shape[:1] != (members.stop - members.start,):
                raise ValueError(
                    f"reduce must return arrays with an entry for each of the "
                    f"{members.stop - members.start} members, got {name} of shape {values.shape}"
                )
        return found

    parts = in_blocks(of_block, count, *each)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
