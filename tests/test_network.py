"""Both passes against central differences, member by member, and bit by bit."""

import re
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from helpers import ACCEPT, REJECT, central_differences
from scipy import stats

from initlab import initializers as inits
from initlab.activations import ACTIVATIONS, get_activation, leaky_relu
from initlab.diagnostics import distinct_units, unit_vectors
from initlab.losses import LOSSES, get_loss
from initlab.network import MLP, Gradients, ordered_matmul
from initlab.parameters import Parameters, permute_units, stack
from initlab.training import gradients, train

DEPTHS = {"no hidden layer": [3, 2], "shallow": [3, 4, 2], "deep": [3, 4, 5, 3, 2]}


def parameters_for(network, rng, ensemble=()):
    return network.initialize(inits.he_normal(), inits.normal(0.5), rng=rng, ensemble=ensemble)


def targets_for(loss, rng, batch, outputs):
    if loss == "softmax_cross_entropy":
        return rng.integers(0, outputs, batch)
    return rng.random((batch, outputs))


def masks_for(network, rng, batch):
    """Masks with zeros and ones and neither all of one kind."""
    widths = network.layer_sizes[1:-1]
    return [2.0 * (np.add.outer(np.arange(batch), np.arange(w)) % 3 > 0) for w in widths]


def finish(network, parameters, masks, layer, z):
    """The rest of a forward pass in plain steps: from the preactivations of a layer to the end."""
    last = network.depth - 1
    for below in range(layer, network.depth):
        h = network.activations[below](z)
        if masks is not None and below < last:
            h = h * masks[below]
        if below < last:
            z = np.einsum("bi,ij->bj", h, parameters.W[below + 1]) + parameters.b[below + 1]
    return h


def assert_backward_is_numeric(network, parameters, x, targets, loss, masks=None):
    """Compare every entry of every gradient with central differences of the loss."""
    loss = get_loss(loss)
    trace = network.forward(parameters, x, masks)
    # Away from kinks: a step of 1e-5 in any number moves no preactivation across zero.
    assert min(np.abs(z).min() for z in trace.z) > 1e-4
    found = network.backward(parameters, trace, loss.gradient(trace.outputs, targets))
    same = partial(np.testing.assert_allclose, rtol=1e-6, atol=1e-9)

    def value(arrays):
        return loss(network.forward(Parameters.from_arrays(arrays), x, masks).outputs, targets)

    arrays = parameters.arrays()
    for i, gradient in enumerate(found.arrays()):
        same(
            gradient,
            central_differences(
                lambda a, i=i: value([*arrays[:i], a, *arrays[i + 1 :]]), arrays[i]
            ),
        )
    for layer, (W, b) in enumerate(zip(parameters.W, parameters.b, strict=True)):

        def from_z(z, layer=layer):
            return loss(finish(network, parameters, masks, layer, z), targets)

        def from_h(h, W=W, b=b, from_z=from_z):
            return from_z(h @ W + b)

        same(found.delta[layer], central_differences(from_z, trace.z[layer]))
        same(found.grad_h[layer], central_differences(from_h, trace.h[layer]))
    same(found.grad_h[-1], central_differences(lambda h: loss(h, targets), trace.outputs))
    return found


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("depth", DEPTHS)
def test_every_gradient(depth, activation, loss, rng):
    network = MLP(DEPTHS[depth], activation)
    x = rng.standard_normal((4, 3))
    found = assert_backward_is_numeric(
        network, parameters_for(network, rng), x, targets_for(loss, rng, 4, 2), loss
    )
    assert max(np.abs(g).max() for g in found.arrays()) > 1e-3  # something was compared


@pytest.mark.parametrize("output", ACTIVATIONS)
def test_gradients_through_the_output_activation(output, rng):
    network = MLP([3, 4, 2], leaky_relu(0.3), output)
    x = rng.standard_normal((4, 3))
    y = targets_for("squared_error", rng, 4, 2)
    assert_backward_is_numeric(network, parameters_for(network, rng), x, y, "squared_error")


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "gelu"])
@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_with_masks(activation, loss, rng):
    network = MLP(DEPTHS["deep"], activation)
    x, targets = rng.standard_normal((4, 3)), targets_for(loss, rng, 4, 2)
    parameters, masks = parameters_for(network, rng), masks_for(network, rng, 4)
    masked = assert_backward_is_numeric(network, parameters, x, targets, loss, masks)
    plain = gradients(network, parameters, x, targets, loss=loss)
    assert np.abs(masked.grad_W[0] - plain.grad_W[0]).max() > 1e-4  # the masks are in it
    for delta, mask in zip(masked.delta, masks, strict=False):
        assert (delta[mask == 0] == 0).all()
        assert (delta[mask > 0] != 0).all()


def test_a_wrong_gradient_would_be_seen(rng):
    # Control: the most tempting mistake, a derivative of the activation instead of z.
    tanh = get_activation("tanh")
    wrong = type(tanh)("wrong", tanh.function, lambda z: 1 - np.tanh(np.tanh(z)) ** 2)
    network = MLP([3, 4, 2], wrong)
    with pytest.raises(AssertionError, match="Not equal to tolerance"):
        assert_backward_is_numeric(
            network, parameters_for(network, rng), rng.standard_normal((4, 3)),
            rng.random((4, 2)), "squared_error",
        )  # fmt: skip


# ------------------------------------------------------------------ the forward pass


def test_forward_by_hand():
    network = MLP([2, 2, 1], "relu")
    parameters = Parameters(
        [np.array([[1.0, -1], [2, 3]]), np.array([[5.0], [7]])],
        [np.array([0.5, -4]), np.array([0.25])],
    )
    trace = network.forward(parameters, np.array([[1.0, 1], [2, 0]]))
    assert [z.tolist() for z in trace.z] == [[[3.5, -2], [2.5, -6]], [[17.75], [12.75]]]
    assert [h.tolist() for h in trace.h[1:]] == [[[3.5, 0], [2.5, 0]], [[17.75], [12.75]]]
    assert trace.outputs is trace.h[-1]
    assert trace.masks is None


def test_masks_apply_to_hidden_activations_only(rng):
    network = MLP(DEPTHS["deep"])
    parameters, x = parameters_for(network, rng), rng.standard_normal((4, 3))
    masks = masks_for(network, rng, 4)
    trace = network.forward(parameters, x, masks)
    for layer, z in enumerate(trace.z):
        h = network.activations[layer](z)
        expected = h * masks[layer] if layer < len(masks) else h
        np.testing.assert_array_equal(trace.h[layer + 1], expected)
    silent = network.forward(parameters, x, [0 * mask for mask in masks])
    np.testing.assert_array_equal(silent.outputs, np.tile(parameters.b[-1], (4, 1)))


@pytest.mark.parametrize("ensemble", [(1,), (3,), (2, 3)])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("matmul", [np.matmul, ordered_matmul], ids=["@", "ordered"])
@pytest.mark.parametrize("own_masks", [False, True])
def test_an_ensemble_equals_the_loop_over_members(ensemble, loss, matmul, own_masks, rng):
    network = MLP(DEPTHS["deep"], "gelu", matmul=matmul)
    parameters = parameters_for(network, rng, ensemble)
    x, targets = rng.standard_normal((6, 3)), targets_for(loss, rng, 6, 2)
    masks = network.dropout_masks(0.4, 6, rng=rng, ensemble=ensemble) if own_masks else None
    trace = network.forward(parameters, x, masks)
    found = gradients(network, parameters, x, targets, loss=loss, masks=masks)
    for member in np.ndindex(ensemble):
        own = [mask[member] for mask in masks] if own_masks else None
        alone = network.forward(parameters[member], x, own)
        alone_gradients = gradients(network, parameters[member], x, targets, loss=loss, masks=own)
        pairs = [*zip(trace.z + trace.h[1:], alone.z + alone.h[1:], strict=True)]
        for field in ("delta", "grad_W", "grad_b", "grad_h"):
            pairs += zip(getattr(found, field), getattr(alone_gradients, field), strict=True)
        assert len(pairs) == 2 * 4 + 3 * 4 + 5
        for together, single in pairs:
            assert together.shape == ensemble + single.shape
            np.testing.assert_allclose(together[member], single, rtol=1e-12, atol=1e-15)
    if np.prod(ensemble) > 1:  # members differ, or the comparison would say nothing
        assert np.ptp(found.grad_W[0], axis=0).min() > 0


@pytest.mark.parametrize("activation", ["tanh", "gelu"])  # the slope from h, and from z
def test_only_a_way_back_that_is_not_whole_uses_up_the_trace(activation, rng):
    network = MLP(DEPTHS["deep"], activation)
    parameters, x = parameters_for(network, rng), rng.standard_normal((6, 3))
    trace, above = network.forward(parameters, x), rng.standard_normal((6, 2))
    first = network.backward(parameters, trace, above)
    assert (len(trace.h), len(trace.z)) == (5, 4)
    again = network.backward(parameters, trace, above, whole=False)
    assert len(trace.h) == 1 and trace.h[0] is x  # the input is the caller's
    for one, other in zip(first.grad_W + first.grad_b, again.arrays(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_gradients_come_in_the_order_of_parameters():
    found = Gradients(["d"], ["W1", "W2"], ["b1", "b2"], ["h"])
    assert found.arrays() == ["W1", "W2", "b1", "b2"]


# ------------------------------------------------------------------ the same to the last bit


def reversed_last_column(a, b):
    """A product that adds the terms of the last column last term first, as a library may."""
    product = ordered_matmul(a, b)
    product[..., -1] = ordered_matmul(a[..., ::-1], b[..., ::-1, -1:])[..., 0]
    return product


@pytest.mark.parametrize(
    "shapes",
    [
        ((3, 4), (4, 5)),
        ((2, 6, 33), (2, 33, 7)),
        ((5, 17), (3, 17, 4)),
        ((3, 1, 2, 8), (2, 8, 1)),
        ((4, 1), (1, 3)),
    ],
)
def test_ordered_matmul_is_matrix_multiplication(shapes, rng):
    a, b = (rng.standard_normal(shape) for shape in shapes)
    before = a.copy(), b.copy()
    product = ordered_matmul(a, b)
    assert product.shape == (a @ b).shape
    # Rounding of a sum of k products: at most k eps times the sum of their sizes.
    bound = a.shape[-1] * np.finfo(float).eps * (np.abs(a) @ np.abs(b))
    assert (np.abs(product - a @ b) <= bound).all()
    assert np.array_equal(a, before[0])
    assert np.array_equal(b, before[1])


def test_ordered_matmul_adds_the_first_term_first():
    # (1e16 + 1) - 1e16 is 0, since 1e16 + 1 rounds to 1e16; any other order gives 1 or more.
    a = np.array([[1e16, 1.0, -1e16]])
    assert ordered_matmul(a, np.ones((3, 2))).tolist() == [[0.0, 0.0]]
    assert ordered_matmul(a[:, [0, 2, 1]], np.ones((3, 2))).tolist() == [[1.0, 1.0]]


def twins(width, activation, matmul, rng, steps=200):
    """Train a network whose hidden units start equal; return how many differ, to the last bit."""
    network = MLP([5, width, 3], activation, matmul=matmul)
    start = network.initialize(
        [inits.equal_columns(inits.glorot_normal()), inits.equal_rows(inits.glorot_normal())],
        rng=rng,
    )
    x, labels = rng.standard_normal((19, 5)), rng.integers(0, 3, 19)
    history = train(
        network, start, x, labels, loss="softmax_cross_entropy", learning_rate=0.3, steps=steps,
        observe=lambda p: {"distinct": distinct_units(unit_vectors(p, 1), tolerance=0)},
    )  # fmt: skip
    assert history.loss[-1] < history.loss[0] - 0.05  # it learned something on the way
    return history.observed["distinct"]


@pytest.mark.parametrize("width", [2, 16, 17, 33])
@pytest.mark.parametrize(
    "activation", ["tanh", "sigmoid", "relu", "gelu", "silu", "softplus", "elu"]
)
def test_equal_units_stay_equal_to_the_last_bit(width, activation, rng):
    assert (twins(width, activation, ordered_matmul, rng) == 1).all()


@pytest.mark.parametrize("width", [17, 33])
def test_another_order_of_summation_tells_units_apart(width, rng):
    distinct = twins(width, "tanh", reversed_last_column, rng)
    assert distinct[0] == 1
    assert distinct[-1] > 1


# ------------------------------------------------------------------ renaming units


@pytest.mark.parametrize("ensemble", [(), (3,)])
@pytest.mark.parametrize("layer", [1, 2, 3])
@pytest.mark.parametrize("loss", LOSSES)
def test_renaming_units_changes_no_output_and_commutes_with_the_gradient(
    layer, ensemble, loss, rng
):
    network = MLP(DEPTHS["deep"], "tanh", matmul=ordered_matmul)
    parameters = parameters_for(network, rng, ensemble)
    x, targets = rng.standard_normal((6, 3)), targets_for(loss, rng, 6, 2)
    order = np.roll(np.arange(network.layer_sizes[layer]), 1)
    renamed = permute_units(parameters, layer, order)
    close = partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-15)
    outputs = network.forward(parameters, x).outputs
    close(network.forward(renamed, x).outputs, outputs)
    after = gradients(network, renamed, x, targets, loss=loss)
    before = gradients(network, parameters, x, targets, loss=loss)
    expected = permute_units(Parameters(before.grad_W, before.grad_b), layer, order)
    for found, wanted in zip(after.arrays(), expected.arrays(), strict=True):
        close(found, wanted)
    # Controls: renaming only the incoming side changes the function, and the gradient does move.
    half = Parameters([*renamed.W], [*renamed.b])
    half.W[layer] = parameters.W[layer]
    assert np.abs(network.forward(half, x).outputs - outputs).max() > 0.01
    assert np.abs(after.grad_W[layer - 1] - before.grad_W[layer - 1]).max() > 1e-4


# ------------------------------------------------------------------ dropout


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("ensemble", [(), (3,)])
def test_masks_keep_the_mean(rate, ensemble):
    network = MLP([3, 50, 70, 2])
    masks = network.dropout_masks(rate, 1000, rng=np.random.default_rng(5), ensemble=ensemble)
    assert [mask.shape for mask in masks] == [(*ensemble, 1000, 50), (*ensemble, 1000, 70)]
    for mask in masks:
        assert sorted(set(mask.ravel().tolist())) == pytest.approx([0, 1 / (1 - rate)])
        kept = int(np.count_nonzero(mask))
        # 50,000 entries or more: the share of zeros is known to 0.2 %, a rate off by 10 % shows.
        assert stats.binomtest(kept, mask.size, 1 - rate).pvalue > ACCEPT
        assert stats.binomtest(kept, mask.size, 1 - 0.8 * rate).pvalue < REJECT
        error = np.sqrt(rate / (1 - rate) / mask.size)
        assert abs(mask.mean() - 1) < 4.5 * error
        assert abs((mask > 0).mean() - 1) > 10 * error  # control: without the enlargement
        assert (
            np.abs(np.corrcoef(mask[..., :5].reshape(-1, 5).T) - np.eye(5)).max() < 4.5 / 1000**0.5
        )


def test_members_have_masks_of_their_own_and_a_seed_repeats_them():
    network = MLP([3, 20, 2])
    first, again = (
        network.dropout_masks(0.5, 9, rng=np.random.default_rng(6), ensemble=(4,))[0]
        for _ in range(2)
    )
    assert np.array_equal(first, again)
    assert all(not np.array_equal(first[0], first[k]) for k in (1, 2, 3))
    keep_all = network.dropout_masks(0, 9, rng=np.random.default_rng(6))[0]
    assert np.array_equal(keep_all, np.ones((9, 20)))


# ------------------------------------------------------------------ making networks


def test_shapes_and_names(rng):
    network = MLP([64, 16, 8, 10], "relu")
    assert network.depth == 3
    assert network.layer_sizes == (64, 16, 8, 10)
    assert repr(network) == "MLP(64-16-8-10, relu, identity output)"
    parameters = network.initialize(inits.glorot_normal(), rng=rng, ensemble=(2, 5))
    assert [W.shape for W in parameters.W] == [(2, 5, 64, 16), (2, 5, 16, 8), (2, 5, 8, 10)]
    assert [b.shape for b in parameters.b] == [(2, 5, 16), (2, 5, 8), (2, 5, 10)]
    assert not any(b.any() for b in parameters.b)


def test_each_layer_takes_its_own_initializer(rng):
    network = MLP([2, 3, 4])
    parameters = network.initialize(
        [inits.constant(1), inits.constant(2)], [inits.constant(3), inits.constant(4)], rng=rng
    )
    assert [set(array.ravel()) for array in parameters.arrays()] == [{1}, {2}, {3}, {4}]


def test_initialize_repeats_with_a_seed_and_only_then():
    network = MLP([4, 3, 2])
    one, same, other = (
        network.initialize(inits.he_normal(), inits.normal(1), rng=np.random.default_rng(seed))
        for seed in (1, 1, 2)
    )
    for a, b, c in zip(one.arrays(), same.arrays(), other.arrays(), strict=True):
        assert np.array_equal(a, b)
        assert not np.isclose(a, c).any()


@pytest.mark.parametrize("sizes", [[], [3], (2,)])
def test_a_network_needs_two_sizes(sizes):
    message = f"layer_sizes needs inputs and outputs at least, got {sizes!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        MLP(sizes)


@pytest.mark.parametrize("bad", [0, -1, 2.0, True, "3"])
def test_sizes_are_positive_whole_numbers(bad):
    message = (
        f"each size in layer_sizes {[2, bad, 1]} must be a whole number of at least 1, got {bad!r}"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        MLP([2, bad, 1])


@pytest.mark.parametrize("position", [1, 2])
def test_unknown_activations_are_refused(position):
    arguments = ["tanh", "tanh"]
    arguments[position - 1] = "softmax"
    with pytest.raises(
        ValueError, match=r"^unknown activation: got 'softmax', allowed are 'identity'"
    ):
        MLP([2, 2, 1], *arguments)


@pytest.mark.parametrize("what", ["weights", "biases"])
@pytest.mark.parametrize("bad", [[inits.zeros()], [inits.zeros()] * 3, ["he", "he"], "he"])
def test_initializers_must_fit_the_layers(what, bad, rng):
    arguments = {"weights": inits.zeros(), "biases": inits.zeros(), what: bad}
    message = f"{what} must be one initializer or a sequence of 2, one for each layer, got {bad!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        MLP([3, 4, 2]).initialize(**arguments, rng=rng)


@pytest.mark.parametrize("bad", [inits.glorot_normal, 0.1, None])
def test_a_factory_that_was_not_called_is_refused_in_words(bad, rng):
    with pytest.raises(ValueError, match=r"^weights must be one initializer or a sequence of 2"):
        MLP([3, 4, 2]).initialize(bad, rng=rng)


def test_initialize_needs_a_generator():
    network = MLP([3, 4, 2])
    with pytest.raises(TypeError, match="rng"):
        network.initialize(inits.zeros())
    with pytest.raises(TypeError, match=r"^rng must be a numpy\.random\.Generator .*, got 0$"):
        network.initialize(inits.zeros(), rng=0)


@pytest.mark.parametrize("shape", [(3,), (5, 2), (3, 5), (2, 5, 4)])
def test_inputs_must_fit(shape, rng):
    network = MLP([3, 4, 2])
    message = f"inputs must have shape (..., batch, 3), got {shape}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        network.forward(parameters_for(network, rng), np.zeros(shape))


@pytest.mark.parametrize("sizes", [[3, 5, 2], [3, 4, 4, 2], [3, 2], [2, 4, 2], [3, 4, 1]])
def test_parameters_must_fit(sizes, rng):
    network, other = MLP([3, 4, 2]), MLP(sizes)
    message = r"^parameters do not fit MLP\(3-4-2, tanh, identity output\): W and b must end in "
    with pytest.raises(ValueError, match=message) as caught:
        network.forward(parameters_for(other, rng), np.zeros((1, 3)))
    assert f"got ({[*pairwise(sizes)]}" in str(caught.value)


def test_biases_must_fit(rng):
    network = MLP([3, 4, 2])
    good = parameters_for(network, rng)
    with pytest.raises(ValueError, match=r"got \(.*\[\(1,\), \(2,\)\]\)$"):
        network.forward(Parameters(good.W, [good.b[0][:1], good.b[1]]), np.zeros((1, 3)))


@pytest.mark.parametrize("rate", [-0.1, 1, 1.5, np.nan, True])
def test_dropout_rates_are_probabilities_below_one(rate, rng):
    message = f"dropout rate must be a finite number and at least 0 and below 1, got {rate!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        MLP([3, 4, 2]).dropout_masks(rate, 5, rng=rng)
    with pytest.raises(TypeError, match=r"^rng must be"):
        MLP([3, 4, 2]).dropout_masks(0.5, 5, rng=1)


def test_stacked_networks_run_as_they_ran_alone(rng):
    network = MLP([3, 4, 2])
    members = [parameters_for(network, rng) for _ in range(3)]
    x = rng.standard_normal((5, 3))
    together = network.forward(stack(members), x).outputs
    alone = np.stack([network.forward(member, x).outputs for member in members])
    np.testing.assert_allclose(together, alone, rtol=1e-13)
