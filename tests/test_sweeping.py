"""Labels, keys, generators and results: what makes a point the same wherever it is computed."""

import json
import math
from functools import partial

import numpy as np
import pytest
from helpers import ACCEPT, REJECT, ks_p_value
from sweep_points import noisy

from initlab.activations import get_activation
from initlab.initializers import he_normal, normal
from initlab.sweeping.grid import coordinates, grid, key
from initlab.sweeping.identity import identity
from initlab.sweeping.results import arrays, members, plain, unplain
from initlab.sweeping.seeds import generator


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (3, 3), (np.int32(3), 3), (0.1, 0.1), (np.float32(0.5), 0.5), (True, True),
        (np.bool_(False), False), ("tanh", "tanh"), (get_activation("tanh"), "tanh"),
        (normal(0.1), "normal(0.1)"), (None, "None"), ((64, 32), "(64, 32)"), (noisy, "noisy"),
    ],
)  # fmt: skip
def test_labels(value, label):
    (found,) = grid({"a": [value]}).labels["a"]
    assert found == label
    assert type(found) is type(label)


@pytest.mark.parametrize(
    "value",
    [object(), lambda: 0, np.ones(2), {1, 2}, math.nan, math.inf, 2**63, partial(noisy)],
)
def test_values_without_a_stable_label_are_refused(value):
    with pytest.raises(ValueError, match="axis 'a'"):
        grid({"a": [value]})


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({}, "at least one name"),
        ([("a", [1])], "at least one name"),
        ({"a": []}, "at least one value, got none"),
        ({"a": "tanh"}, "sequence of values, got 'tanh'"),
        ({"a": 3}, "sequence of values, got 3"),
        ({"a": [1, "x"]}, "all numbers, all truth values or all names"),
        ({"a": [1, True]}, "all numbers, all truth values or all names"),
        ({"a": [1, 2, 1.0]}, "labels of their own"),
        ({"a": [0.5, 2**53 + 1]}, "labels of their own, got .9007199254740993"),
        ({"a": [normal(0.1), normal(0.1000000001)]}, "labels of their own"),
        ({"two words": [1]}, "can be a keyword"),
        ({"rng": [1]}, "can be a keyword"),
        ({"failed": [1]}, "can be a keyword"),
        ({1: [1]}, "can be a keyword"),
    ],
)
def test_axes_that_cannot_be_are_refused(axes, message):
    with pytest.raises((ValueError, TypeError), match=message):
        grid(axes)


def test_points_run_through_the_last_axis_first():
    found = grid({"b": [1, 2], "a": [he_normal(), normal(1)]})
    labels = [tuple(point.values()) for point, _ in found.points()]
    assert labels == [(1, "he_normal(0)"), (1, "normal(1)"), (2, "he_normal(0)"), (2, "normal(1)")]
    assert found.shape == (2, 2)
    assert found.size == len(labels)


@pytest.mark.parametrize(
    ("labels", "kind"), [([1, 2], "i"), ([1, 0.5], "f"), (["a", "bcd"], "U"), ([True], "b")]
)
def test_coordinates(labels, kind):
    assert coordinates(labels).dtype.kind == kind
    assert coordinates(labels).tolist() == labels


def test_equal_coordinates_have_one_key_and_others_have_their_own():
    same = [{"a": 2, "b": "x"}, {"b": "x", "a": 2.0}, {"b": "x", "a": 2}]
    assert len({key(labels) for labels in same}) == 1
    others = [{"a": 2}, {"b": 2}, {"a": "2"}, {"a": 2.5}, {"a": True}, {"a": 1}, {"a": "True"},
              {"a": 2, "b": 1}, {"a": 1, "b": 2}, {"a": 2**53}, {"a": 2**53 + 1}]  # fmt: skip
    assert len({key(labels) for labels in others}) == len(others)
    assert key({"a": 0.0}) == key({"a": -0.0})


def test_a_generator_stays_what_it_was():
    """Committed tables stand on these numbers: another way to make generators is another book."""
    assert (
        key({"scale": 0.5, "depth": 2}) == '[["depth", "number", "2"], ["scale", "number", "0.5"]]'
    )
    assert generator(7, {"scale": 0.5, "depth": 2}).integers(2**32) == 3593093719


def test_generators_depend_on_seed_name_and_label():
    drawn = {
        generator(seed, {name: label}).integers(2**62)
        for seed in (0, 1)
        for name in ("a", "b")
        for label in (1, 2, "1")
    }
    assert len(drawn) == 12
    again = generator(0, {"b": 1, "a": 2}), generator(0, {"a": 2, "b": 1})
    assert again[0].integers(2**62) == again[1].integers(2**62)


def test_generators_of_neighbors_are_independent():
    """First draws of many points, and differences of neighbors, are normal; copies are not."""
    drawn = np.array([generator(3, {"a": i}).normal() for i in range(2000)])
    assert ks_p_value(drawn, "normal", 1.0) > ACCEPT
    assert ks_p_value(drawn[1:] - drawn[:-1], "normal", math.sqrt(2)) > ACCEPT
    copies = np.array([generator(3, {"a": i // 4}).normal() for i in range(2000)])
    assert ks_p_value(copies[1:] - copies[:-1], "normal", math.sqrt(2)) < REJECT


ODD = [0.1, -0.0, 5e-324, 1.7976931348623157e308, 1 / 3, math.nan, math.inf, -math.inf]


@pytest.mark.parametrize(
    "returned",
    [1.5, 3, True, np.float32(0.1), np.array(ODD), np.array([[1, 2], [3, 2**62]]), -np.nan,
     {"a": 1, "b": ODD}, np.array([[True], [False]])],
)  # fmt: skip
def test_results_come_back_to_the_last_bit(returned):
    def refuse(word):
        raise AssertionError(f"{word} is not standard JSON")

    found = arrays(returned, {})
    text = json.dumps(plain(found), allow_nan=False)
    back = unplain(json.loads(text, parse_constant=refuse))
    assert back.keys() == found.keys()
    for name in found:
        assert back[name].dtype == found[name].dtype
        assert back[name].shape == found[name].shape
        numbers = ~np.isnan(found[name])
        assert back[name][numbers].tobytes() == found[name][numbers].tobytes()
        assert np.isnan(back[name][~numbers]).all()


@pytest.mark.parametrize(
    "returned",
    ["0.5", None, 1j, [], {}, {"a": "x"}, np.zeros((0, 3)), {"depth": 1.0}, {"failed": 1}, {1: 1},
     np.longdouble(1), np.uint64(1), [[1], [1, 2]]],
)  # fmt: skip
def test_results_that_are_no_numbers_are_refused(returned):
    with pytest.raises((TypeError, ValueError)):
        arrays(returned, {"depth": 2})


def test_members_lead():
    assert [m["result"].tolist() for m in members(np.arange(6).reshape(3, 2), 3, {})] == [
        [0, 1], [2, 3], [4, 5]
    ]  # fmt: skip
    for wrong in (1.0, np.arange(2), np.arange(4), np.ones((2, 3))):
        with pytest.raises(ValueError, match="the 3 members along its first axis"):
            members(wrong, 3, {})


def test_identity_knows_a_partial():
    axes = grid({"depth": [1]})
    plain_one = identity(noisy, axes, 0, None)
    assert plain_one["function"] == "sweep_points.noisy"
    fixed = identity(partial(partial(noisy, scale=1), scale=2), axes, 0, None)
    assert fixed["arguments"] == {"scale": 2}
    assert {**fixed, "arguments": {}} == plain_one
    with pytest.raises(TypeError, match="by name"):
        identity(partial(noisy, 1), axes, 0, None)
    with pytest.raises(TypeError, match="function of one point, got 3"):
        identity(3, axes, 0, None)
