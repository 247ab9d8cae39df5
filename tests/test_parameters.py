"""Parameters as plain arrays: taking apart, putting together, renaming units."""

import re

import numpy as np
import pytest

from initlab.parameters import Parameters, permute_units, stack


def numbered(ensemble=()):
    """A 2-3-2 network whose numbers are all different."""
    shapes = [(2, 3), (3, 2), (3,), (2,)]
    starts = np.cumsum([0, 100, 100, 100])
    return Parameters.from_arrays(
        [
            start + np.arange(np.prod((*ensemble, *shape)), dtype=float).reshape(*ensemble, *shape)
            for start, shape in zip(starts, shapes, strict=True)
        ]
    )


def test_arrays_and_back():
    parameters = numbered()
    arrays = parameters.arrays()
    assert [a.shape for a in arrays] == [(2, 3), (3, 2), (3,), (2,)]
    again = Parameters.from_arrays(arrays)
    assert all(a is b for a, b in zip(again.W + again.b, parameters.W + parameters.b, strict=True))
    assert isinstance(Parameters.from_arrays(tuple(arrays)).W, list)


def test_one_member_and_a_slice_of_an_ensemble():
    together = numbered((4, 2))
    member, part = together[3, 1], together[1:3]
    for whole, one, some in zip(together.arrays(), member.arrays(), part.arrays(), strict=True):
        np.testing.assert_array_equal(one, whole[3, 1])
        np.testing.assert_array_equal(some, whole[1:3])


def test_stack_is_the_inverse_of_indexing():
    together = numbered((4,))
    again = stack([together[k] for k in range(4)])
    for a, b in zip(together.arrays(), again.arrays(), strict=True):
        np.testing.assert_array_equal(a, b)
    swapped = stack([together[k] for k in (1, 0, 2, 3)])
    assert not np.array_equal(swapped.W[0], together.W[0])


def test_stack_refuses_nothing_and_networks_of_different_depth():
    message = "stack needs at least one network's parameters, got an empty sequence"
    with pytest.raises(ValueError, match=f"^{message}$"):
        stack([])
    deep = Parameters([*numbered().W, np.eye(2)], [*numbered().b, np.zeros(2)])
    wide = Parameters([np.ones((2, 4)), np.ones((4, 2))], [np.ones(4), np.ones(2)])
    for other in (deep, wide):
        with pytest.raises(ValueError, match=r"argument 2|same shape"):
            stack([numbered(), other])


@pytest.mark.parametrize("ensemble", [(), (2,)])
@pytest.mark.parametrize("order", [[2, 0, 1], (1, 0, 2), np.array([0, 2, 1])])
def test_a_unit_takes_its_weights_along(ensemble, order):
    before = numbered(ensemble)
    after = permute_units(before, 1, order)
    for new, old in enumerate(order):
        np.testing.assert_array_equal(after.W[0][..., :, new], before.W[0][..., :, old])
        np.testing.assert_array_equal(after.b[0][..., new], before.b[0][..., old])
        np.testing.assert_array_equal(after.W[1][..., new, :], before.W[1][..., old, :])
    np.testing.assert_array_equal(after.b[1], before.b[1])
    assert not np.array_equal(after.W[0], before.W[0])
    np.testing.assert_array_equal(before.W[0], numbered(ensemble).W[0])  # left as it was


def test_the_inverse_order_undoes_it():
    order = [2, 0, 1]
    there = permute_units(numbered(), 1, order)
    back = permute_units(there, 1, np.argsort(order))
    twice = permute_units(there, 1, order)
    for a, b, c in zip(numbered().arrays(), back.arrays(), twice.arrays(), strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.shape == (2,) or not np.array_equal(a, c)  # a cycle of three is no inverse


@pytest.mark.parametrize("layer", [0, 2, -1, 5])
def test_only_hidden_layers_have_units_to_rename(layer):
    message = f"layer must be one of the hidden layers 1 to 1, got {layer}"
    with pytest.raises(ValueError, match=f"^{message}$"):
        permute_units(numbered(), layer, [0, 1, 2])


@pytest.mark.parametrize("order", [[0, 1], [0, 1, 1], [0, 1, 3], [1, 2, 3], [0, 1, 2, 3], []])
def test_an_order_names_each_unit_once(order):
    message = f"order must be a permutation of 0 to 2, got {order}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        permute_units(numbered(), 1, order)
