"""Refusals: the right error, and a message that says what came and what is allowed."""

import re

import numpy as np
import pytest

from initlab import _checks


def test_choose_returns_the_entry_and_lists_the_names_otherwise():
    registry = {"one": 1, "two": 2}
    assert _checks.choose(registry, "two", "mode") == 2
    for name in ["three", None, 1, ["one"]]:
        message = f"unknown mode: got {name!r}, allowed are 'one', 'two'"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            _checks.choose(registry, name, "mode")


@pytest.mark.parametrize("value", [0, 1, 0.5, -3, np.float32(2), np.int64(7)])
def test_number_accepts_real_numbers_and_returns_a_float(value):
    result = _checks.number(value, "std")
    assert type(result) is float
    assert result == value


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, True, None, "1", [1], 1j])
def test_number_refuses_what_is_not_a_finite_number(value):
    message = f"std must be a finite number, got {value!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        _checks.number(value, "std")


@pytest.mark.parametrize(
    ("limits", "good", "bad", "words"),
    [
        ({"at_least": 0}, [0, 1e-300], [-1e-300], "at least 0"),
        ({"above": 0}, [1e-300], [0, -1], "above 0"),
        ({"below": 1}, [1 - 1e-16, -5], [1, 2], "below 1"),
        ({"at_most": 2}, [2, -5], [2 + 1e-15, 3], "at most 2"),
        ({"at_least": 0, "below": 1}, [0, 0.5], [-0.1, 1, np.nan, True], "at least 0 and below 1"),
    ],
)
def test_number_keeps_its_limits(limits, good, bad, words):
    for value in good:
        assert _checks.number(value, "rate", **limits) == value
    for value in bad:
        message = f"rate must be a finite number and {words}, got {value!r}"
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            _checks.number(value, "rate", **limits)


def test_whole_returns_an_int():
    result = _checks.whole(np.int32(3), "steps")
    assert type(result) is int
    assert result == 3
    assert _checks.whole(0, "steps", at_least=0) == 0


@pytest.mark.parametrize("value", [0, -1, 1.0, 2.5, True, np.float64(3), "3", None])
def test_whole_refuses(value):
    message = f"steps must be a whole number of at least 1, got {value!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        _checks.whole(value, "steps")


@pytest.mark.parametrize("value", [0, 9, 1e9, 2.5, np.nan, True, None])
def test_whole_keeps_both_limits(value):
    assert [_checks.whole(n, "depth", at_most=8) for n in (1, 8)] == [1, 8]
    message = f"depth must be a whole number of at least 1 and at most 8, got {value!r}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        _checks.whole(value, "depth", at_most=8)


def test_generator_is_returned_untouched(rng):
    before = rng.bit_generator.state
    assert _checks.generator(rng) is rng
    assert rng.bit_generator.state == before


@pytest.mark.parametrize("value", [None, 0, 42, np.random, np.random.RandomState(0)])
def test_generator_refuses_seeds_and_legacy_states(value):
    with pytest.raises(TypeError, match=r"numpy\.random\.Generator .*, got ") as caught:
        _checks.generator(value)
    assert repr(value) in str(caught.value)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_finite_keeps_floating_point_types(dtype):
    array = np.ones(3, dtype)
    assert _checks.finite(array, "inputs") is array


def test_finite_turns_whole_numbers_into_floats():
    result = _checks.finite([[1, 2], [3, 4]], "inputs")
    assert result.dtype == np.float64
    assert result.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_finite_counts_what_is_not(bad):
    message = "inputs must be finite, got 2 NaN or infinite of 6 values"
    with pytest.raises(ValueError, match=f"^{message}$"):
        _checks.finite([[1.0, bad, 2.0], [bad, 0.0, 3.0]], "inputs")


@pytest.mark.parametrize("bad", [None, "words", [[1, 2], [3]], {"a": 1}])
def test_finite_refuses_what_is_no_array_of_numbers(bad):
    with pytest.raises(ValueError, match=r"^inputs must be "):
        _checks.finite(bad, "inputs")
