"""When and on what: the samples of every batch, the steps to record, the steps to meet at."""

from collections.abc import Iterator, Sequence
from itertools import repeat

import numpy as np

from initlab import _checks

#: Steps that a block takes on its own at most, so that the batches drawn ahead stay few.
LONGEST = 100


def recorded_steps(record_at: Sequence[int] | None, steps: int) -> set[int]:
    """The steps to record, ``None`` for all from 0 to ``steps``.

    Raises ``ValueError`` for a step that is never reached.
    """
    if record_at is None:
        return set(range(steps + 1))
    wanted = {_checks.whole(step, "each step in record_at", at_least=0) for step in record_at}
    if wanted and max(wanted) > steps:
        raise ValueError(f"record_at must lie in 0..{steps}, got {max(wanted)}")
    return wanted


def meetings(wanted: set[int], steps: int, longest: int = LONGEST) -> Iterator[int]:
    """The steps after which blocks of an ensemble wait for each other, from 0 to ``steps``.

    These are the recorded ones and as many between them as it takes to have none more than
    ``longest`` steps apart.
    """
    yield 0
    step = 0
    for stop in sorted({*wanted, steps} - {0}):
        while step < stop:
            step = min(stop, step + longest)
            yield step


def batches(n_samples: int, batch_size: int | None, rng: np.random.Generator | None) -> Iterator:
    """Endless choices of samples, one for each batch, to index the data with.

    ``batch_size=None`` chooses all every time. Otherwise the samples of every epoch are
    shuffled; what does not fill a batch is left for the next shuffle. Raises ``TypeError``
    without the ``rng`` for that, ``ValueError`` for a batch larger than the data.
    """
    if batch_size is None:
        return repeat(slice(None))
    _checks.generator(rng)
    batch_size = _checks.whole(batch_size, "batch_size")
    if batch_size > n_samples:
        raise ValueError(f"batch_size must be at most the {n_samples} samples, got {batch_size}")
    return _shuffled(n_samples, batch_size, rng)


def _shuffled(n_samples, batch_size, rng):
    while True:
        order = rng.permutation(n_samples)
        for start in range(0, n_samples - batch_size + 1, batch_size):
            yield order[start : start + batch_size]
