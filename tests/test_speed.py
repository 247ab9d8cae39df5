"""The file of `make bench`, and the tables made of it; whether its contenders agree."""

import json
import re
import sys

import numpy as np
import pytest
from helpers import ROOT

from initlab.draws import TRUNCATED_STD
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
    slow = [["8 x 10 layers x 64, float32", "fast", "0.25 (0.2 to 0.3)"]]
    assert MEASURED.slow_cases().rows == slow
    assert MEASURED.slow_cases(0.2).rows == []
    faster = STEP | {"seconds": {OURS: [1.0], "fast": [0.1]}, "depth": 2}
    both = Measurements({}, [STEP, faster], [DRAW], {})
    assert both.behind() == [(faster, "fast"), (STEP, "fast")]  # the worst first


def test_medians_can_stand_alone():
    table = repr(MEASURED.step_table(ranges=False))
    assert " to " not in table
    row = ["64\u00a0x\u00a010", 8, "float32", "1e+03", "2", "0.25", "25%"]
    assert MEASURED.step_table(ranges=False).rows == [row]


def test_the_summary_keeps_single_networks_apart():
    alone = STEP | {"members": 1, "seconds": {OURS: [1.0], "slow": [5.0], "fast": [4.0]}}
    other = STEP | {"seconds": {OURS: [1.0], "slow": [0.5], "fast": [0.75]}}
    assert Measurements({}, [alone, STEP, other], [], {}).summary_table().rows == [
        ["slow", "5 (5 to 5)", "0 of 1", "1.2 (0.5 to 2)", "1 of 2"],
        ["fast", "4 (4 to 4)", "0 of 1", "0.5 (0.25 to 0.75)", "2 of 2"],
    ]
    assert MEASURED.summary_table().rows[0][1:3] == ["-", "0 of 0"]


def test_a_case_is_found_by_its_sizes():
    assert MEASURED.case(width=64, members=8) is STEP
    with pytest.raises(ValueError, match=r"no such case was measured: \{'width': 65\}"):
        MEASURED.case(width=65)


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


#: What the page explains, by its heading, and the cases that it explains thereby.
EXPLAINED = {
    "**One network is no ensemble.**": lambda case: case.get("members") == 1,
    "**Orthogonal matrices.**": lambda case: case.get("law") == "orthogonal",
    "**Wide layers.**": lambda case: "law" not in case and case["width"] >= 256,
}


@pytest.fixture(scope="module")
def prose():
    page = json.loads((ROOT / "chapters" / "speed.ipynb").read_text(encoding="utf-8"))
    texts = ["".join(c["source"]) for c in page["cells"] if c["cell_type"] == "markdown"]
    return " ".join(" ".join(texts).split())


def test_every_slow_case_is_explained(prose):
    for case, best in PUBLISHED.behind():
        found = [heading for heading, fits in EXPLAINED.items() if fits(case)]
        assert found, f"chapters/speed.ipynb does not say why {best} is faster in {case}"
    for heading in EXPLAINED:
        assert heading in prose


def medians(name, fits):
    return [float(np.median(ratios(case, name))) for case in PUBLISHED.steps if fits(case)]


def test_the_published_file_bears_out_the_prose():
    """What the page says in words of who is ahead; measured anew, it may need other words."""

    def several(case):
        return case["members"] > 1

    # The loop does worst with many small networks, and is never to be preferred for several.
    worst = max(PUBLISHED.steps, key=lambda case: np.median(ratios(case, "torch, one by one")))
    assert (worst["members"], worst["width"]) == (1000, 16)
    assert min(medians("torch, one by one", several)) > 0.9
    # "It keeps up with PyTorch on stacked weights and with compiled JAX."
    for name in ("torch, batched", "jax.vmap + jit"):
        assert np.median(medians(name, several)) >= 1
    # "A compiled step has fewer calls to pay for": JAX is ahead for most single networks.
    alone = medians("jax.vmap + jit", lambda case: case["members"] == 1)
    assert np.mean(np.array(alone) < 1) > 0.5
    # Wide layers: "there is little to gain for anybody who stacks".
    wide = [
        share
        for name in set(PUBLISHED.steps[0]["seconds"]) - {"torch, one by one"}
        for share in medians(name, lambda case: case["width"] >= 256)
    ]
    assert 0.5 < min(wide) < max(wide) < 2


def test_the_rules_on_the_page_are_those_of_the_program(prose):
    def constant(name, file="bench_ensembles"):
        text = (ROOT / "tools" / f"{file}.py").read_text(encoding="utf-8")
        return re.search(rf"\b{name}\b.* = (?:.*, )?([\d.]+)$", text, re.M)[1]

    assert f"on a batch of {constant('BATCH', 'bench_contenders')} samples" in prose
    assert f"{constant('GEMM')} by {constant('GEMM')} numbers" in prose
    assert (constant("TURN"), "enough for a quarter of a second" in prose) == ("0.25", True)
    assert (bench_agreement.REST, "rests for a tenth of a second" in prose) == (0.1, True)
    program = (ROOT / "tools" / "bench_ensembles.py").read_text(encoding="utf-8")
    assert "\nFEWEST, MOST = 4, 100\n" in program
    assert "at least four and at most a hundred" in prose
    assert {4, 100} < {case["repeats"] for case in PUBLISHED.steps} <= set(range(4, 101))
    assert f"it has {TRUNCATED_STD:.2f} of the standard deviation" in prose
    assert (len(bench_memory.SIZES) - 1, set(bench_memory.SIZES)) == (5, {16})
    assert "networks with five layers of 16 units" in prose
    first = PUBLISHED.steps[0]
    assert (first["members"], first["depth"]) == (64, 10)
    assert "For sixty-four networks of ten layers" in prose


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


def test_contenders_take_turns_with_a_rest_before_each(monkeypatch):
    log, time = [], iter(range(1000))
    monkeypatch.setattr(bench_agreement, "sleep", lambda seconds: log.append("-"))
    contenders = {name: lambda name=name: log.append(name) for name in "abc"}
    seconds = bench_agreement.in_turn(contenders, 4, lambda: next(time))
    assert "".join(log) == "-a-b-c-b-c-a-c-a-b-a-b-c"
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
