"""The result file: killed at any moment it resumes, and what is wrong with it is named."""

import json
import os
import signal
import threading
import time
from functools import partial
from multiprocessing import get_context

import numpy as np
import pytest
from sweep_points import calls, counted, fails_at_two, noisy

from initlab.sweep import open_table, sweep
from initlab.sweeping import store as store_module
from initlab.sweeping.grid import grid, key
from initlab.sweeping.identity import identity
from initlab.sweeping.journal import StoreError, line, parse
from initlab.sweeping.store import Store

AXES = {"depth": [1, 2], "scale": [0.5, 2.0]}
WAIT = 60  # seconds until a process that does nothing is given up


@pytest.fixture
def path(tmp_path):
    """A finished file."""
    sweep(noisy, AXES, store=tmp_path / "t.jsonl", threads=1)
    return tmp_path / "t.jsonl"


def plain_number(*, depth, scale, rng):
    return depth * scale


def described(axes=AXES, function=noisy):
    """Identity and layout, as :func:`sweep` makes them."""
    points = grid(axes)
    layout = {"axes": points.labels, "units": {}, "dims": {}}
    return identity(function, points, 0, None), layout


def test_the_file_is_json_lines(path):
    def refuse(word):
        raise AssertionError(f"{word} is not standard JSON")

    header, layout, *points = (
        json.loads(one, parse_constant=refuse) for one in path.read_text().splitlines()
    )
    assert (header["format"], header["version"]) == ("initlab-sweep", 1)
    assert header["function"] == "sweep_points.noisy"
    assert header["names"] == ["depth", "scale"]
    assert header["versions"]["numpy"] == np.__version__
    assert layout["grid"]["axes"] == AXES
    assert len(points) == 4
    table = open_table(path)
    for point in points:
        assert table["sum"].sel(point["point"]).item() == point["result"]["sum"]


# ------------------------------------------------------------------ cut off


def test_cut_at_every_byte_nothing_finished_is_lost(tmp_path):
    """Whatever lines are whole are kept; what is written then completes the same file."""
    path, axes = tmp_path / "t.jsonl", {"depth": [1, 2, 3], "scale": [0.5]}
    sweep(plain_number, axes, store=path, threads=1)
    whole = path.read_bytes()
    described_now = described(axes, plain_number)
    records = parse(whole, path).records
    ends = [i for i, byte in enumerate(whole) if byte == ord("\n")]  # of header, grid, points
    store_module.os.fsync, fsync = lambda descriptor: None, os.fsync  # a disk's time, 700 times
    try:
        for cut in range(len(whole)):
            path.write_bytes(whole[:cut])
            with Store(path, *described_now) as store:
                finished = max(0, sum(end <= cut for end in ends) - 2)
                assert list(store.records) == list(records)[:finished], cut
                store.write({k: r for k, r in records.items() if k not in store.records})
            # In the end the file is as if nothing had been.
            assert path.read_bytes() == whole, cut
    finally:
        store_module.os.fsync = fsync


def test_a_sweep_goes_on_where_it_was_cut(path, tmp_path):
    function = partial(counted, log=str(tmp_path / "log"))
    table = sweep(function, AXES, store=tmp_path / "u.jsonl", threads=1)
    whole = (tmp_path / "u.jsonl").read_bytes()
    lines = whole.splitlines(keepends=True)
    for kept in range(2, 6):
        (tmp_path / "log").unlink()
        (tmp_path / "u.jsonl").write_bytes(b"".join(lines[:kept]) + lines[kept][:-20])
        assert sweep(function, AXES, store=tmp_path / "u.jsonl", threads=1).identical(table)
        assert calls(tmp_path / "log") == 6 - kept
        assert (tmp_path / "u.jsonl").read_bytes() == whole


def test_a_killed_process_is_resumed(tmp_path):
    """SIGKILL in mid-sweep. On the way: no second writer, but a reader."""
    store, log = tmp_path / "t.jsonl", tmp_path / "log"
    axes = {"depth": list(range(12)), "scale": [float(i) for i in range(10)]}
    function = partial(counted, log=str(log), pause=0.1)  # 6 s, if nobody ended it
    # A fork, because a new interpreter would import for seconds what is here already.
    process = get_context("fork").Process(
        target=sweep, args=(function, axes), kwargs={"store": store, "threads": 2}
    )
    process.start()
    started = time.monotonic()
    while not store.exists() or store.read_bytes().count(b"\n") < 12:
        assert process.is_alive()
        assert time.monotonic() - started < WAIT
        time.sleep(0.005)
    with pytest.raises(StoreError, match=r"t.jsonl: another sweep is writing to it"):
        sweep(function, axes, store=store)
    assert open_table(store)["missing"].any()
    process.kill()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    finished = len(parse(store.read_bytes(), store).records)
    assert 10 <= finished < 120
    log.unlink()
    table = sweep(function, axes, store=store, threads=40)
    assert calls(log) == 120 - finished
    assert "missing" not in table
    fresh = sweep(noisy, axes)
    assert table.drop_attrs().identical(fresh.drop_attrs())
    assert open_table(store).identical(table)


def test_an_interrupt_keeps_what_is_finished(tmp_path):
    """Ctrl+C in mid-sweep: the point under way is given up, those before are in the file."""
    store, computed, late, release = tmp_path / "t.jsonl", [], [], threading.Event()

    def function(*, a, rng):
        computed.append(a)
        if a == 5 and not release.is_set():
            while store.read_bytes().count(b"\n") < 5:
                time.sleep(0.001)
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            late.extend([] if release.wait(WAIT) else [a])
        return a * rng.random()

    with pytest.raises(KeyboardInterrupt):
        sweep(function, {"a": range(9)}, store=store, threads=1)
    release.set()
    assert not late, "the interrupt came only when the point was over"
    finished = [a for a, gone in enumerate(open_table(store)["missing"].values) if not gone]
    assert set(range(3)) <= set(finished) <= set(range(5))
    computed.clear()
    table = sweep(function, {"a": range(9)}, store=store)
    assert set(range(9)) - set(finished) <= set(computed)
    assert not set(finished) & set(computed)
    assert table.identical(sweep(function, {"a": range(9)}))


def test_what_the_system_takes_in_pieces_is_written_whole(path, tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(store_module.os, "write", lambda to, data: write(to, data[:7]))
    sweep(noisy, AXES, store=tmp_path / "u.jsonl", threads=1)
    assert (tmp_path / "u.jsonl").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(("seconds", "times"), [(-1, 4 + 1), (1e9, 0 + 1)])
def test_a_disk_is_waited_for_now_and_then_and_at_the_end(tmp_path, monkeypatch, seconds, times):
    waited = []
    monkeypatch.setattr(store_module, "SYNC_EVERY", seconds)
    monkeypatch.setattr(store_module.os, "fsync", waited.append)
    sweep(noisy, AXES, store=tmp_path / "t.jsonl", threads=1)
    assert len(waited) == times


def test_units_and_names_of_dimensions_gather_in_the_file(tmp_path):
    store, larger = tmp_path / "t.jsonl", {**AXES, "depth": [1, 2, 3]}
    sweep(noisy, AXES, store=store, units={"sum": "nat"}, dims={"path": ["step"]})
    sweep(noisy, larger, store=store, units={"depth": "layers"})
    table = open_table(store)
    assert table["sum"].attrs == {"units": "nat"}
    assert table["depth"].attrs == {"units": "layers"}
    assert table["path"].dims == ("depth", "scale", "step")


# ------------------------------------------------------------------ refused


def refused(path, message, function=noisy, axes=AXES, **settings):
    """The sweep is refused by file name with this message, and the file is left alone."""
    before = path.read_bytes()
    with pytest.raises(StoreError, match=message) as caught:
        sweep(function, axes, store=path, **settings)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == before


def test_a_second_writer_is_refused(path):
    with Store(path, *described()):
        refused(path, "another sweep is writing to it; wait for it, or name another file")
    sweep(noisy, AXES, store=path)


def test_every_altered_byte_is_found(path):
    whole = path.read_bytes()
    records = parse(whole, path).records
    for at in range(len(whole)):
        altered = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]
        if at < len(whole) - 1:
            with pytest.raises(StoreError, match=r"t.jsonl, line \d: "):
                parse(altered, path)
        else:  # the last end of line: then the last line is none
            assert list(parse(altered, path).records) == list(records)[:-1]


def test_a_corrupt_line_is_named(path):
    lines = path.read_text().splitlines(keepends=True)
    lines[3] = lines[3].replace('"depth":', '"Depth":')
    path.write_text("".join(lines))
    refused(path, r"t.jsonl, line 4: corrupt")
    with pytest.raises(StoreError, match="line 4: corrupt"):
        open_table(path)


@pytest.mark.parametrize(
    "text",
    ["depth,scale,loss\n1,2,3\n", "{}\n", '{"format": "other"}\n', "\n", "without an end", "x"],
)  # fmt: skip
def test_a_foreign_file_is_refused(tmp_path, text):
    path = tmp_path / "t.jsonl"
    path.write_text(text)
    refused(path, "line 1: not a result file of a sweep")
    with pytest.raises(StoreError, match="not a result file"):
        open_table(path)


def test_an_empty_file_is_none_to_read_and_one_to_begin(tmp_path):
    path = tmp_path / "t.jsonl"
    path.touch()
    with pytest.raises(StoreError, match="nothing to read"):
        open_table(path)
    assert sweep(noisy, AXES, store=path).identical(open_table(path))


def with_another_body(*, depth, scale, rng):
    return noisy(depth=depth, scale=scale, rng=rng)


def test_the_file_of_another_sweep_is_refused(path, monkeypatch):
    refused(path, "line 1: belongs to another sweep: seed is 0 there and 1 here", seed=1)
    refused(path, "together is None there and 'scale' here", together="scale")
    refused(path, "function is 'sweep_points.noisy' there and", with_another_body)
    refused(path, r"arguments is {} there and {'scale': 1} here", partial(noisy, scale=1))
    refused(path, "names is .'depth', 'scale'. there and .'depth'. here", axes={"depth": [1]})
    refused(path, "all numbers, all truth values", axes={"depth": [True], "scale": [1]})
    # The same name, another body: what an edit of the module would make of it.
    monkeypatch.setattr(with_another_body, "__module__", noisy.__module__)
    monkeypatch.setattr(with_another_body, "__qualname__", noisy.__qualname__)
    refused(path, "another sweep: source_sha256 is '[0-9a-f]{64}' there and", with_another_body)


def test_a_line_of_another_sweep_is_refused(path, tmp_path):
    """Its check fits there, not here."""
    sweep(noisy, {"depth": [7], "scale": [1.0]}, seed=1, store=tmp_path / "o.jsonl")
    strange = (tmp_path / "o.jsonl").read_bytes().splitlines(keepends=True)[-1]
    path.write_bytes(path.read_bytes() + strange)
    refused(path, "line 7: corrupt")


def test_a_repeated_point_is_refused(path):
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(keepends=True)[2])
    refused(path, r"line 7: repeats the point {'depth': 1, 'scale': 0.5} of line 3")


def test_a_later_format_is_refused(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text(line({"format": "initlab-sweep", "version": 2}, ""))
    refused(path, "version 2 of the format; this initlab reads version 1")


def test_other_versions_may_read_and_not_add(path, monkeypatch):
    whole = path.read_bytes()
    header = {**described()[0], "versions": {"initlab": "0.1.0", "numpy": "1.0"}}
    path.unlink()
    with Store(path, header, described()[1]) as store:
        store.write(parse(whole, path).records)
    assert sweep(noisy, AXES, store=path).attrs["versions"]["numpy"] == "1.0"
    larger = {**AXES, "depth": [1, 2, 3]}
    with pytest.raises(StoreError, match=r"versions: numpy is '1\.0' there and"):
        sweep(noisy, larger, store=path)


def test_a_function_without_source_needs_a_name_of_its_own(tmp_path):
    namespace = {}
    exec("def sourceless(*, a, rng): return a", namespace)
    with pytest.raises(StoreError, match=r"source of None\.sourceless cannot be found"):
        sweep(namespace["sourceless"], {"a": [1]}, store=tmp_path / "t.jsonl")
    assert sweep(namespace["sourceless"], {"a": [1]})["result"] == 1


def test_without_file_locks_there_are_no_files(tmp_path, monkeypatch):
    monkeypatch.setattr(store_module, "fcntl", None)
    with pytest.raises(StoreError, match="file locks of Linux or macOS"):
        sweep(noisy, AXES, store=tmp_path / "t.jsonl")


# ------------------------------------------------------------------ failures


def test_failures_are_kept_or_tried_again(tmp_path, monkeypatch):
    store, axes = tmp_path / "t.jsonl", {"depth": [1, 2, 3]}
    table = sweep(fails_at_two, axes, store=store)
    assert table["failed"].values.tolist() == [False, True, False]
    assert open_table(store).identical(table)
    before = store.read_bytes()
    assert sweep(fails_at_two, axes, store=store).identical(table)
    assert store.read_bytes() == before
    monkeypatch.setitem(fails_at_two.__globals__, "ArithmeticError", LookupError)
    again = sweep(fails_at_two, axes, store=store, retry=True)
    assert again.attrs["failures"][0]["type"] == "LookupError"
    monkeypatch.setitem(fails_at_two.__globals__, "ArithmeticError", None)
    assert sweep(fails_at_two, axes, store=store).identical(again)
    assert len(store.read_bytes().splitlines()) == 2 + 3 + 1


def test_unequal_results_do_not_reach_the_file(tmp_path):
    def unequal(*, a, rng):
        return np.zeros(1 + a // 3)

    with pytest.raises(ValueError, match="same names and shapes"):
        sweep(unequal, {"a": range(5)}, store=tmp_path / "t.jsonl", threads=1)
    assert open_table(tmp_path / "t.jsonl")["missing"].values.tolist() == [False] * 3 + [True] * 2
    with pytest.raises(ValueError, match=r"\(2,\)} at {'a': 3} and .*\(1,\)} at {'a': 0}"):
        sweep(unequal, {"a": range(5)}, store=tmp_path / "t.jsonl", threads=1)


def test_points_of_an_unfinished_file_are_missing(path):
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:4]))
    table = open_table(path)
    assert table["missing"].values.tolist() == [[False, False], [True, True]]
    assert not table["failed"].any()
    assert np.isnan(table["sum"].values[1]).all()
    assert key({"depth": 1, "scale": 0.5}) in parse(path.read_bytes(), path).records
