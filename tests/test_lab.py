"""The lab's widget without a browser: settings as attributes, weights in and out, a table."""

import numpy as np
import pytest

from initlab import lab as labs
from initlab.initializers import glorot_normal
from initlab.lab import Lab
from initlab.network import MLP
from initlab.parameters import Parameters


@pytest.fixture(autouse=True)
def built(tmp_path, monkeypatch):
    """A page's module in the place of the real one, which only a build makes."""
    for name in ("lab.js", "lab.css"):
        (tmp_path / name).write_text(f"/* {name} */", encoding="utf-8")
    monkeypatch.setattr(labs, "_STATIC", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "recipe"),
    [
        ("zeros", {"name": "zeros"}),
        ("normal(0.5)", {"name": "normal", "std": 0.5}),
        ("constant(-1e-3)", {"name": "constant", "value": -1e-3}),
        ("orthogonal", {"name": "orthogonal", "gain": 1}),
        ("equal_columns(zeros)", {"name": "equal_columns", "base": {"name": "zeros"}}),
    ],
)  # fmt: skip
def test_recipes_may_be_written_as_text(text, recipe):
    assert Lab(weights=text).weights == recipe


def test_settings_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="unknown setting: got 'color', allowed are 'data', "):
        Lab(color="red")


def test_attributes_are_checked_when_set_and_stay_when_refused():
    lab = Lab(depth=5, difference=("weights", "zeros"))
    assert lab.difference == {"setting": "weights", "value": {"name": "zeros"}}
    with pytest.raises(
        ValueError, match="depth must be a whole number of at least 1 and at most 8"
    ):
        lab.depth = 9
    with pytest.raises(ValueError, match="unknown speed: got 'fast'"):
        lab.speed = "fast"
    with pytest.raises(ValueError, match="difference must be None or"):
        lab.difference = "weights"
    assert (lab.depth, lab.speed, lab.difference["setting"]) == (5, "20", "weights")


def test_settings_that_fit_only_together_are_taken_together():
    lab = Lab(batch_size=4, data="xor")
    with pytest.raises(ValueError, match="batch_size must be at most the 4 samples, got 8"):
        lab.batch_size = 8
    assert Lab(n_classes=5, data="spirals").layer_sizes()[-1] == 5


def test_a_module_that_was_not_made_says_how_to_make_it(built):
    (built / "lab.js").unlink()
    with pytest.raises(FileNotFoundError, match="run `make lab`"):
        Lab()


# ---------------------------------------------------------------- weights


def drawn(sizes, seed=0) -> Parameters:
    return MLP(sizes).initialize(glorot_normal(), rng=np.random.default_rng(seed))


def drawn_bytes(sizes) -> bytes:
    return np.concatenate([array.ravel() for array in drawn(sizes).arrays()]).tobytes()


def test_weights_travel_as_float64_layer_by_layer_then_biases():
    lab = Lab(depth=2, width=3, difference=("width", 4))
    assert (lab.layer_sizes(), lab.layer_sizes("right")) == ([2, 3, 1], [2, 4, 1])
    parameters = drawn([2, 4, 1])
    lab.start_from("right", parameters)
    sent = np.frombuffer(lab.right_start, dtype="<f8")
    assert np.array_equal(sent, np.concatenate([a.ravel() for a in parameters.arrays()]))
    assert lab.left_start == b""


def test_weights_that_come_back_are_the_very_ones():
    lab = Lab(depth=3, width=5)
    parameters = drawn(lab.layer_sizes())
    lab.start_from("left", parameters)
    lab.left_now = lab.left_start
    back = lab.parameters()
    pairs = zip(back.arrays(), parameters.arrays(), strict=True)
    assert all(np.array_equal(a, b) and a.shape == b.shape for a, b in pairs)
    back.W[0][:] = 0  # a copy, to do with as one likes
    assert np.array_equal(lab.parameters().W[0], parameters.W[0])


def test_weights_of_other_networks_are_refused():
    lab = Lab(depth=2, width=3)
    with pytest.raises(ValueError, match=r"must have the shapes \[\(2, 3\), \(3, 1\)"):
        lab.start_from("left", drawn([2, 4, 1]))
    bad = drawn([2, 3, 1])
    bad.W[0][0, 0] = np.nan
    with pytest.raises(ValueError, match="finite"):
        lab.start_from("left", bad)
    with pytest.raises(ValueError, match="there is no right network"):
        lab.start_from("right", drawn([2, 3, 1]))
    with pytest.raises(ValueError, match="unknown side: got 'top'"):
        lab.parameters("top")


def test_other_settings_forget_the_weights():
    lab = Lab(depth=2, width=3)
    lab.start_from("left", drawn([2, 3, 1]))
    lab.left_now = lab.left_start
    lab.step = 5
    lab.width = 4
    assert (lab.left_start, lab.step) == (b"", 0)
    with pytest.raises(ValueError, match="no parameters yet"):
        lab.parameters()


def test_what_the_page_sends_is_taken_as_it_comes():
    lab = Lab(depth=2, width=3)
    now = np.arange(13.0)
    lab.set_state({"left_now": memoryview(now.tobytes()), "step": 4})  # as ipywidgets hands it on
    assert lab.parameters().W[0].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert lab.step == 4


def test_history_is_a_table():
    lab = Lab(depth=1)
    assert lab.history().rows == []
    rows = [[0, 0.7, 1, 1.25e-9, 0.0], [1, 1 / 3, 1, np.inf, np.nan]]
    lab.left_history = np.array(rows).tobytes()
    table = lab.history()
    assert table.headings == ["step", "loss", "rms_h 1", "rms_delta 1", "rms_grad_W 1"]
    assert np.array_equal(table.rows, rows, equal_nan=True)  # every digit of them
    shown = [line.split() for line in str(table).splitlines()[2:]]
    assert shown == [["0", "0.7", "1", "1.25e-09", "0"], ["1", "0.333", "1", "inf", "nan"]]


def test_training_begins_again_with_new_weights():
    lab, sent = Lab(depth=2, width=3, difference=("width", 4)), []
    lab.send = sent.append
    lab.step, lab.right_now = 7, drawn_bytes([2, 4, 1])
    parameters = drawn([2, 3, 1])
    lab.start_from("left", parameters)
    assert np.array_equal(lab.parameters().W[0], parameters.W[0])
    assert (lab.step, lab.right_now) == (0, b"")  # of the right one only the page knows
    assert sent == [{"act": "goTo", "step": 0}]


def test_a_step_is_a_whole_number():
    lab = Lab()
    for wrong in (-1, 1.5, "3"):
        with pytest.raises(ValueError, match="step must be a whole number of at least 0"):
            lab.step = wrong
    assert lab.step == 0


def test_training_is_asked_of_the_page():
    lab, sent = Lab(), []
    lab.send = sent.append
    lab.play()
    lab.pause()
    lab.advance(3)
    lab.go_to(0)
    assert sent == [
        {"act": "play"},
        {"act": "pause"},
        {"act": "step", "step": 3},
        {"act": "goTo", "step": 0},
    ]
    with pytest.raises(ValueError, match="steps must be a whole number of at least 1, got 0"):
        lab.advance(0)
