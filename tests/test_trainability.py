"""The map of the page How far does it train?: its experiment, its line, its stored results."""

import runpy
import shutil

import numpy as np
import pytest
from helpers import ROOT

from initlab.sweep import open_table, recompute
from initlab.sweeping.identity import source_digest
from initlab.trainability import CONTROL, MAP, RATE, SIGMA_B, trainable_depth, trained_accuracy

STORED = ROOT / "chapters" / "how-far.jsonl"


def accuracy(seed=0, **changed):
    point = {"activation": "tanh", "learning_rate": RATE, "depth": 8, "sigma_w": 1.3, "seed": 0}
    return trained_accuracy(**point | changed, rng=np.random.default_rng(seed))


def test_a_deep_network_learns_near_the_critical_scale_and_nowhere_else():
    assert accuracy() > 0.85
    assert accuracy(sigma_w=0.6) < 0.4
    assert accuracy(activation="relu", depth=12, sigma_w=2.8) < 0.2  # it overflows, in silence
    assert accuracy(learning_rate=0.0) < 0.3


def test_an_experiment_is_decided_by_its_generator():
    found = accuracy(depth=2)
    assert accuracy(depth=2) == found
    assert accuracy(depth=2, seed=1) != found


def test_trainable_depths():
    """Six depth scales: in closed form for relu, without bound on the critical line."""
    for sigma_w in (0.7, 1.4, 2.0):
        exact = 6 / abs(np.log(sigma_w**2 / 2))
        assert trainable_depth("relu", sigma_w) == pytest.approx(exact, rel=1e-9)
    assert trainable_depth("relu", 2**0.5) == np.inf
    tanh = [trainable_depth("tanh", s) for s in (0.6, 1.0, 1.327, 1.8, 2.8)]
    assert tanh[0] < tanh[1] < 30 < 1000 < tanh[2] > 1000 > tanh[3] > tanh[4]


@pytest.mark.parametrize(
    "call", [lambda: trainable_depth("gelu", 1.0), lambda: accuracy(activation="gelu")]
)
def test_other_activations_are_refused(call):
    with pytest.raises(ValueError, match="unknown activation in the map: got 'gelu', allowed are"):
        call()


# ------------------------------------------------------------------ the stored results


@pytest.fixture(scope="module")
def table():
    return open_table(STORED)


def test_the_stored_map_is_complete(table):
    assert not table["failed"].any()
    for axes in (MAP, CONTROL):
        part = table["result"].sel({name: values for name, values in axes.items()})
        assert not part.isnull().any()
        assert ((part >= 0) & (part <= 1)).all()


def test_the_stored_map_was_made_by_the_function_that_is_there(table):
    assert table.attrs["function"] == "initlab.trainability.trained_accuracy"
    assert table.attrs["source_sha256"] == source_digest(trained_accuracy)


def test_a_piece_of_the_stored_map_comes_out_again():
    piece = {"activation": ["tanh"], "learning_rate": [RATE], "depth": [4], "sigma_w": [1.2],
             "seed": [0, 1]}  # fmt: skip
    again = recompute(STORED, trained_accuracy, piece)
    assert again.largest_difference("result") < 0.01
    # Control: the same point with another draw is another result.
    first, second = again.stored["result"].values.ravel()
    assert abs(first - second) > 1e-3


def test_the_tool_computes_nothing_twice(tmp_path, monkeypatch):
    copy = shutil.copy(STORED, tmp_path / "copy.jsonl")
    monkeypatch.setattr("sys.argv", ["how_far.py", str(copy)])
    runpy.run_path(str(ROOT / "tools" / "how_far.py"), run_name="__main__")
    assert copy.read_bytes() == STORED.read_bytes()


def test_the_map_covers_both_sides_of_the_line():
    for activation in SIGMA_B:
        expected = np.array([trainable_depth(activation, s) for s in MAP["sigma_w"]])
        deepest = max(MAP["depth"])
        assert expected[0] < deepest < expected.max() > deepest > expected[-1]
