"""Which samples, which steps."""

import re
from itertools import islice, pairwise

import numpy as np
import pytest

from initlab.schedule import batches, meetings, recorded_steps


@pytest.mark.parametrize("wanted", [set(), {0}, {7}, {0, 3, 250}, set(range(251))])
@pytest.mark.parametrize("longest", [1, 100])
def test_blocks_meet_at_every_recorded_step_and_now_and_then(wanted, longest):
    met = list(meetings(wanted, 250, longest))
    assert met[0] == 0
    assert met[-1] == 250
    assert wanted <= set(met)
    assert all(0 < later - step <= longest for step, later in pairwise(met))
    if longest == 100:
        assert len(met) <= len(wanted) + 4  # no more of them than are needed


def test_no_step_is_one_meeting():
    assert list(meetings({0}, 0)) == [0]


def test_recorded_steps():
    assert recorded_steps(None, 3) == {0, 1, 2, 3}
    assert recorded_steps([2, 2], 3) == {2}
    assert recorded_steps([], 3) == set()
    with pytest.raises(ValueError, match=re.escape("record_at must lie in 0..3, got 4")):
        recorded_steps([4], 3)


def test_batches_go_through_every_epoch():
    drawn = list(islice(batches(10, 3, np.random.default_rng(1)), 6))
    for epoch in (drawn[:3], drawn[3:]):
        seen = np.concatenate(epoch)
        assert len(set(seen)) == 9
    assert not np.array_equal(drawn[0], drawn[3])
    full = batches(10, None, None)
    assert np.arange(10)[next(full)].tolist() == list(range(10))


def test_batches_are_drawn_only_when_asked_for():
    rng, other = np.random.default_rng(1), np.random.default_rng(1)
    drawing = batches(10, 5, rng)
    list(islice(drawing, 2))
    other.permutation(10)
    assert rng.bit_generator.state == other.bit_generator.state


def test_bad_batches_are_refused_at_once():
    with pytest.raises(TypeError, match="rng must be"):
        batches(10, 3, None)
    with pytest.raises(ValueError, match="batch_size must be at most the 10 samples, got 11"):
        batches(10, 11, np.random.default_rng(1))
