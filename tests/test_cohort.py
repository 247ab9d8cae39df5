"""An ensemble cut into blocks and put together again, and training that cannot tell."""

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from initlab import initializers as inits
from initlab.activations import ACTIVATIONS
from initlab.blocks import LARGEST, SMALLEST, cut, limits
from initlab.clipping import clip_by_global_norm, clip_by_value
from initlab.cohort import Cohort, working_set
from initlab.losses import LOSSES
from initlab.network import MLP
from initlab.parameters import Parameters
from initlab.residual import ResidualMLP
from initlab.training import (
    UpdateRule,
    adam,
    gradients,
    momentum,
    parameter_gradients,
    rmsprop,
    sgd,
    train,
)

MEMBERS, N = 7, 37


def ensemble(rng, network, shape=(MEMBERS,), dtype=np.float64):
    start = network.initialize(
        inits.normal(0.5), inits.normal(0.1), rng=rng, ensemble=shape, dtype=dtype
    )
    return start


def data(rng, loss, dtype, sizes=(5, 3)):
    x = rng.standard_normal((N, sizes[0])).astype(dtype)
    y = rng.integers(0, sizes[1], N)
    return x, y if "softmax" in loss else np.eye(sizes[1])[y]


def step_by_step(network, start, x, y, *, loss, rate, steps, rule, clip=None, batches=None):
    """Training as the book's text has it: the whole ensemble at once, nothing left out."""
    states, losses = [None] * (2 * network.depth), []
    for step in range(steps + 1):
        losses.append(LOSSES[loss](network.forward(start, x).outputs, y))
        if step == steps:
            return start, losses
        chosen = slice(None) if batches is None else next(batches)
        trace = network.forward(start, x[chosen])
        found = network.backward(start, trace, LOSSES[loss].gradient(trace.outputs, y[chosen]))
        found = Parameters(found.grad_W, found.grad_b)
        found = clip(found) if clip else found
        arrays = []
        for i, (array, gradient) in enumerate(zip(start.arrays(), found.arrays(), strict=True)):
            direction, states[i] = rule.direction(gradient, states[i], step + 1)
            arrays.append(array - rate * direction)
        start = Parameters.from_arrays(arrays)


def same(one: Parameters, other: Parameters) -> bool:
    """Whether two sets of parameters agree to the last bit."""
    return all(
        a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
        for a, b in zip(one.arrays(), other.arrays(), strict=True)
    )


#: Members in a block, and threads.
CUTS = [(1, 1), (1, 4), (2, 3), (3, 2), (4, 1), (MEMBERS, 2)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_trains_to_the_same_bits(activation, dtype, rng):
    network = MLP([5, 9, 1, 6, 3], activation)
    start = ensemble(rng, network, dtype=dtype)
    x, y = data(rng, "softmax_cross_entropy", dtype)
    wanted, losses = step_by_step(
        network, start, x, y, loss="softmax_cross_entropy", rate=0.3, steps=3, rule=sgd()
    )
    for members, threads in CUTS:
        with limits(members=members, threads=threads):
            run = train(network, start, x, y, loss="softmax_cross_entropy", learning_rate=0.3,
                        steps=3)  # fmt: skip
        assert same(run.parameters, wanted), (members, threads)
        assert run.loss.tobytes() == np.array(losses).tobytes()
        assert run.parameters.W[0].dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(
    ("rule", "clip"),
    [(momentum(), None), (adam(), clip_by_value(0.01)), (rmsprop(), clip_by_global_norm(0.05))],
    ids=repr,
)
def test_every_loss_and_rule_trains_to_the_same_bits_on_minibatches(loss, rule, clip, dtype, rng):
    network = MLP([5, 8, 3], "tanh")
    start, (x, y) = ensemble(rng, network, dtype=dtype), data(rng, loss, dtype)
    order = np.random.default_rng(8)

    def batches():
        while True:
            shuffled = order.permutation(N)
            yield from (shuffled[k : k + 10] for k in range(0, N - 9, 10))

    wanted, losses = step_by_step(network, start, x, y, loss=loss, rate=0.1, steps=5, rule=rule,
                                  clip=clip, batches=batches())  # fmt: skip
    for members, threads in [(1, 2), (2, 1), (3, 4), (MEMBERS, 2)]:
        drawing = np.random.default_rng(8)
        with limits(members=members, threads=threads):
            run = train(network, start, x, y, loss=loss, learning_rate=0.1, steps=5, rng=drawing,
                        update_rule=rule, clip=clip, batch_size=10,
                        record_at=[0, 2, 5])  # fmt: skip
        assert same(run.parameters, wanted), (members, threads)
        assert run.loss.tobytes() == np.array(losses)[[0, 2, 5]].tobytes()
        # The generator stands where it would without blocks.
        assert drawing.bit_generator.state == order.bit_generator.state
        assert run.parameters.b[0].dtype == dtype


def test_other_seeds_have_other_bits(rng):
    # Control: the comparison of bits sees a change of one in the last place.
    start = ensemble(rng, MLP([5, 3]))
    moved = Parameters([start.W[0].copy()], start.b)
    moved.W[0][3, 1, 1] = np.nextafter(moved.W[0][3, 1, 1], 9)
    assert same(start, start)
    assert not same(start, moved)
    assert not same(start, ensemble(rng, MLP([5, 3]), dtype=np.float32))


@pytest.mark.parametrize("shape", [(2, 3), (1, 5), (3, 1, 2)])
def test_several_axes_of_members_come_back_as_they_were(shape, rng):
    network = MLP([5, 4, 3])
    start, (x, y) = ensemble(rng, network, shape), data(rng, "squared_error", float)
    settings = {"loss": "squared_error", "learning_rate": 0.1, "steps": 4}

    def shapes(parameters):
        return {"W": parameters.W[0] + 0, "b": parameters.b[1] + 0}

    with limits(members=99, threads=1):
        wanted = train(network, start, x, y, observe=shapes, **settings)
    with limits(members=2, threads=3):
        run = train(network, start, x, y, observe=shapes, **settings)
    assert run.loss.shape == (5, *shape)
    assert run.observed["W"].shape == (5, *shape, 5, 4)
    assert same(run.parameters, wanted.parameters)
    for name in ("W", "b"):
        assert run.observed[name].tobytes() == wanted.observed[name].tobytes()


@pytest.mark.parametrize("network", [MLP([5, 8, 6, 3], "relu"), ResidualMLP(5, 6, 3, blocks=2)])
def test_gradients_of_blocks_are_those_of_the_whole(network, rng):
    start, (x, y) = ensemble(rng, network), data(rng, "squared_error", float)
    found = gradients(network, start, x, y, loss="squared_error")
    wanted = Parameters(found.grad_W, found.grad_b)
    for members, threads in CUTS:
        with limits(members=members, threads=threads):
            found = parameter_gradients(network, start, x, y, loss="squared_error")
        assert same(found, wanted)


def test_a_pass_that_is_not_whole_keeps_only_what_it_needs(rng):
    start, (x, y) = ensemble(rng, MLP([5, 8, 6, 3])), data(rng, "squared_error", float)
    for activation, kept in (("tanh", 1), ("gelu", 3)):  # gelu's slope needs z
        network = MLP([5, 8, 6, 3], activation)
        whole = gradients(network, start, x, y, loss="squared_error")
        lean = gradients(network, start, x, y, loss="squared_error", whole=False)
        assert len(network.forward(start, x, whole=False).z) == kept
        assert (len(lean.delta), len(lean.grad_h)) == (1, 0)
        assert (len(whole.delta), len(whole.grad_h)) == (3, 4)
        assert same(Parameters(lean.grad_W, lean.grad_b), Parameters(whole.grad_W, whole.grad_b))


def test_dropout_draws_the_masks_of_the_whole_ensemble(rng):
    network = MLP([5, 8, 3])
    for dtype in (np.float32, np.float64):
        start, (x, y) = ensemble(rng, network, dtype=dtype), data(rng, "squared_error", dtype)
        ends = []
        for members, threads in [(MEMBERS, 1), (1, 3), (3, 2)]:
            drawing = np.random.default_rng(5)
            with limits(members=members, threads=threads):
                run = train(network, start, x, y, loss="squared_error", learning_rate=0.2, steps=4,
                            dropout=0.5, batch_size=9, rng=drawing)  # fmt: skip
            ends.append(run.parameters)
            assert run.parameters.W[0].dtype == dtype
        assert same(ends[0], ends[1])
        assert same(ends[0], ends[2])


def test_a_rule_of_ones_own_sees_the_whole_ensemble(rng):
    # It may know the members by their place, as a rule with a rate for each of them does.
    seen = set()

    def direction(gradient, state, step):
        seen.add(gradient.shape[0])
        return gradient * np.arange(MEMBERS).reshape(-1, *[1] * (gradient.ndim - 1)), None

    start, (x, y) = ensemble(rng, MLP([5, 3])), data(rng, "squared_error", float)
    with limits(members=2, threads=2):
        run = train(MLP([5, 3]), start, x, y, loss="squared_error", learning_rate=0.1, steps=2,
                    update_rule=UpdateRule("own rates", direction))  # fmt: skip
        assert seen == {MEMBERS}
        assert run.parameters.W[0][0].tobytes() == start.W[0][0].tobytes()
        seen.clear()
        with pytest.raises(ValueError, match="broadcast"):  # control: cut, it fails
            train(MLP([5, 3]), start, x, y, loss="squared_error", learning_rate=0.1, steps=2,
                  update_rule=UpdateRule("own rates", direction, divisible=True))  # fmt: skip


def test_targets_of_each_member_are_not_mixed_up(rng):
    network, x = MLP([5, 3]), rng.standard_normal((N, 5))
    start, y = ensemble(rng, network), rng.standard_normal((MEMBERS, N, 3))
    settings = {"loss": "squared_error", "learning_rate": 0.1}
    with limits(members=2, threads=2):
        run = train(network, start, x, y, steps=3, **settings)
        found = parameter_gradients(network, start, x, y, loss="squared_error")
    for k in range(MEMBERS):
        alone = train(network, start[k], x, y[k], steps=3, **settings)
        np.testing.assert_allclose(run.loss[:, k], alone.loss, rtol=1e-12)
        one = gradients(network, start[k], x, y[k], loss="squared_error")
        np.testing.assert_allclose(found.W[0][k], one.grad_W[0], rtol=1e-10)


def test_data_in_double_precision_do_not_widen_the_network(rng):
    network = MLP([5, 4, 3])
    start, (x, _) = ensemble(rng, network, dtype=np.float32), data(rng, "squared_error", float)
    for loss in ("squared_error", "binary_cross_entropy"):
        run = train(network, start, x, rng.random((N, 3)), loss=loss, learning_rate=0.1, steps=2,
                    update_rule=adam(), clip=clip_by_global_norm(1))  # fmt: skip
        assert {a.dtype.name for a in run.parameters.arrays()} == {"float32"}


def test_one_network_and_uneven_axes_are_one_block(rng):
    start = ensemble(rng, MLP([5, 4, 3]))
    with limits(members=1):
        assert len(Cohort(start, N).slices) == MEMBERS
        one = start[0]
        assert Cohort(one, N).split(one)[0] is one
        uneven = Parameters(start.W, [start.b[0], start.b[1][:1]])
        assert Cohort(uneven, N).whole
        assert Cohort(start, N, divisible=False).whole


def test_blocks_join_to_what_was_split(rng):
    start = ensemble(rng, MLP([5, 4, 3]), (2, 4))
    with limits(members=3):
        cohort = Cohort(start, N)
        parts = cohort.split(start)
    assert [part.W[0].shape for part in parts] == [(3, 5, 4), (3, 5, 4), (2, 5, 4)]
    assert np.shares_memory(parts[1].W[0], start.W[0])
    assert same(cohort.join_parameters(parts), start)


# ------------------------------------------------------------------ how large, how many


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_working_set_is_that_of_real_arrays(dtype):
    """Parameters three times, with gradients and step; what a layer puts out, two times.

    In one call, what the widest of them puts out.
    """
    network, rng = MLP([5, 8, 6, 3], "tanh"), np.random.default_rng(0)
    start = ensemble(rng, network, shape=(), dtype=dtype)
    trace = network.forward(start, data(rng, "squared_error", dtype)[0])
    own = sum(array.nbytes for array in start.arrays())
    through = [h.nbytes for h in trace.h[1:]]
    assert working_set([5, 8, 6, 3], N, np.dtype(dtype).itemsize) == (
        3 * own + 2 * sum(through), max(through),
    )  # fmt: skip


def test_blocks_are_as_large_as_the_working_set_allows():
    layer_sizes, samples = [600, 400, 3], 200
    start = MLP(layer_sizes, "tanh").initialize(
        inits.zeros(), rng=np.random.default_rng(0), ensemble=(30,)
    )
    step, call = working_set(layer_sizes, samples, 8)
    assert 30 * step > 3 * LARGEST  # so there is something to cut
    assert Cohort(start, samples).slices == cut(30, step, call)


def test_a_block_whose_calls_are_short_is_not_cut():
    """However deep the networks are, and however much a whole step works on."""
    depth, members, samples = 50, 8, 10
    start = MLP([16] * (depth + 1), "tanh").initialize(
        inits.zeros(), rng=np.random.default_rng(0), ensemble=(members,)
    )
    with limits(threads=2):
        step, call = working_set([16] * (depth + 1), samples, 8)
        assert members * call < 2 * SMALLEST < members * step / 2
        assert len(Cohort(start, samples).slices) == 1
        enough = samples * -(-2 * SMALLEST // (members * call))
        assert len(Cohort(start, enough).slices) == 2


def test_one_network_keeps_the_threads_of_blas():
    network, rng = MLP([5, 8, 3], "tanh"), np.random.default_rng(0)
    for shape, expected in [((), {2}), ((1,), {2}), ((7,), {1})]:
        cohort = Cohort(ensemble(rng, network, shape), N)
        with threadpool_limits(2, user_api="blas"), cohort.crew():
            libraries = [lib for lib in threadpool_info() if lib["user_api"] == "blas"]
            assert {lib["num_threads"] for lib in libraries} == expected
