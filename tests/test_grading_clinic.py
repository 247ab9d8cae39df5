"""The patients of an assignment: everyone gets a set that reasoning can solve, and nothing less."""

import json
import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from helpers import PACKAGE, ROOT

from initlab.grading import clinic
from initlab.grading.misconceptions import Misconceived, register
from initlab.grading.patients import FAULTS, draw_patient, rounded, take_chart
from initlab.grading.treatment import (
    CURES,
    MISREAD,
    PROOFS,
    QUACKERY,
    WARDS,
    check_cures,
    check_diagnosis,
    check_evidence,
    check_repair,
    check_rule,
)

FOLDER = ROOT / "assignments" / "diagnose-this-network"
POOL = json.loads((FOLDER / "patients.json").read_text(encoding="utf-8"))
STUDENTS = [f"student{number}@example.org" for number in range(200)]


def faults(student):
    return clinic.faults_of(clinic.sets()[clinic.set_number(student)])


# ------------------------------------------------------------------ the charts


def test_every_chart_can_be_read_and_is_no_border_case():
    assert set(POOL["charts"]) == set(clinic.register())
    for name, fault in clinic.register().items():
        for slack in (0.85, 1, 1.15):
            assert clinic.read(POOL["charts"][name], slack) == fault, name
    for patient in clinic.unseen() + list(POOL["practice"].values()):
        assert clinic.read(patient["chart"]) == patient["fault"]
    assert Counter(patient["fault"] for patient in clinic.unseen()) == dict.fromkeys(FAULTS, 2)


def test_tied_networks_are_busy():
    """No chart of tied units has an exact zero that could be taken for a block."""
    charts = [patient["chart"] for patient in [*clinic.unseen(), *POOL["practice"].values()]]
    for chart in [*charts, *POOL["charts"].values()]:
        if clinic.read(chart) in ("equal-weights", "shared-column"):
            assert all(all(rows["rms_grad_W"]) for rows in chart["rows"].values())


def test_no_two_charts_look_the_same():
    charts = [*POOL["charts"].values()]
    charts += [patient["chart"] for patient in [*clinic.unseen(), *POOL["practice"].values()]]
    rows = {json.dumps(chart["rows"]) for chart in charts}
    assert len(rows) == len(charts) == 36 + 24 + 2


def test_the_students_file_holds_no_fault_but_those_of_the_practice_patients():
    told = [patient.pop("fault") for patient in json.loads(json.dumps(POOL))["practice"].values()]
    assert told == list(clinic.PRACTICE.values())
    for chart in POOL["charts"].values():
        assert list(chart) == [
            "layer_sizes",
            "activation",
            "learning_rate",
            "rms_x",
            "loss",
            "rows",
        ]
        assert chart["activation"] in ("tanh", "relu")
        names = {"rms_z", "rms_h", "rms_delta", "rms_grad_W", "distinct"}
        more = {"tanh": {"saturated"}, "relu": {"inactive", "dead"}}[chart["activation"]]
        assert {frozenset(rows) for rows in chart["rows"].values()} == {frozenset(names | more)}
    assert set(POOL) == {"charts", "sets", "practice"}
    assert all(re.fullmatch(r"P\d\d", name) for chosen in POOL["sets"] for name in chosen)


def test_the_names_of_the_patients_say_nothing():
    """The faults do not follow the numbers, nor do two of one kind stand together often."""
    assert list(clinic.register()) == sorted(clinic.register())
    order = [list(FAULTS).index(fault) for fault in clinic.register().values()]
    assert abs(np.corrcoef(order, np.arange(len(order)))[0, 1]) < 0.35
    assert np.count_nonzero(np.diff(order) == 0) <= 6  # two on average, if drawn by lot


def test_the_files_can_be_made_again(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    import make_patients

    monkeypatch.setattr(make_patients, "PATIENTS", tmp_path / "patients.json")
    monkeypatch.setattr(make_patients, "KEPT", tmp_path / "clinic.json")
    make_patients.main()
    for file in (FOLDER / "patients.json", PACKAGE / "grading" / "clinic.json"):
        again = json.loads((tmp_path / file.name).read_text(encoding="utf-8"))
        assert clinic.alike(again, json.loads(file.read_text(encoding="utf-8"))), file


def test_alike_knows_a_difference():
    one = {"a": [1.0, 0.0, None], "b": "tanh"}
    assert clinic.alike(one, {"a": [1.01, 0.0, None], "b": "tanh"})
    for other in (
        {"a": [1.05, 0.0, None], "b": "tanh"},
        {"a": [1.0, 1e-300, None], "b": "tanh"},
        {"a": [1.0, 0.0, 5.0], "b": "tanh"},
        {"a": [1.0, 0.0, None], "b": "relu"},
        {"a": [1.0, 0.0], "b": "tanh"},
    ):
        assert not clinic.alike(one, other)


def test_numbers_are_rounded_and_zeros_stay():
    assert rounded({"a": [0.0, 1234.5, np.inf], "b": np.int64(3), "c": "tanh"}) == {
        "a": [0.0, 1230.0, None], "b": 3, "c": "tanh",
    }  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_in_the_start(fault):
    """Seen in the parameters, which no chart shows."""
    patient = draw_patient(fault, np.random.default_rng(5))
    W, b, phi = patient.start.W, patient.start.b, patient.activation
    zero = [not w.any() for w in W]
    assert all(zero) == (fault in ("all-zero", "biases-only"))
    assert (zero[-1] and not zero[0]) == (fault == "zero-last-layer")
    assert any(np.any(x) for x in b) == (fault in ("biases-only", "dead"))
    shared = all(np.ptp(w, axis=1).max() == 0 for w in W[:-1]) and not all(zero)
    assert shared == (fault in ("equal-weights", "shared-column"))
    assert (shared and np.ptp(W[-1], axis=0).max() == 0) == (fault == "equal-weights")
    assert (patient.inputs.max() > 100) == (fault == "raw-inputs")
    scale = np.mean([w.var() * len(w) for w in W[1:-1]])
    if fault in ("too-small", "glorot-for-relu", "saturated", "exploding", "healthy", "dead"):
        sound = {"tanh": 1, "relu": 2}[phi]
        low, high = {
            "too-small": (0.03, 0.2), "glorot-for-relu": (0.4, 0.6), "saturated": (20, 80),
            "exploding": (5, 20),
        }.get(fault, (0.85, 1.15))  # fmt: skip
        assert low < scale / sound < high


# ------------------------------------------------------------------ the sets


def test_every_student_gets_one_patient_of_each_group():
    assert POOL["sets"] == clinic.sets()
    assert sorted(fault for group in clinic.GROUPS for fault in group) == sorted(FAULTS)
    seen = Counter()
    for student in STUDENTS:
        found = faults(student)
        assert len(found) == 6
        groups = [[fault in group for group in clinic.GROUPS].index(True)
                  for fault in found.values()]  # fmt: skip
        assert sorted(groups) == list(range(6))
        seen.update(list(found))
    assert set(seen) == set(clinic.register())  # each patient has students


def test_all_sets_differ_and_their_order_says_nothing():
    assert len({frozenset(chosen) for chosen in clinic.sets()}) == clinic.SETS == 256
    places = np.zeros((6, 6))
    for chosen in clinic.sets():
        for place, fault in enumerate(clinic.faults_of(chosen).values()):
            places[place, [fault in group for group in clinic.GROUPS].index(True)] += 1
    assert places.min() > 20  # 43 on average


def test_reasoning_solves_every_set():
    for student in STUDENTS:
        found = faults(student)
        assert {name: clinic.read(POOL["charts"][name]) for name in found} == found


def test_the_number_of_a_set_forgives_spaces_and_capitals():
    assert clinic.set_number(" Ada.Lovelace ") == clinic.set_number("ada.lovelace")
    assert len({clinic.set_number(student) for student in STUDENTS}) > 100


def test_patients_of_no_set_are_refused():
    chosen = clinic.sets()[0]
    with pytest.raises(ValueError, match="six of a set"):
        clinic.faults_of(chosen[:5])
    with pytest.raises(AssertionError, match="your own six patients"):
        check_diagnosis(dict.fromkeys(chosen[:5], "healthy"), 1)
    with pytest.raises(AssertionError, match="a dict"):
        check_cures(None, 2)


# ------------------------------------------------------------------ the checks


def test_right_answers_pass_for_every_student():
    for student in STUDENTS[:40]:
        found = faults(student)
        for position in range(1, 7):
            check_diagnosis(found, position)
        check_evidence({name: min(PROOFS[fault]) for name, fault in found.items()}, 6)
        check_cures({name: CURES[fault] for name, fault in found.items()}, 6)


def test_evidence_and_cures_are_counted():
    found = faults("ada.lovelace")
    cures = {name: CURES[fault] for name, fault in found.items()}
    cures[next(iter(cures))] = "nothing"
    check_cures(cures, 5)
    with pytest.raises(AssertionError):
        check_cures(cures, 6)
    evidence = {name: "rms_x" for name in found}
    with pytest.raises(AssertionError):
        check_evidence(evidence, 2)


def test_rows_that_are_taken_for_proofs_prove_something():
    """What ``PROOFS`` takes for dead, saturated and raw is shown by these patients and no other."""
    for name, fault in clinic.register().items():
        chart = POOL["charts"][name]
        rows = chart["rows"]["0"]
        z, h = rows["rms_z"][:-1], rows["rms_h"][:-1]
        tanh = chart["activation"] == "tanh"
        assert (tanh and min(z) > 3) == (fault == "saturated"), name
        assert (tanh and min(h) > 0.8) == (fault == "saturated"), name
        assert (z[0] > 50) == (fault == "raw-inputs"), name
        # A dead first layer would have the zeros, ones and single units of a network of zeros.
        assert (h[0] > 0 and 0 in h) == (fault == "dead"), name
        assert (rows["distinct"][0] > 1 and 1 in rows["distinct"]) == (fault == "dead"), name
        inactive = rows.get("inactive", [0])
        assert (inactive[0] < 1 and 1 in inactive) == (fault == "dead"), name


def test_time_is_no_quack_where_units_part_by_themselves():
    tied = next(names for names in clinic.sets() if "P26" in names)
    cures = {name: CURES[fault] for name, fault in clinic.faults_of(tied).items()}
    with pytest.raises(AssertionError) as caught:
        check_cures(cures | {"P26": "train-longer"}, 6)
    assert not isinstance(caught.value, Misconceived)


def test_a_rule_that_stops_loses_only_the_patients_it_stops_at():
    def stops(chart):
        if (fault := clinic.read(chart)) == "dead":
            raise KeyError("saturated")
        return fault

    check_rule(stops, 22)
    with pytest.raises(KeyError):
        check_rule(stops, 23)


def test_every_wrong_idea_is_registered_and_no_right_answer_is_one():
    assert {*MISREAD.values(), *QUACKERY.values()} <= set(register())
    assert all(fault != answer for fault, answer in MISREAD)
    assert {name for pair in MISREAD for name in pair} <= set(FAULTS)
    assert not set(QUACKERY) & set(CURES.values())


def test_a_misreading_is_named():
    name = next(name for name, fault in clinic.register().items() if fault == "saturated")
    chosen = next(names for names in clinic.sets() if name in names)
    answers = dict(clinic.faults_of(chosen)) | {name: "too-small"}
    with pytest.raises(Misconceived) as caught:
        check_diagnosis(answers, chosen.index(name) + 1)
    assert caught.value.name == "vanishing-for-saturation"


NAIVE = {
    "always healthy": lambda chart: "healthy",
    "the loss alone": lambda chart: (
        "exploding" if None in chart["loss"].values()
        else "saturated" if chart["loss"]["0"] > 3
        else "all-zero" if chart["loss"]["40"] > 0.95 * chart["loss"]["0"]
        else "healthy"
    ),
    "the weight gradient alone": lambda chart: (
        "biases-only" if chart["rows"]["0"]["rms_grad_W"][0] == 0
        else "too-small" if chart["rows"]["0"]["rms_grad_W"][0] < 0.005
        else "exploding" if chart["rows"]["0"]["rms_grad_W"][0] > 1
        else "healthy"
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", NAIVE.values(), ids=NAIVE)
def test_a_naive_rule_is_not_enough(rule):
    with pytest.raises(AssertionError):
        check_rule(rule, 12)


def test_reasoning_is_enough():
    check_rule(clinic.read, 24)
    with pytest.raises(AssertionError, match="0 of 24"):
        check_rule(lambda chart: None, 1)


# ------------------------------------------------------------------ repairs


def sound(layer_sizes, activation, inputs, rng, gain=1.0, last=1.0):
    scale = {"tanh": 1.0, "relu": np.sqrt(2)}[activation] * gain
    pairs = list(pairwise(layer_sizes))
    W = [scale / np.sqrt(m) * rng.standard_normal((m, n)) for m, n in pairs]
    W[-1] = W[-1] * last
    return {"W": W, "b": [np.zeros(n) for _, n in pairs],
            "shift": inputs.mean(), "scale": inputs.std()}  # fmt: skip


@pytest.mark.parametrize("ward", WARDS)
def test_repairs_do_not_hang_on_luck(ward):
    """Whatever numbers a student draws: a sound start trains, and one half as large does not."""
    for seed in range(4):

        def check(seed=seed, **changed):
            def repair(**given):
                return sound(**given | {"rng": np.random.default_rng(seed)}, **changed)

            check_repair(repair, ward, np.random.default_rng(208))

        check()
        check(last=0)
        if ward != "pixels":  # five layers forgive
            with pytest.raises(AssertionError):
                check(gain=0.5)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda start: None, "must return a dict"),
        (lambda start: start | {"W": 3}, "lists of arrays"),
        (lambda start: start | {"W": start["W"][::-1]}, "shapes of W and b"),
        (lambda start: start | {"b": start["b"][:-1]}, "shapes of W and b"),
        (lambda start: start | {"shift": np.zeros((3, 2))}, "lists of arrays|shapes"),
        (lambda start: start | {"scale": 0}, "not finite"),
        (lambda start: start | {"b": [b + np.nan for b in start["b"]]}, "not finite"),
    ],
)
def test_a_start_of_the_wrong_form_is_refused(spoil, words):
    with pytest.raises(AssertionError, match=words):
        check_repair(lambda **given: spoil(sound(**given)), "tanh", np.random.default_rng(0))


def test_taking_a_chart_needs_no_label():
    patient = draw_patient("healthy", np.random.default_rng(0))
    chart = take_chart(patient)
    assert "healthy" not in json.dumps(chart)
    assert len(chart["rows"]["0"]["rms_z"]) == patient.network.depth
    assert len(chart["rows"]["0"]["distinct"]) == patient.network.depth - 1
