"""The lab's random numbers, initializers and data sets pass the tests of the package's own."""

import numpy as np
import pytest
from draws import (
    SCHEMES,
    assert_fans_of_the_whole,
    assert_glorot_fills_its_interval,
    assert_independent,
    assert_law,
    assert_no_other_scheme,
    assert_orthogonal,
    assert_repeated,
    assert_uniform_over_the_group,
    assert_widths,
)
from helpers import ACCEPT, REJECT, ks_p_value
from node import ask, ask_words
from planes import assert_circles, assert_moons, assert_spirals

from initlab.data import xor

SHAPES = [(200, 800), (1000, 160), (32, 50, 100)]
WIDTHS = [0.01, 3.0]
ORTHOGONAL = [(30, 12), (12, 30), (20, 20), (2, 12, 30)]
EQUAL = {"name": "equal_columns", "base": {"name": "lecun_normal"}}


def recipes():
    """Every draw that the tests below look at: a name for it, the recipe and the shape."""
    for shape in SHAPES:
        yield from (((name, shape), {"name": name}, shape) for name in SCHEMES)
    yield from (((name, "wide"), {"name": name}, (200, 1000)) for name in SCHEMES)
    for size in WIDTHS:
        yield ("normal", size), {"name": "normal", "std": size}, (500, 320)
        yield ("uniform", size), {"name": "uniform", "bound": size}, (500, 320)
    for shape in ORTHOGONAL:
        yield ("orthogonal", shape), {"name": "orthogonal", "gain": 0.5}, shape
        std = 0.5 / np.sqrt(max(shape[-2:]))
        yield ("like orthogonal", shape), {"name": "normal", "std": std}, shape
    yield "group", {"name": "orthogonal"}, (20_000, 5, 5)
    yield "equal", EQUAL, (3, 6, 4)
    yield "equal, many", EQUAL, (4000, 50, 1)
    yield "zeros", {"name": "zeros"}, (3, 2)
    yield "constant", {"name": "constant", "value": -0.5}, (3, 2)
    yield "members", {"name": "normal", "std": 1}, (8, 100, 100)
    yield "again", {"name": "normal", "std": 1}, (8, 100, 100)


@pytest.fixture(scope="module")
def drawn():
    names, asked, shapes = zip(*recipes(), strict=True)
    questions = [
        {
            "recipe": recipe,
            "members": shape[0] if len(shape) == 3 else 1,
            "fanIn": shape[-2],
            "fanOut": shape[-1],
            "seed": 1,
        }
        for recipe, shape in zip(asked, shapes, strict=True)
    ]
    ends = np.cumsum([np.prod(shape) for shape in shapes])
    parts = np.split(ask("draws", questions), ends[:-1])
    return {n: part.reshape(s) for n, part, s in zip(names, parts, shapes, strict=True)}


# ------------------------------------------------------------------ initializers


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("shape", SHAPES)
def test_schemes_draw_the_promised_distribution(drawn, name, shape):
    assert_law(drawn[name, shape], *SCHEMES[name])


@pytest.mark.parametrize("name", SCHEMES)
def test_no_scheme_passes_for_another(drawn, name):
    assert_no_other_scheme(name, drawn[name, "wide"])


@pytest.mark.parametrize("shape", SHAPES)
def test_glorot_uniform_fills_its_interval_and_nothing_more(drawn, shape):
    assert_glorot_fills_its_interval(drawn["glorot_uniform", shape])


@pytest.mark.parametrize("size", WIDTHS)
def test_normal_and_uniform_have_the_given_width(drawn, size):
    assert_widths(drawn["normal", size], drawn["uniform", size], size)


def test_constants(drawn):
    assert np.array_equal(drawn["zeros"], np.zeros((3, 2)))
    assert np.array_equal(drawn["constant"], np.full((3, 2), -0.5))


def test_equal_columns(drawn):
    assert_repeated(drawn["equal"], -1, -2)


def test_equal_columns_have_the_fans_of_the_whole_matrix(drawn):
    # fan_in is 50; LeCun's law does not see fan_out, so one column serves.
    assert_fans_of_the_whole(drawn["equal, many"])


@pytest.mark.parametrize("shape", ORTHOGONAL)
def test_the_shorter_side_is_orthogonal(drawn, shape):
    assert_orthogonal(drawn["orthogonal", shape], 0.5, drawn["like orthogonal", shape])


def test_orthogonal_draws_are_uniform_over_the_group(drawn):
    assert_uniform_over_the_group(drawn["group"])
    # Orthogonal to the last: some of the 20,000 come from nearly dependent columns.
    assert_orthogonal(drawn["group"], 1, drawn["group"] + 0.1)


def test_members_and_units_are_independent_and_repeat_with_the_seed(drawn):
    assert_independent(drawn["members"])
    assert np.array_equal(drawn["members"], drawn["again"])


# ------------------------------------------------------------------ the generator


def test_the_generators_give_the_numbers_of_their_authors():
    # xoshiro128** from the state 1, 2, 3, 4 and SplitMix64 from 1234567, as their reference
    # implementations print them.
    xoshiro, splitmix = ask_words(
        "generators", [{"state": [1, 2, 3, 4], "count": 6}, {"seed": 1234567, "count": 3}]
    )
    assert xoshiro == [11520, 0, 5927040, 70819200, 2031721883, 1637235492]
    assert [*map(int, splitmix)] == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
    ]


def test_streams_are_uniform_and_independent_of_each_other():
    # Neighboring seeds, purposes and layers: 20,000 numbers each, a chance correlation of 0.007.
    keys = [(1, "weights", 0), (2, "weights", 0), (1, "weights", 1), (1, "biases", 0),
            (1, "batches", 0), (1, "data", 0), (0, "data", 0), (2**32 - 1, "data", 0)]  # fmt: skip
    names = ("seed", "purpose", "layer")
    count = 20_000
    questions = [{**dict(zip(names, key, strict=True)), "count": count} for key in keys]
    streams = ask("streams", questions).reshape(len(keys), count)
    for stream in streams:
        assert ks_p_value((stream - 0.5) * np.sqrt(12), "uniform", 1) > ACCEPT
        assert ks_p_value((stream**1.1 - 0.5) * np.sqrt(12), "uniform", 1) < REJECT  # control
        steps = np.corrcoef(stream[:-1], stream[1:])[0, 1]
        assert abs(steps) < 4.5 / np.sqrt(count)
    assert np.abs(np.corrcoef(streams) - np.eye(len(keys))).max() < 4.5 / np.sqrt(count)
    assert 0 <= streams.min() < streams.max() < 1
    # All 53 bits are used: multiples of 2**-53, odd ones among them.
    scaled = streams * 2**53
    assert np.array_equal(scaled, np.floor(scaled))
    assert 0.4 < (scaled % 2).mean() < 0.6


# ------------------------------------------------------------------ data


def settings(**given):
    return {"settings": {"n_samples": 1000, "noise": 0, **given}}


def test_data_sets_are_those_of_the_package():
    questions = [
        settings(data="xor", low=-1),
        settings(data="two_moons"),
        settings(data="circles", n_classes=3),
        settings(data="spirals", n_classes=3),
    ]
    numbers = ask("data", questions)
    four, rest = numbers[:12], numbers[12:].reshape(3, -1)
    assert np.array_equal(four[:8].reshape(4, 2), xor(-1).inputs)
    assert np.array_equal(four[8:], xor().labels)
    moons, circles, spirals = ((part[:2000].reshape(-1, 2), part[2000:]) for part in rest)
    assert_moons(*moons)
    assert_circles(*circles, 3)
    assert_spirals(*spirals, 3)


def test_noise_is_gaussian_of_the_given_std():
    many = [
        settings(data="two_moons", n_samples=1000, seed=seed, noise=noise)
        for seed in range(20)
        for noise in (0, 0.3)
    ]
    inputs = ask("data", many).reshape(20, 2, 3000)[:, :, :2000]
    noise = inputs[:, 1] - inputs[:, 0]
    assert ks_p_value(noise, "normal", 0.3) > ACCEPT
    assert ks_p_value(noise, "normal", 1.2 * 0.3) < REJECT
    assert ks_p_value(noise, "uniform", 0.3) < REJECT
