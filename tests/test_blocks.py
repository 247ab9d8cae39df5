"""Cutting an ensemble, running its blocks, and what is undone afterwards."""

import os
import re
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from initlab import blocks
from initlab.blocks import LARGEST, SMALLEST, crew, cut, in_blocks, limits, thread_count


def sizes(slices):
    return [s.stop - s.start for s in slices]


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("members", [1, 2, 7, 64, 1000])
@pytest.mark.parametrize("bytes_each", [1, 1000, SMALLEST, LARGEST // 3, LARGEST, 9 * LARGEST])
@pytest.mark.parametrize("share", [None, 1, 2, 100])
def test_a_cut_is_even_and_within_the_budget(members, bytes_each, threads, share):
    bytes_a_call = None if share is None else -(-bytes_each // share)
    with limits(threads=threads):
        slices = cut(members, bytes_each, bytes_a_call)
    bytes_a_call = bytes_each if share is None else bytes_a_call
    assert [k for s in slices for k in range(s.start, s.stop)] == list(range(members))
    assert max(sizes(slices)) - min(sizes(slices)) <= 1
    assert min(sizes(slices)) >= 1
    assert max(sizes(slices)) * bytes_each <= max(LARGEST, bytes_each)
    # Small work is not cut for the threads' sake; large work has a block for each of them.
    if members * bytes_a_call < 2 * SMALLEST and members * bytes_each <= LARGEST:
        assert len(slices) == 1
    if bytes_a_call >= SMALLEST:
        assert len(slices) >= min(members, threads)
    # More blocks than threads: as many for each, unless there are no more members.
    if threads < len(slices) < members:
        assert len(slices) % threads == 0


def test_threads_are_those_that_this_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3, 5, 9}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert thread_count() == 3
    monkeypatch.delattr(os, "sched_getaffinity")  # macOS and Windows have none
    assert thread_count() == 64


def test_a_given_number_of_members_is_kept():
    with limits(members=3):
        assert sizes(cut(8, 1)) == [3, 3, 2]
    with limits(members=3, threads=2), limits(threads=1):
        assert sizes(cut(8, 1)) == [3, 3, 2]  # the outer limit holds where the inner is silent
        assert thread_count() == 1
    assert sizes(cut(8, 1)) == [8]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cut(8, 8, 0), "bytes_a_call must be a whole number of at least 1, got 0"),
        (lambda: cut(0, 8), "members must be a whole number of at least 1, got 0"),
        (lambda: cut(8, 0), "bytes_each must be a whole number of at least 1, got 0"),
        (lambda: limits(threads=0).__enter__(), "threads must be a whole number of at least 1"),
        (lambda: limits(members=1.5).__enter__(), "members must be a whole number of at least 1"),
    ],
)
def test_bad_limits_are_refused(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_results_come_in_order_from_the_right_number_of_threads(threads):
    names, meet = set(), threading.Barrier(threads, timeout=20)

    def work(members):
        if members.start < threads:
            meet.wait()  # passes only when so many run at one time
        names.add(threading.current_thread().name)
        return members.start

    with limits(threads=threads, members=1):
        assert in_blocks(work, 9, 1) == list(range(9))
    assert len(names) == threads
    assert (threading.current_thread().name in names) == (threads == 1)


def test_blocks_start_no_threads_of_their_own():
    with limits(threads=3), crew(2) as run:
        assert run(lambda _: thread_count(), range(2)) == [1, 1]
        assert thread_count() == 3


def test_an_error_is_raised_where_it_is_waited_for():
    def work(members):
        if members.start == 2:
            raise ArithmeticError("the third")

    for threads in (1, 3):
        with limits(threads=threads, members=1), pytest.raises(ArithmeticError, match="the third"):
            in_blocks(work, 5, 1)


def test_after_an_error_nothing_more_is_begun(monkeypatch):
    begun, gate = [], threading.Event()

    class Pool(ThreadPoolExecutor):
        def shutdown(self, **settings):
            super().shutdown(wait=False, **settings)
            gate.set()  # only now does a block end that was under way
            super().shutdown()

    def work(members):
        begun.append(members.start)
        if members.start == 0:
            raise ArithmeticError
        assert gate.wait(20)

    monkeypatch.setattr(blocks, "ThreadPoolExecutor", Pool)
    with limits(threads=2, members=1), pytest.raises(ArithmeticError):
        in_blocks(work, 9, 1)
    assert sorted(begun) == [0, 1, 2][: len(begun)]


def test_threads_end_with_their_crew():
    with limits(threads=2), crew(2) as run:
        run(abs, range(4))
        assert [t for t in threading.enumerate() if t.name.startswith("block")]
    assert not [t for t in threading.enumerate() if t.name.startswith("block")]
    del run  # kept until here, and the threads with it if nobody had ended them


def test_what_numpy_does_about_overflow_is_the_callers_choice():
    def work(members):
        return np.exp(np.array([1e6]))

    with limits(threads=2, members=1), warnings.catch_warnings():
        warnings.simplefilter("error")
        with np.errstate(over="ignore"):
            assert in_blocks(work, 4, 1) == [np.inf] * 4
        with np.errstate(over="raise"), pytest.raises(FloatingPointError):
            in_blocks(work, 4, 1)


def blas_threads():
    return {lib["num_threads"] for lib in threadpool_info() if lib["user_api"] == "blas"}


def test_blas_has_one_thread_while_blocks_run_and_its_own_afterwards():
    with threadpool_limits(2, user_api="blas"):
        assert blas_threads() == {2}  # control
        with crew(2):
            assert blas_threads() == {1}
            with crew(2):
                pass
            assert blas_threads() == {1}  # the inner one has not let go
        assert blas_threads() == {2}
        with crew(1, hold_blas=False):
            assert blas_threads() == {2}
        with pytest.raises(KeyError), crew(2):
            raise KeyError
        assert blas_threads() == {2}


def test_blas_is_let_go_by_the_last_of_several_users():
    first, second = blocks.one_blas_thread(), blocks.one_blas_thread()
    with threadpool_limits(2, user_api="blas"):
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        assert blas_threads() == {1}
        second.__exit__(None, None, None)
        assert blas_threads() == {2}
