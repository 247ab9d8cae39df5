"""An ensemble in blocks: pieces small enough for a processor's cache, spread over threads.

The members of an ensemble know nothing of each other, so a function of an ensemble can be
called on a few members at a time. Their arrays then stay in the cache from one line to the
next, and one block runs beside another: numpy lets other threads run while it computes.

While blocks run, the BLAS library behind ``@`` is held to one thread each. Besides being
faster for many small matrices, it makes the result one and the same, to the last bit, for
every size of block and every number of threads.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from threading import Lock

import numpy as np
from threadpoolctl import ThreadpoolController

from initlab import _checks

#: Bytes that a block may work on, of the order of the cache that all cores share. Smaller ones
#: would fit a core's own, but calls that are too short make threads wait for each other.
LARGEST = 32 * 2**20
#: Bytes that the calls of a block must work on to be worth a thread. Between shorter calls threads
#: wait for each other, because Python lets only one of them start a call.
SMALLEST = 2**17


@dataclass(frozen=True)
class Limits:
    """What :func:`limits` sets; ``None`` leaves it to the machine."""

    threads: int | None = None
    members: int | None = None


_UNSET = Limits()
_LIMITS: ContextVar[Limits] = ContextVar("limits", default=_UNSET)


@contextmanager
def limits(*, threads: int | None = None, members: int | None = None) -> Iterator[None]:
    """Set the number of threads, or of members in a block, for all that is called inside.

    Without it there are as many threads as processors, and blocks of about :data:`LARGEST`
    bytes. No result depends on either. Raises ``ValueError`` for numbers below 1.
    """
    given = {"threads": threads, "members": members}
    given = {name: _checks.whole(n, name) for name, n in given.items() if n is not None}
    token = _LIMITS.set(replace(_LIMITS.get(), **given))
    try:
        yield
    finally:
        _LIMITS.reset(token)


def thread_count() -> int:
    """How many threads blocks are spread over here."""
    return _LIMITS.get().threads or _processors()


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):  # those that this process may use
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cut(members: int, bytes_each: int, bytes_a_call: int | None = None) -> list[slice]:
    """Even slices of ``range(members)`` for members that work on ``bytes_each`` bytes each.

    ``bytes_a_call`` says how many of these one call of numpy has to do with, all by default.
    Raises ``ValueError`` for numbers below 1.
    """
    members = _checks.whole(members, "members")
    bytes_each = _checks.whole(bytes_each, "bytes_each")
    if bytes_a_call is None:
        bytes_a_call = bytes_each
    bytes_a_call = _checks.whole(bytes_a_call, "bytes_a_call")
    size = _LIMITS.get().members
    if size is not None:
        return [slice(at, min(at + size, members)) for at in range(0, members, size)]
    threads = thread_count()
    needed = -(-members // max(1, LARGEST // bytes_each))
    worthwhile = max(1, members * bytes_a_call // SMALLEST)
    count = max(needed, min(threads, worthwhile))
    if count > threads:  # as many for one thread as for another
        count = -(-count // threads) * threads
    count = min(count, members)
    edges = [members * k // count for k in range(count + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]


@contextmanager
def crew(jobs: int, *, hold_blas: bool = True) -> Iterator[Callable[[Callable, Iterable], list]]:
    """Threads for ``jobs`` blocks: yields ``run(function, items)``, a list in order.

    For one job, or one thread, everything happens where it is called. A thread has the
    caller's context (``np.errstate`` counts there, too) and starts no threads of its own.
    The first error ends the run and is raised. ``hold_blas=False`` leaves BLAS as it is.
    """
    threads = min(jobs, thread_count())
    _keep_freed_memory()
    with one_blas_thread() if hold_blas else nullcontext():
        if threads == 1:
            yield lambda function, items: [function(item) for item in items]
            return
        pool = ThreadPoolExecutor(threads, thread_name_prefix="block")

        def run(function, items):
            waiting = [pool.submit(copy_context().run, _alone, function, item) for item in items]
            return [future.result() for future in waiting]

        try:
            yield run
        finally:
            pool.shutdown(cancel_futures=True)


@cache
def _keep_freed_memory() -> None:
    """Have freed arrays used again, and not returned to the system page by page at every step.

    On Linux, malloc keeps twice as much as the largest array that was ever freed, counting
    arrays up to 32 MB (``man mallopt``, on the dynamic threshold). This one is never touched.
    """
    np.empty(31 * 2**20, np.uint8)


def _alone(function, item):
    with limits(threads=1):
        return function(item)


def in_blocks(
    function: Callable[[slice], object],
    members: int,
    bytes_each: int,
    bytes_a_call: int | None = None,
) -> list:
    """``function(members_of_a_block)`` for every block of an ensemble, results in order.

    The block is a slice of ``range(members)``, see :func:`cut`. Memory is bounded by the blocks
    that run at one time and by what the function returns, not by the ensemble.
    """
    slices = cut(members, bytes_each, bytes_a_call)
    with crew(len(slices)) as run:
        return run(function, slices)


# ------------------------------------------------------------------ one thread for BLAS

_HOLD = Lock()
_held = {"users": 0, "limiter": None}


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Hold BLAS to one thread each while anybody in this process is inside.

    The setting is the whole process's: the first to come makes it, the last to go undoes it.
    """
    with _HOLD:
        if not _held["users"]:
            _held["limiter"] = _libraries().limit(limits=1, user_api="blas")
        _held["users"] += 1
    try:
        yield
    finally:
        with _HOLD:
            _held["users"] -= 1
            if not _held["users"]:
                _held["limiter"].restore_original_limits()
