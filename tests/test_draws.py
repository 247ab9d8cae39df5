"""Single precision: the laws, the same array for any number of threads, and what is refused."""

import re

import numpy as np
import pytest
from scipy.stats import kstest, norm, truncnorm

from initlab import draws, initializers
from initlab.blocks import limits
from initlab.draws import PIECE, TRUNCATED_STD, child_generator

LAWS = {
    "normal": (draws.normal, norm(scale=0.5)),
    "truncated_normal": (draws.truncated_normal, truncnorm(-2, 2, scale=0.5 / TRUNCATED_STD)),
}
SIZE = 2 * PIECE + 5


@pytest.mark.parametrize("name", LAWS)
def test_single_precision_follows_the_law(name, rng):
    draw, law = LAWS[name]
    other = LAWS["normal" if name == "truncated_normal" else "truncated_normal"][1]
    for shape in ((60_000,), (SIZE,)):
        found = draw(0.5, shape, rng, np.float32)
        assert found.dtype == np.float32
        part = found[-60_000:]  # of several pieces, where there are several
        assert kstest(part, law.cdf).pvalue > 1e-6
        assert kstest(part, other.cdf).pvalue < 1e-6  # control
    assert (np.abs(found).max() <= 1 / TRUNCATED_STD * (1 + 1e-6)) == (name != "normal")


def test_single_precision_uniform(rng):
    found = draws.uniform(0.3, (SIZE,), rng, np.float32)
    assert kstest(found[-60_000:], lambda x: (x + 0.3) / 0.6).pvalue > 1e-6
    assert kstest(found[-60_000:], lambda x: (x + 0.31) / 0.6).pvalue < 1e-6  # control
    assert 0.2999 < np.abs(found).max() <= np.float32(0.3)


class Stuck(np.random.Generator):
    """A generator whose uniform numbers are all the same."""

    def __init__(self, number):
        super().__init__(np.random.PCG64(1))
        self.number = number

    def random(self, size=None, dtype=np.float64):
        return np.full(size, self.number, dtype)


def test_single_precision_normals_are_finite_and_end_where_the_docstring_says():
    smallest, largest = 0, 1 - 2**-24  # of uniform numbers in single precision
    for size in (1, 6, 7):
        assert not draws.normal(3, (size,), Stuck(smallest), np.float32).any()
    furthest = np.abs(draws.normal(3, (7,), Stuck(largest), np.float32)).max() / 3
    assert 5.7 < furthest < 5.8
    assert round(1 / (2 * norm.sf(5.8)), -7) == 150e6


@pytest.mark.parametrize("size", [1, 2, 7, PIECE + 3])
def test_single_precision_normals_of_a_pair_do_not_depend_on_each_other(size, rng):
    found = draws.normal(1, (2000, size) if size < 10 else (size,), rng, np.float32).reshape(-1)
    half = -(-min(found.size, PIECE) // 2)
    one, other = found[: found.size - half][:1000], found[half:][:1000]
    for function in (np.asarray, np.square, np.abs):
        correlation = np.corrcoef(function(one), function(other))[0, 1]
        assert abs(correlation) < 6 / np.sqrt(1000)
    assert np.corrcoef(one, one)[0, 1] > 0.9  # control


def test_pieces_are_drawn_apart(rng):
    found = draws.normal(1, (3 * PIECE,), rng, np.float32).reshape(3, PIECE)
    largest = np.abs(np.triu(np.corrcoef(found), 1)).max()
    assert largest < 6 / np.sqrt(PIECE)
    assert np.corrcoef(found[0], found[0])[0, 1] > 0.99  # control: the same piece twice


@pytest.mark.parametrize("draw", [draws.normal, draws.uniform, draws.truncated_normal])
def test_no_number_of_threads_changes_a_draw(draw):
    found = []
    for threads, members in [(1, None), (2, None), (3, 1), (4, 2)]:
        with limits(threads=threads, members=members):
            rng = np.random.default_rng(4)
            array = draw(1, (5, SIZE // 5), rng, np.float32)
            found.append((array.tobytes(), rng.random()))
    assert len(set(found)) == 1
    assert draw(1, (5, SIZE // 5), np.random.default_rng(5), np.float32).tobytes() != found[0][0]


def test_two_draws_differ(rng):
    for size in (10, SIZE):
        one, other = (draws.normal(1, (size,), rng, np.float32) for _ in range(2))
        assert not np.array_equal(one, other)


def test_double_precision_is_one_stream():
    # As it has always been: what chapters print depends on it.
    one, other = np.random.default_rng(4), np.random.default_rng(4)
    assert np.array_equal(draws.normal(2, (SIZE,), one), 2 * other.standard_normal(SIZE))
    assert np.array_equal(draws.uniform(2, (9,), one), other.uniform(-2, 2, 9))
    cut = truncnorm.rvs(-2, 2, size=999, random_state=other) / TRUNCATED_STD
    np.testing.assert_allclose(draws.truncated_normal(1, (999,), one), cut, rtol=1e-11)
    assert one.random() == other.random()


RECIPES = {
    "zeros": initializers.zeros(),
    "constant": initializers.constant(0.1),
    "normal": initializers.normal(1),
    "uniform": initializers.uniform(1),
    "he": initializers.he_normal(),
    "glorot uniform": initializers.glorot_uniform(),
    "orthogonal": initializers.orthogonal(2),
    "equal columns": initializers.equal_columns(initializers.lecun_normal()),
    "own": initializers.Initializer("own", lambda shape, rng: rng.random(shape)),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64, "float32"])
@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_knows_the_dtype(name, dtype, rng):
    found = RECIPES[name]((3, 6, 4), rng=rng, dtype=dtype)
    assert found.dtype == dtype
    assert found.shape == (3, 6, 4)


@pytest.mark.parametrize("shape", [(2, 9, 4), (4, 9), (5, 5)])
def test_orthogonal_in_single_precision(shape, rng):
    W = initializers.orthogonal(2)(shape, rng=rng, dtype=np.float32)
    short = W.swapaxes(-1, -2) @ W if shape[-2] >= shape[-1] else W @ W.swapaxes(-1, -2)
    np.testing.assert_allclose(short, np.broadcast_to(4 * np.eye(min(shape[-2:])), short.shape),
                               atol=1e-5)  # fmt: skip
    assert np.abs(short - np.eye(min(shape[-2:]))).max() > 1  # control: the gain is seen


@pytest.mark.parametrize("dtype", [int, "float16", complex, "no such thing", None])
def test_other_dtypes_are_refused(dtype, rng):
    if dtype is None:  # numpy's name for its default, float64
        assert initializers.zeros()((2,), rng=rng, dtype=dtype).dtype == float
        return
    message = f"dtype must be float32 or float64, got {dtype!r}"
    with pytest.raises(ValueError, match=re.escape(message)):
        initializers.normal(1)((2, 3), rng=rng, dtype=dtype)


def test_a_child_is_of_the_same_kind():
    parent = np.random.Generator(np.random.Philox(3))
    child = child_generator(parent, [1, 2])
    assert isinstance(child.bit_generator, np.random.Philox)
    assert child.random() == child_generator(parent, [1, 2]).random()
    assert child.random() != child_generator(parent, [1, 3]).random()
    with pytest.raises(TypeError, match="rng must be"):
        child_generator(3, [1, 2])
