"""The law of cases, the common parts of the experiments, and every claim tried anew."""

from time import process_time

import numpy as np
import pytest
from helpers import ROOT

from initlab import claims
from initlab.initializers import glorot_normal, he_normal, normal, zeros
from initlab.network import MLP
from initlab.trials import EXPERIMENTS
from initlab.trials.case import Case, always, arrivals, balanced, factor_per_layer, line, verdict

REGISTER = claims.load(ROOT / "chapters" / "claims.toml")
TESTABLE = [claim for claim in REGISTER.claims if claim.verdict != "not testable"]
SLOWEST = 10  # seconds of one core for one claim


def case(pattern: str) -> Case:
    """``"hc"``: holds, condition met; ``"f-"``: fails, condition not met."""
    return Case(pattern[0] == "h", pattern[1] == "c", pattern)


# ---------------------------------------------------------------- the law


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ("hc", "true"),
        ("hc hc", "true"),
        ("hc h-", "true"),
        ("fc", "false"),
        ("fc f-", "false"),
        ("hc f-", "true if"),
        ("hc hc f- f-", "true if"),
    ],
)
def test_cases_that_fit_a_verdict(patterns, expected):
    assert verdict([case(p) for p in patterns.split()]) == expected


@pytest.mark.parametrize("patterns", ["", "hc fc", "h- f-", "hc fc f-", "hc h- f-", "h- fc"])
def test_cases_that_fit_none_are_listed(patterns):
    cases = [case(p) for p in patterns.split()]
    with pytest.raises(ValueError, match=f"^these {len(cases)} cases fit no verdict") as error:
        verdict(cases)
    lines = str(error.value).splitlines()[1:]
    assert len(lines) == max(len(cases), 0)
    for line_, one in zip(lines, cases, strict=True):
        assert line_.strip().startswith("holds" if one.holds else "fails")
        assert ("condition met" in line_) is one.condition_met
        assert line_.endswith(one.words)


def test_truth_values_of_numpy_are_fine():
    cases = [Case(np.True_, np.True_, ""), Case(np.False_, np.False_, "")]
    assert verdict(cases) == "true if"
    assert always(np.float64(1) > 0, "x") == Case(True, True, "x")


# ---------------------------------------------------------------- common parts


def test_data_are_what_they_promise(rng):
    x, y = line(rng, n=200)
    assert y.mean() == pytest.approx(0.3)
    aligned = np.linalg.lstsq(x, y - y.mean(), rcond=None)[0].ravel()
    assert np.corrcoef(aligned, np.linspace(1, 2, 5))[0, 1] > 0.5
    x, y = balanced(rng, n=200)
    assert y.mean() == 0.5
    assert x[y[:, 0] == 1].mean() - x[y[:, 0] == 0].mean() > 0.3


def test_arrivals_count_steps_from_one(rng):
    x, y = line(rng)
    network = MLP([5, 6, 6, 1], "tanh")
    wave = network.initialize(zeros(), normal(1), rng=rng)
    assert arrivals(network, wave, x, y, 2) == [0, 2, 1]
    assert arrivals(network, wave, x, y, 5) == [3, 2, 1]
    assert arrivals(network, network.initialize(glorot_normal(), rng=rng), x, y, 2) == [1, 1, 1]
    assert arrivals(network, network.initialize(zeros(), rng=rng), x, y, 5) == [0, 0, 0]


def test_factors_follow_theory(rng):
    """In wide networks: sqrt(n Var W) for linear units, sqrt(n Var W / 2) for ReLU."""
    known = [("identity", normal(0.1), 1), ("identity", normal(0.2), 2), ("relu", he_normal(), 1),
             ("relu", normal(0.1), 0.5**0.5)]  # fmt: skip
    for phi, weights, expected in known:
        assert factor_per_layer(phi, weights, 100, 8, rng) == pytest.approx(expected, rel=0.06)
    assert factor_per_layer("tanh", zeros(), 20, 5, rng) == 0


# ---------------------------------------------------------------- every claim


def mismatches(register: claims.Register, experiments: dict) -> set[str]:
    """Testable claims without an experiment, and experiments without a testable claim."""
    testable = {c.id for c in register.claims if c.verdict != "not testable"}
    return testable ^ set(experiments)


def test_every_testable_claim_has_an_experiment_and_the_other_way_round():
    assert mismatches(REGISTER, EXPERIMENTS) == set()
    assert len(TESTABLE) > 100


def test_an_experiment_too_few_or_too_many_is_noticed():
    fewer = {id: trial for id, trial in EXPERIMENTS.items() if id != "C31"}
    assert mismatches(REGISTER, fewer) == {"C31"}
    assert mismatches(REGISTER, EXPERIMENTS | {"C200": EXPERIMENTS["C31"]}) == {"C200"}


def refuted(claim: claims.Claim) -> str | None:
    """What the experiment says instead, where it does not say what the register does."""
    cases = EXPERIMENTS[claim.id](np.random.default_rng(0))
    found = verdict(cases)
    if found == claim.verdict:
        return None
    return f"{claim.id} is {found}, not {claim.verdict}: {cases}"


@pytest.mark.parametrize("claim", TESTABLE, ids=lambda claim: claim.id)
def test_the_verdict_is_what_the_experiment_says(claim, benchmark):
    start = process_time()
    assert refuted(claim) is None
    seconds = process_time() - start
    if seconds > 3:
        benchmark(f"trial of {claim.id}", f"{seconds:.1f} s")
    assert seconds < SLOWEST


@pytest.mark.parametrize("number", ["C31", "C38", "C64"])
@pytest.mark.parametrize("wrong", ["true", "false", "true if"])
def test_a_flipped_verdict_is_noticed(number, wrong):
    claim = REGISTER[number]
    if wrong == claim.verdict:
        wrong = "not testable"
    flipped = claims.Claim(**{**vars(claim), "verdict": wrong, "condition": "so"})
    assert refuted(flipped) is not None


def test_experiments_say_in_words_what_they_saw():
    for number in ("C31", "C38", "C64"):
        cases = EXPERIMENTS[number](np.random.default_rng(0))
        assert len(cases) >= 2
        assert all(len(one.words) > 5 for one in cases)
        assert len({one.words for one in cases}) == len(cases)


def test_another_seed_gives_the_same_verdict():
    """The cheap ones; no verdict hangs on the draws."""
    for number in ("C04", "C11", "C25", "C32", "C45", "C57", "C74", "C84", "C88", "C109"):
        for seed in (1, 2):
            cases = EXPERIMENTS[number](np.random.default_rng(seed))
            assert verdict(cases) == REGISTER[number].verdict, (number, seed)
