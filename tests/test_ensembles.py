"""Members by their seeds, the same however they are cut, in memory that the block bounds."""

import re
import tracemalloc

import numpy as np
import pytest

from initlab.blocks import limits
from initlab.cohort import working_set
from initlab.ensembles import draw_members, member_seeds, train_members
from initlab.initializers import he_normal, normal
from initlab.network import MLP
from initlab.training import adam, train

NETWORK = MLP([6, 32, 32, 3], "relu")
SETTINGS = {"loss": "squared_error", "learning_rate": 0.05, "steps": 3}


def data(n_samples=64):
    rng = np.random.default_rng(2)
    return rng.standard_normal((n_samples, 6)), rng.standard_normal((n_samples, 3))


def last_loss(history):
    return {"loss": history.loss[-1], "W": history.parameters.W[1]}


def found(count=9, **settings):
    rng = np.random.default_rng(7)
    settings = {"reduce": last_loss, **SETTINGS, **settings}
    return train_members(NETWORK, he_normal(), count, *data(), rng=rng, **settings), rng.random()


def test_a_member_is_the_same_alone_and_among_others():
    seeds = member_seeds(9, rng=np.random.default_rng(3))
    assert np.array_equal(seeds[:4], member_seeds(4, rng=np.random.default_rng(3)))
    assert not np.array_equal(seeds, member_seeds(9, rng=np.random.default_rng(4)))
    rng = np.random.default_rng(0)
    every = draw_members(NETWORK, he_normal(), normal(1), seeds=seeds, rng=rng)
    some = draw_members(NETWORK, he_normal(), normal(1), seeds=seeds[3:5], rng=rng)
    assert every.W[1].shape == (9, 32, 32)
    for whole, part in zip(every.arrays(), some.arrays(), strict=True):
        assert np.array_equal(whole[3:5], part)
    assert len(np.unique(every.W[0])) == every.W[0].size  # no two members are alike


@pytest.mark.parametrize("batch_size", [None, 10])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_cut_changes_a_result(batch_size, dtype):
    wanted, after = found(batch_size=batch_size, dtype=dtype, update_rule=adam())
    for members, threads in [(1, 1), (2, 3), (4, 2), (9, 1)]:
        with limits(members=members, threads=threads):
            results, then = found(batch_size=batch_size, dtype=dtype, update_rule=adam())
        for name, values in wanted.items():
            assert results[name].dtype == values.dtype == dtype
            assert results[name].tobytes() == values.tobytes()
        assert then == after
    assert wanted["loss"].shape == (9,)
    assert len(set(wanted["loss"])) == 9


def peak(function) -> int:
    """The most bytes that were allocated at one time while the function ran."""
    tracemalloc.start()
    try:
        function()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_is_bounded_by_the_block_and_not_by_the_ensemble():
    inputs, targets = data(128)
    each, _ = working_set(NETWORK.layer_sizes, len(inputs), 8)

    def in_blocks(count):
        train_members(NETWORK, he_normal(), count, inputs, targets, rng=np.random.default_rng(1),
                      reduce=lambda history: {"loss": history.loss[-1]}, **SETTINGS)  # fmt: skip

    def at_once(count):
        start = NETWORK.initialize(he_normal(), rng=np.random.default_rng(1), ensemble=(count,))
        train(NETWORK, start, inputs, targets, **SETTINGS)

    with limits(threads=2, members=4):
        bound = 2 * 2 * 4 * each  # twice what two blocks work on
        few, many = peak(lambda: in_blocks(16)), peak(lambda: in_blocks(96))
    assert few < bound
    assert many < bound
    assert many - few < 16 * each
    with limits(threads=1, members=96):
        assert peak(lambda: at_once(96)) > 2 * bound  # control: the whole ensemble


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"count": 0}, "count must be a whole number of at least 1, got 0"),
        ({"dropout": 0.5}, "train_members has no dropout"),
        ({"dtype": int}, "dtype must be float32 or float64"),
        ({"batch_size": 65}, "batch_size must be at most the 64 samples, got 65"),
        ({"reduce": lambda history: {"loss": history.loss.mean()}},
         "reduce must return arrays with an entry for each of the 9 members, got loss of shape ()"),
    ],
)  # fmt: skip
def test_bad_input_is_refused(settings, message):
    with limits(members=9), pytest.raises(ValueError, match=re.escape(message)):
        found(**settings)
