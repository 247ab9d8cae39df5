"""The map of the page How far does it train?: its experiment, its line, its stored results."""

import json
import re
import runpy
import shutil

import numpy as np
import pytest
from helpers import ROOT

from initlab import correlations, theory
from initlab.sweep import open_table, recompute
from initlab.sweeping.identity import source_digest
from initlab.trainability import (
    BATCH_SIZE,
    CONTROL,
    MAP,
    MULTIPLE,
    RATE,
    SIGMA_B,
    STEPS,
    WIDTH,
    trainable_depth,
    trained_accuracy,
)

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


# ------------------------------------------------------------------ what the page says of it

WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
         "eleven", "twelve"]  # fmt: skip


@pytest.fixture(scope="module")
def notebook():
    return json.loads((ROOT / "chapters" / "how-far.ipynb").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def prose(notebook):
    """The text of the page in one line, without emphasis."""
    texts = ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "markdown"]
    return " ".join(" ".join(texts).replace("*", "").split())


@pytest.fixture(scope="module")
def learned(table):
    """Whether the median network has half of the digits right, by activation: (depth, sigma_w)."""
    median = table["result"].sel(learning_rate=RATE, depth=MAP["depth"]).median("seed")
    return {
        phi: median.sel(activation=phi).transpose("depth", "sigma_w").values >= 0.5
        for phi in SIGMA_B
    }


def expected(activation, multiple=MULTIPLE):
    """Where so many depth scales reach down to the depth, (depth, sigma_w)."""
    reach = [multiple / MULTIPLE * trainable_depth(activation, s) for s in MAP["sigma_w"]]
    return np.array(MAP["depth"])[:, None] <= reach


def test_the_page_says_what_was_run(prose):
    depths, scales, activations, seeds = (
        WORDS[len(MAP[axis])] for axis in ("depth", "sigma_w", "activation", "seed")
    )
    variance = SIGMA_B["tanh"] ** 2
    critical = theory.critical_sigma_w("tanh", SIGMA_B["tanh"])
    for sentence in (
        f"{depths.title()} depths, {scales} scales, {activations} activation functions, "
        f"and {seeds} networks for every combination",
        f"All hidden layers have {WIDTH} units",
        f"biases of variance {variance:.2f}",
        f"{STEPS} steps of plain gradient descent on batches of {BATCH_SIZE}, "
        f"at a learning rate of {RATE}",
        rf"is then $\sigma_w = {critical:.2f}$",
        f"The {len(MAP['depth']) * len(MAP['sigma_w'])} combinations of each activation",
    ):
        assert sentence in prose


def test_the_page_counts_the_misses_of_its_line(prose, learned):
    wrong = {phi: expected(phi) != learned[phi] for phi in SIGMA_B}
    total = sum(found.size for found in wrong.values())
    right = total - sum(int(found.sum()) for found in wrong.values())
    assert f"right for {right} of {total} combinations of scale and depth" in prose
    relu = wrong["relu"] & ~expected("relu")
    deepest = int((wrong["relu"] & expected("relu"))[-1].sum())
    tanh, beyond, short = (int(x.sum()) for x in (wrong["tanh"], relu, wrong["relu"] & ~relu))
    assert f"The {WORDS[tanh]} with tanh are deep networks with large weights" in prose
    assert f"With ReLU {WORDS[beyond]} trained although the line said no" in prose
    assert f"{WORDS[short].title()} were expected to train and did not" in prose
    assert f"{WORDS[short - deepest].title()} of these lie near the left edge" in prose
    assert f"the other {WORDS[deepest]} stand at depth {MAP['depth'][-1]}" in prose


def test_the_page_is_right_about_its_six(prose, learned):
    """Better than knowing nothing; not better than its neighbors, but than half or twice."""
    hits = {
        k: sum(int((expected(phi, k) == learned[phi]).sum()) for phi in SIGMA_B)
        for k in (2, 4, 6, 8, 12)
    }
    blind = sum(max(found.sum(), (~found).sum()) for found in learned.values())
    assert "anything from 4 to 8 would have done about as well as 6" in prose
    assert min(hits[k] for k in (4, 6, 8)) > max(hits[2], hits[12], blind)


def test_the_page_is_right_about_bands_and_edges(prose, learned, table):
    scales = np.array(MAP["sigma_w"])
    bands = [scales[row][[0, -1]] for row in learned["tanh"]]
    low, high = bands[MAP["depth"].index(26)]
    critical = theory.critical_sigma_w("tanh", SIGMA_B["tanh"])
    assert f"At depth 26 the tanh networks learn from {low} to {high}, from a tenth below" in prose
    assert low / critical == pytest.approx(0.9, abs=0.02)
    assert high / critical > 1.5  # "more than a half above it"
    # Mistakes by the same factor: the larger weights still train, the smaller no longer do.
    assert "At depths 26 and 38, where the map has both edges, the larger weights" in prose
    edged = {d: b for d, b in zip(MAP["depth"], bands, strict=True) if b[1] < scales[-1]}
    assert list(edged) == [26, 38]
    for low, high in edged.values():
        assert high / critical > critical / scales[scales < low].max()
    runs = table["result"].sel(learning_rate=RATE, depth=MAP["depth"])
    apart = runs.max("seed") - runs.min("seed")
    assert "At the border they can differ by half of the whole scale" in prose
    assert (apart.max(["depth", "sigma_w"]) > 0.45).all()


def test_the_page_is_right_about_other_rates(table):
    def works(activation, rate):
        found = table["result"].sel(activation=activation, learning_rate=rate, depth=12)
        return dict(zip(found.sigma_w.values, found.median("seed").values >= 0.5, strict=True))

    small, large = (works("relu", rate) for rate in (CONTROL["learning_rate"][0], 0.1))
    assert small[2.4] and 12 / trainable_depth("relu", 2.4) == pytest.approx(2, abs=0.2)
    assert large[1.0] and not any(large[s] for s in large if s >= 1.6)
    tanh = [works("tanh", rate) for rate in CONTROL["learning_rate"]]
    assert tanh[2][0.8] and not tanh[1][0.8]  # the band is wider on the left
    assert not any(found[0.6] for found in tanh)  # nothing brings the smallest scale to life


def test_numbers_done_in_the_head(prose):
    scales = [correlations.depth_scale("tanh", share * theory.critical_sigma_w("tanh", b), b)
              for b in (0.1, 0.05**0.5, 0.5) for share in (0.9, 1.1)]  # fmt: skip
    assert (round(min(scales)), round(max(scales))) == (9, 28)
    gap, left = 1.0, {}
    for layer in range(1, 101):
        gap = left[layer] = float(correlations.arc_cosine_gap(gap))
    assert left[10] == pytest.approx(1 / 8, rel=0.05)
    assert left[100] < 0.005
    for sentence in (
        "between nine and twenty-eight layers",
        "At layer 10 an eighth of the contrast between two unrelated inputs is left, "
        "at layer 100 less than half a percent",
        rf"e^{MULTIPLE} \approx {round(np.exp(MULTIPLE), -2):.0f}$",
        rf"$2 \ln 10 \approx {2 * np.log(10):.1f}$ depth scales",
        f"to the six depth scales of the rule come the {2 * np.log(10):.1f} of the guess",
        f"{8 / correlations.depth_scale('tanh', 0.6, SIGMA_B['tanh']):.1f} is less than their sum",
    ):
        assert sentence in prose


def test_the_page_reads_its_error_bars_right(notebook, prose):
    """The signed entries of the table that it stores: standard errors off the prediction."""
    (cell,) = (cell for cell in notebook["cells"] if cell["id"] == "cell-far-pairs")
    table = "".join(cell["outputs"][0]["data"]["text/plain"])
    off = np.abs([float(x) for x in re.findall(r"\s([+-]\d+\.\d)\s", table)])
    assert WORDS[len(off)] == "eight"
    assert WORDS[int((off < 1.2).sum())] == "seven"
    assert off.max() < 2
    assert "Seven of the eight means lie within about one standard error" in prose
    assert "the last one within two" in prose


def test_the_length_of_errors_sorts_the_right_side_of_the_map(learned):
    scales = np.array(MAP["sigma_w"])
    above = scales > theory.critical_sigma_w("tanh", SIGMA_B["tanh"])
    length = [correlations.depth_scale("tanh", s, SIGMA_B["tanh"], of="gradient")
              for s in scales[above]]  # fmt: skip
    growth = np.exp((np.array(MAP["depth"])[:, None] - 1) / (2 * np.array(length)))
    works = learned["tanh"][:, above]
    assert 100 < growth[works].max() < growth[~works].min()
    # Control: the line of the map, which knows the length of correlations only, does not.
    assert (expected("tanh")[:, above] != works).sum() == 3
