"""The file of `make bench`, and the tables made of it; whether its contenders agree."""

import json
import re
import sys

import numpy as np
import pytest
from helpers import ROOT

from initlab.speed import OURS, Measurements, gemm_share, ratios

sys.path.insert(0, str(ROOT / "tools"))

import bench_agreement
import bench_memory

STEP = {
    "width": 64, "depth": 10, "members": 8, "dtype": "float32", "flops": 3e9, "repeats": 2,
    "seconds": {OURS: [1.0, 2.0, 4.0], "slow": [3.0, 3.0, 8.0], "fast": [0.2, 0.6, 1.0]},
    "gemm_rate": [12e9, 12e9, 12e9],
}  # fmt: skip
DRAW = {
    "law": "normal", "width": 64, "dtype": "float64", "repeats": 1,
    "seconds": {OURS: [0.01, 0.01, 0.01], "slow": [0.02, 0.02, 0.03]},
}  # fmt: skip
MEASURED = Measurements({"clock": "wall"}, [STEP], [DRAW], {})


def test_a_ratio_compares_times_of_one_round():
    assert ratios(STEP, "slow").tolist() == [3, 1.5, 2]
    # Six thousand million operations in 1, 2, 4 seconds, at twelve thousand million a second.
    assert gemm_share(STEP).tolist() == [0.5, 0.25, 0.125]


def test_tables_show_median_and_extremes():
    table = repr(MEASURED.step_table())
    assert "2 (1.5 to 3)" in table
    assert "0.25 (0.2 to 0.3)" in table
    assert "25%" in table
    assert "1e+03" in table  # milliseconds of one step, the median
    assert "2 (2 to 3)" in repr(MEASURED.draw_table())


def test_slow_cases_are_those_below_half_of_the_best():
    assert MEASURED.slow_cases().rows == [["8 x 10 layers x 64, float32", "fast", 0.25]]
    assert MEASURED.slow_cases(0.2).rows == []


def test_a_foreign_file_is_refused_by_name(tmp_path):
    path = tmp_path / "other.json"
    for text in ("{", "{}", "[1]", '{"machine": {}, "else": 1}'):
        path.write_text(text)
        with pytest.raises(ValueError, match=re.escape(f"{path} is no result file of make bench")):
            Measurements.load(path)
    path.write_text(json.dumps(vars(MEASURED)))
    assert Measurements.load(path) == MEASURED


# ------------------------------------------------------------------ the published file

PUBLISHED = Measurements.load(ROOT / "chapters" / "speed.json")


def test_published_gradients_agree_in_both_precisions():
    assert {case["dtype"] for case in PUBLISHED.steps} == set(bench_agreement.TOLERANCES)
    for case in PUBLISHED.steps:
        assert 0 < case["disagreement"] < bench_agreement.TOLERANCES[case["dtype"]]


def test_published_memory_is_bounded_by_the_block():
    memory = PUBLISHED.memory
    assert memory["members"] == bench_memory.COUNTS
    assert memory["blocks"][-1] < 2 * memory["blocks"][0]
    assert memory["whole"][-1] > 5 * memory["blocks"][-1]


def test_every_slow_case_is_explained():
    page = json.loads((ROOT / "chapters" / "speed.ipynb").read_text(encoding="utf-8"))
    prose = "".join(
        line for cell in page["cells"] if cell["cell_type"] == "markdown" for line in cell["source"]
    )
    for case, *_ in PUBLISHED.slow_cases().rows:
        assert f"`{case}`" in prose, f"chapters/speed.ipynb does not say why {case} is slow"


# ------------------------------------------------------------------ agreement


@pytest.fixture
def arrays(rng):
    return [rng.standard_normal((3, 4, 5)), rng.standard_normal((3, 5))]


def test_altered_gradients_are_refused(arrays):
    def one_entry(factor):
        altered = [array.copy() for array in arrays]
        altered[1][2, 3] *= factor
        return altered

    tolerance = bench_agreement.TOLERANCES["float64"]
    others = {
        "nearly": one_entry(1 + tolerance / 100),
        "scaled": [1.001 * array for array in arrays],
        "one entry": one_entry(0.99),
        "a sign": [arrays[0], -arrays[1]],
        "two members changed": [array[[1, 0, 2]] for array in arrays],
        "transposed": [arrays[0].swapaxes(-1, -2), arrays[1]],
        "one missing": arrays[:1],
        "NaN": one_entry(np.nan),
    }
    assert bench_agreement.check({"ours": arrays, "nearly": others.pop("nearly")}, "float64") > 0
    for name, altered in others.items():
        with pytest.raises(ValueError, match=f"{name} and ours disagree"):
            bench_agreement.check({"ours": arrays, name: altered}, "float64")
    narrow = [array.astype("float32") for array in arrays]
    with pytest.raises(ValueError, match="computed in float32, not in float64"):
        bench_agreement.check({"ours": arrays, "narrow": narrow}, "float64")


def test_contenders_take_turns():
    log, time = [], iter(range(1000))
    contenders = {name: lambda name=name: log.append(name) for name in "abc"}
    seconds = bench_agreement.in_turn(contenders, 4, lambda: next(time))
    assert "".join(log) == "abcbcacababc"
    assert seconds == {name: [1] * 4 for name in "abc"}


def test_the_lock_names_versions_and_no_place():
    lines = (ROOT / "tools" / "bench-requirements.txt").read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines[1:])
    asked = (ROOT / "tools" / "bench-requirements.in").read_text(encoding="utf-8").splitlines()
    names = {line.split("==")[0] for line in lines[1:]}
    assert {line.split("==")[0] for line in asked if not line.startswith("#")} <= names
    # The book's own versions, where both have a package.
    own = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    book = {name for name in names if re.search(rf"^{re.escape(name)}==", own, re.M)}
    assert {"numpy", "scipy"} <= book
    assert not [x for x in lines[1:] if x.split("==")[0] in book and f"\n{x}" not in own]
