"""Sweeps: the same table whatever computes it, in which order, in which blocks."""

import itertools
import re
import runpy
import sys
from concurrent.futures import wait
from functools import partial

import numpy as np
import pytest
import threadpoolctl
from helpers import ROOT
from sweep_points import (
    alone,
    calls,
    counted,
    ensemble,
    fails_at_two,
    first_generator,
    noisy,
    same,
    taken_up,
)

from initlab.activations import ACTIVATIONS, get_activation
from initlab.blocks import limits, thread_count
from initlab.sweep import open_table, recompute, sweep
from initlab.sweeping import blocks, cluster, seeds, threads
from initlab.sweeping.grid import key
from initlab.sweeping.threads import in_threads

AXES = {"depth": [1, 2, 5], "scale": [0.5, 2.0]}


def test_the_table_is_labeled():
    table = sweep(
        noisy, AXES, units={"depth": "layers", "sum": "nat"}, dims={"path": ["step"]}, seed=4
    )
    assert dict(table.sizes) == {"depth": 3, "scale": 2, "step": 3}
    assert table["sum"].dims == ("depth", "scale")
    assert table["path"].dims == ("depth", "scale", "step")
    assert table["depth"].values.tolist() == [1, 2, 5]
    assert table["depth"].attrs == {"units": "layers"}
    assert table["sum"].attrs == {"units": "nat"}
    assert table["whole"].dtype == np.int64
    assert not table["failed"].any()
    assert table.attrs["seed"] == 4
    assert table.attrs["versions"]["numpy"] == np.__version__
    expected = noisy(depth=5, scale=0.5, rng=seeds.generator(4, {"depth": 5, "scale": 0.5}))
    point = table.sel(depth=5, scale=0.5)
    assert point["sum"].item() == expected["sum"]
    assert point["path"].values.tolist() == expected["path"].tolist()


def test_objects_reach_the_function_and_names_the_table():
    table = sweep(lambda *, phi, rng: phi(np.array(-1.0)), {"phi": ACTIVATIONS.values()})
    assert table["phi"].values.tolist() == [phi.name for phi in ACTIVATIONS.values()]
    assert table["result"].sel(phi="relu") == 0
    assert table["result"].sel(phi="identity") == -1


ELSEWHERE = {
    "alone": {"depth": [2], "scale": [2.0]},
    "reordered": {"depth": [5, 2, 1], "scale": [2.0, 0.5]},
    "axes exchanged": {"scale": [0.5, 2.0], "depth": [1, 2, 5]},
    "larger": {"depth": [0, 1, 2, 3, 5], "scale": [0.25, 0.5, 2.0]},
    "whole numbers": {"depth": [2.0], "scale": [2]},
}


@pytest.mark.parametrize("axes", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_a_point_has_one_result(axes):
    point = {"depth": 2, "scale": 2.0}
    one, other = (sweep(noisy, a).sel(point).drop_vars(point) for a in (AXES, axes))
    assert one.identical(other)


def test_generators_by_position_would_differ(monkeypatch):
    """Control: with the next child for the next point, the grid decides what a point gets."""
    counter = itertools.count()
    children = lambda seed, labels: seeds.generator(seed, {"position": next(counter)})  # noqa: E731
    monkeypatch.setattr(blocks, "generator", children)
    for axes in (ELSEWHERE["alone"], ELSEWHERE["reordered"]):
        with pytest.raises(AssertionError):
            test_a_point_has_one_result(axes)


def test_the_seed_decides():
    zero, again, one = (sweep(noisy, AXES, seed=seed) for seed in (0, 0, 1))
    assert same(zero, again)
    assert not (zero["sum"] == one["sum"]).any()


def test_threads_do_not_matter():
    assert same(sweep(noisy, AXES, threads=1), sweep(noisy, AXES, threads=7))


def test_blas_has_one_thread_while_it_runs():
    def threads(*, i, rng):
        return max([p["num_threads"] for p in threadpoolctl.threadpool_info()
                    if p["user_api"] == "blas"], default=1)  # fmt: skip

    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        assert threads(i=0, rng=None) == 2
        assert (sweep(threads, {"i": range(8)})["result"] == 1).all()
        assert threads(i=0, rng=None) == 2


def test_a_point_has_one_thread_whoever_computes_it():
    """A worker of a cluster calls ``compute``, too: nobody else holds BLAS there."""

    def threads(*, i, rng):
        return {"blocks": thread_count(), "BLAS": max(
            p["num_threads"] for p in threadpoolctl.threadpool_info() if p["user_api"] == "blas"
        )}  # fmt: skip

    call, point = blocks.Call(threads, 0, None, blocks.versions()), {"i": 0}
    with limits(threads=3), threadpoolctl.threadpool_limits(2, user_api="blas"):
        (record,) = blocks.compute(call, [(point, point)]).values()
    assert record["result"] == {"blocks": 1, "BLAS": 1}


SEEDS = {"depth": [1, 2], "seed": [3, 0, 7, 4, 9]}


@pytest.mark.parametrize("block", [1, 2, 3, None])
def test_members_have_the_result_they_have_alone(block):
    one_by_one = sweep(alone, SEEDS)
    together = sweep(ensemble, SEEDS, together="seed", block=block)
    for name in ("loss", "path"):
        assert together[name].values.tobytes() == one_by_one[name].values.tobytes()


def test_members_that_share_a_generator_are_found_out():
    """Control: equal only where a block has one member."""
    loss = sweep(alone, SEEDS)["loss"]
    for block, equal in [(1, True), (2, False), (None, False)]:
        found = sweep(first_generator, SEEDS, together="seed", block=block)["loss"]
        assert found.identical(loss) == equal


def test_a_block_is_as_large_as_allowed():
    sizes = []

    def size(*, depth, seed, rng):
        sizes.append(len(seed))
        return np.zeros(len(seed))

    sweep(size, SEEDS, together="seed", block=3, threads=1)
    assert sorted(sizes) == [2, 2, 3, 3]


def test_one_member_that_fails_does_not_take_the_others_along():
    def picky(*, depth, seed, rng):
        if 7 in seed:
            raise ArithmeticError("seven")
        return np.array(seed) * 1.0

    table = sweep(picky, SEEDS, together="seed")
    assert table["failed"].values.tolist() == [[False, False, True, False, False]] * 2
    good = ~table["failed"].values
    expected = np.broadcast_to(np.array(SEEDS["seed"]), good.shape)
    assert (table["result"].values[good] == expected[good]).all()
    assert np.isnan(table["result"].values[~good]).all()


def test_failures_are_recorded_and_overflow_is_a_result():
    table = sweep(fails_at_two, {"depth": [1, 2, 3]})
    assert table["failed"].values.tolist() == [False, True, False]
    assert np.isfinite(table["result"].values[0])
    assert table["result"].values[2] == np.inf
    (failure,) = table.attrs["failures"]
    assert failure["point"] == {"depth": 2}
    assert (failure["type"], failure["message"]) == ("ArithmeticError", "no such depth")
    (frame,) = failure["traceback"]  # from the function on
    assert re.fullmatch(r"sweep_points.py, line \d+, in fails_at_two", frame)


def test_of_a_long_failure_the_end_is_kept():
    def deeper(left):
        if not left:
            raise ArithmeticError("x" * 1000)
        deeper(left - 1)

    (failure,) = sweep(lambda *, a, rng: deeper(a), {"a": [20]}).attrs["failures"]
    assert failure["message"] == "x" * 500
    assert [frame.split(" in ")[1] for frame in failure["traceback"]] == ["deeper"] * 5


def test_every_point_of_a_lost_block_is_a_failure_of_its_own():
    phi = get_activation("tanh")
    block = [({"phi": "tanh", "seed": i}, {"phi": phi, "seed": i}) for i in (0, 1)]
    found = blocks.failures(block, "KilledWorker", "lost", [])
    failure = {"type": "KilledWorker", "message": "lost", "traceback": []}
    assert found == {key(labels): {"point": labels, "failure": failure} for labels, _ in block}


def test_when_all_fail_there_is_a_table_still():
    table = sweep(fails_at_two, {"depth": [2]}, units={"result": "1"})
    assert list(table.data_vars) == ["failed"]


def test_what_is_no_number_is_a_failure_of_the_point():
    table = sweep(lambda *, a, rng: "text" if a else 1.0, {"a": [False, True]})
    assert table["failed"].values.tolist() == [False, True]
    assert "must be a number" in table.attrs["failures"][0]["message"]


def test_whole_numbers_become_floats_where_one_is_missing():
    def whole(*, a, rng):
        return 10 // a

    assert sweep(whole, {"a": [1, 2]})["result"].dtype == np.int64
    found = sweep(whole, {"a": [1, 0]})["result"].values
    assert found[0] == 10.0
    assert np.isnan(found[1])


def test_few_blocks_are_under_way():
    """The grid is read as it is computed: nothing is queued beyond two blocks a thread."""
    taken = taken_up(lambda call, points: in_threads(call, points, 3), 40)
    assert len(taken) == taken[-1] == 40
    assert all(started <= 6 + i for i, started in enumerate(taken, start=1))
    assert taken[0] < 40


def test_an_interrupt_hands_out_what_is_finished(monkeypatch):
    def interrupted(running, **settings):
        wait(running)
        raise KeyboardInterrupt

    monkeypatch.setattr(threads, "wait", interrupted)
    found = []

    def run(call, points):
        for records in in_threads(call, points, 1):
            found.append(records)
            yield records

    with pytest.raises(KeyboardInterrupt):
        taken_up(run, 9)
    assert len(found) == 2  # those that were under way


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seed": -1}, "seed must be a whole number of at least 0, got -1"),
        (
            {"together": "seed"},
            "unknown axis in together: got 'seed', allowed are 'depth', 'scale'",
        ),
        ({"block": 2}, "give together, got block=2"),
        ({"together": "depth", "block": 0}, "block must be a whole number of at least 1, got 0"),
        ({"threads": 0}, "threads must be a whole number"),
        ({"client": "tcp://x:1", "threads": 2}, "with a client, got 2"),
        ({"client": 3}, "distributed.Client that is not asynchronous.*got 3"),
        ({"units": {"los": "nat"}}, "units must be of one of .*'sum'.*, got 'los'"),
        ({"dims": {"scale": ["a"]}}, "dims must be of one of .*'sum'.*, got 'scale'"),
        ({"dims": {"path": ["a", "b"]}}, "dims of 'path' must name the 1 dimensions"),
        ({"dims": {"sum": ["a"]}}, "dims of 'sum' must name the 0 dimensions"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, message):
    with pytest.raises((ValueError, TypeError), match=message):
        sweep(noisy, AXES, **settings)


@pytest.mark.parametrize("returned", [lambda a: np.zeros(a), lambda a: {str(a): 1.0}])
def test_unequal_results_end_the_sweep(returned):
    with pytest.raises(ValueError, match=r"same names and shapes at all points, got .*'a': 2"):
        sweep(lambda *, a, rng: returned(a), {"a": [1, 2]}, threads=1)


def test_without_distributed_the_message_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ModuleNotFoundError, match=re.escape("pip install 'initlab[cluster]'")):
        sweep(noisy, AXES, client="tcp://127.0.0.1:1")
    sweep(noisy, {"depth": [1], "scale": [1]})
    runpy.run_path(cluster.__file__)  # imports it only where it is needed


def test_the_bar_is_on_standard_error_when_asked_for(capsys, tmp_path):
    sweep(noisy, AXES)
    assert capsys.readouterr() == ("", "")
    sweep(noisy, AXES, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert re.search(r"6/6 \[\d\d:\d\d<\d\d:\d\d, .*point", err)  # time left, rate
    sweep(ensemble, SEEDS, together="seed", progress=True)
    assert "10/10" in capsys.readouterr().err  # points, not blocks
    for axes in (AXES, {**AXES, "depth": [1, 2, 5, 9]}):
        sweep(noisy, axes, store=tmp_path / "t.jsonl", progress=True)
    err = capsys.readouterr().err
    assert " 6/8 " in err  # what the file had
    assert " 8/8 " in err


def test_the_example_of_the_readme_runs(tmp_path, monkeypatch, capsys):
    example = re.search(r"```python\n(from.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    (tmp_path / "example.py").write_text(example)
    monkeypatch.chdir(tmp_path)
    found = runpy.run_path("example.py")
    assert found["open_table"]("spread.jsonl").identical(found["table"])
    assert "90/90" in capsys.readouterr().err
    # What it shows: spreads vanish below 0.1 = 1/sqrt(width), and grow with the scale.
    mean = found["table"]["result"].mean("seed")
    assert mean.sel(std=0.05, depth=50) < 1e-6 < mean.sel(std=0.2, depth=50)


# ------------------------------------------------------------------ tables from files


def test_a_file_has_the_table(tmp_path):
    store = tmp_path / "t.jsonl"
    settings = {"units": {"sum": "nat", "scale": "1"}, "dims": {"path": ["step"]}}
    table = sweep(noisy, AXES, store=store, **settings)
    assert same(open_table(store), table)
    assert same(sweep(noisy, AXES, **settings), table)


def test_a_file_may_hold_more_than_is_asked_for(tmp_path):
    store, log = tmp_path / "t.jsonl", tmp_path / "log"
    function = partial(counted, log=str(log))
    larger = {"depth": [0, 1, 2, 5], "scale": [0.5, 2.0, 8.0]}
    sweep(function, AXES, store=store)
    assert calls(log) == 6
    assert same(sweep(function, larger, store=store), sweep(function, larger))
    assert calls(log) == 12 + 12
    before = store.read_bytes()
    assert same(sweep(function, {"depth": [5], "scale": [0.5]}, store=store),
                sweep(function, {"depth": [5], "scale": [0.5]}))  # fmt: skip
    assert store.read_bytes() == before
    found = open_table(store)
    assert found["depth"].values.tolist() == [1, 2, 5, 0]
    assert found.sel(larger).drop_attrs().identical(sweep(function, larger).drop_attrs())


def test_recomputing_a_piece(tmp_path):
    store = tmp_path / "t.jsonl"
    sweep(noisy, AXES, store=store, seed=5)
    before = store.read_bytes()
    piece = recompute(store, noisy, {"depth": [5, 1]})
    assert piece.same
    assert dict(piece.recomputed.sizes) == {"depth": 2, "scale": 2, "path_0": 3}
    assert piece.largest_difference("path") == 0
    assert same(piece.stored, piece.recomputed)
    assert store.read_bytes() == before


def test_recomputing_finds_another_result(tmp_path):
    store = tmp_path / "t.jsonl"
    sweep(noisy, AXES, store=store)

    def otherwise(by):
        def function(**point):
            return {n: v + by if n == "sum" else v for n, v in noisy(**point).items()}

        return recompute(store, function, {"scale": [2.0]})

    assert otherwise(by=0.0).same
    assert not otherwise(by=1e-14).same
    assert 0 < otherwise(by=1e-14).largest_difference("sum") < 1e-13
    assert otherwise(by=1e-14).largest_difference("path") == 0
    assert otherwise(by=np.nan).largest_difference("sum") == np.inf
    with pytest.raises(ValueError, match="unknown result: got 'los'"):
        otherwise(by=0.0).largest_difference("los")


def test_recomputing_keeps_nan_and_infinity_apart(tmp_path):
    def odd(*, a, rng):
        return [np.nan, np.inf, -np.inf, 0.0][a]

    sweep(odd, {"a": range(4)}, store=tmp_path / "t.jsonl")
    piece = recompute(tmp_path / "t.jsonl", odd)
    assert piece.same
    assert piece.largest_difference("result") == 0
    signs = recompute(tmp_path / "t.jsonl", lambda *, a, rng: -odd(a=a, rng=rng), {"a": [3]})
    assert not signs.same  # minus zero is another float ...
    assert signs.largest_difference("result") == 0  # ... and no other number
    signs = recompute(tmp_path / "t.jsonl", lambda *, a, rng: -odd(a=a, rng=rng), {"a": [1]})
    assert signs.largest_difference("result") == np.inf
    whole = recompute(tmp_path / "t.jsonl", lambda *, a, rng: int(odd(a=a, rng=rng)), {"a": [3]})
    assert not whole.same  # the bytes of zero, as another kind of number
    assert whole.largest_difference("result") == 0


@pytest.mark.parametrize("axes", [{"depth": [7]}, {"depths": [1]}])
def test_recomputing_needs_points_of_the_file(tmp_path, axes):
    sweep(noisy, AXES, store=tmp_path / "t.jsonl")
    with pytest.raises(ValueError, match=r"t.jsonl has no result for .*its axes are"):
        recompute(tmp_path / "t.jsonl", noisy, axes)
