"""Sweeps on dask.distributed: a real cluster of worker processes, some of which are killed."""

import os
import signal
import sys
import threading
import time
from functools import partial

import dask
import pytest
from distributed import Client, LocalCluster
from sweep_points import (
    alone,
    counted,
    ensemble,
    fails_at_two,
    kills_its_process,
    noisy,
    same,
    taken_up,
)

from initlab import sweep as sweep_module
from initlab.sweep import open_table, recompute, sweep
from initlab.sweeping import journal
from initlab.sweeping.cluster import on_cluster

AXES = {"depth": [1, 2, 5, 9], "scale": [0.5, 2.0, 3.5]}
WAIT = 60  # seconds until something that does not happen is given up


@pytest.fixture(scope="module")
def cluster():
    """Two processes of one thread each, on this machine's own network only."""
    with (
        dask.config.set({"distributed.nanny.pre-spawn-environ.PYTHONHASHSEED": "77"}),
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None,
            worker_dashboard_address=None, silence_logs=50,
        ) as cluster,
    ):  # fmt: skip
        for nanny in cluster.workers.values():
            nanny.close_gracefully()  # who dies stays dead: starting another takes seconds
        yield cluster


@pytest.fixture
def client(cluster):
    with Client(cluster, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=WAIT)
        yield client


def test_the_table_is_that_of_the_threads(client, tmp_path):
    client.wait_for_workers(2, timeout=WAIT)
    assert len(set(client.run(os.getpid).values()) | {os.getpid()}) == 3
    table = sweep(noisy, AXES, client=client, store=tmp_path / "t.jsonl")
    assert same(table, sweep(noisy, AXES))
    assert same(open_table(tmp_path / "t.jsonl"), table)
    assert recompute(tmp_path / "t.jsonl", noisy, {"depth": [5]}, client=client).same
    assert same(sweep(fails_at_two, {"depth": [1, 2, 3]}, client=client),
                sweep(fails_at_two, {"depth": [1, 2, 3]}))  # fmt: skip


def test_an_address_will_do(cluster):
    """And functions that only this process knows travel to the workers; so do their blocks."""
    settings = {"together": "seed", "block": 2}
    axes = {"depth": [1, 2], "seed": range(3)}

    def local(**point):
        return ensemble(**point)

    table = sweep(local, axes, client=cluster.scheduler_address, **settings)
    assert same(table, sweep(local, axes, **settings))
    assert table["loss"].identical(sweep(alone, axes)["loss"])


def test_few_blocks_are_under_way(client):
    taken = taken_up(lambda call, points: on_cluster(call, points, client), 30)
    assert len(taken) == taken[-1] == 30
    assert all(started <= 4 + i for i, started in enumerate(taken, start=1))


def test_workers_with_other_versions_refuse(client, monkeypatch, tmp_path):
    monkeypatch.setattr(sweep_module, "versions", lambda: {"initlab": "9.9", "numpy": "1.0"})
    with pytest.raises(RuntimeError, match=r"a worker has .*process that asks it has .*'1\.0'"):
        sweep(noisy, AXES, client=client)


def test_a_function_the_workers_cannot_import_ends_the_sweep(client, monkeypatch, tmp_path):
    (tmp_path / "only_here.py").write_text("def f(*, a, rng): return a\n")
    monkeypatch.syspath_prepend(tmp_path)
    import only_here

    with pytest.raises(RuntimeError, match="can they import the function"):
        sweep(only_here.f, {"a": [1, 2]}, client=client)
    del sys.modules["only_here"]


def test_an_asynchronous_client_is_refused(client, monkeypatch):
    monkeypatch.setattr(Client, "asynchronous", True)
    with pytest.raises(TypeError, match="not asynchronous"):
        sweep(noisy, AXES, client=client)


# Last, because each leaves one worker less.


def test_a_worker_is_killed_in_mid_sweep(client, tmp_path):
    store, log = tmp_path / "t.jsonl", tmp_path / "log"
    axes = {"depth": list(range(12)), "scale": [0.5, 2.0, 3.0, 4.0]}
    function = partial(counted, log=str(log), pause=0.03)
    victim = next(iter(client.run(os.getpid).values()))
    at_death = []

    def kill():
        until = time.monotonic() + WAIT
        while time.monotonic() < until and not at_death:
            if store.exists() and store.read_bytes().count(b"\n") > 8:
                os.kill(victim, signal.SIGKILL)
                at_death.append(store.read_bytes().count(b"\n") - 2)
            time.sleep(0.005)

    killer = threading.Thread(target=kill)
    killer.start()
    table = sweep(function, axes, client=client, store=store)
    killer.join()
    assert 6 < at_death[0] < 48
    assert len(client.run(os.getpid)) == 1
    assert not table["failed"].any()
    fixed = partial(counted, log=str(log))
    assert table.drop_attrs().identical(sweep(fixed, axes).drop_attrs())
    assert same(open_table(store), table)
    assert len(journal.read(store).records) == 48


def test_a_point_that_kills_its_workers_is_a_failure(client, cluster, monkeypatch):
    monkeypatch.setattr(cluster.scheduler, "allowed_failures", 0)  # there are no four to lose
    table = sweep(kills_its_process, {"depth": [1]}, client=client)
    assert table["failed"].all()
    assert table.attrs["failures"][0]["type"] == "KilledWorker"
