"""Points in threads of this process: nothing to start."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from itertools import islice

from initlab.sweeping.blocks import Call, compute, one_blas_thread


def usable() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def in_threads(call: Call, blocks: Iterable[list], threads: int) -> Iterator[dict]:
    """The records of each block, as they come; at most two blocks a thread are under way.

    When it is interrupted, what is finished is still handed out, and what is under way is left.
    """
    left = iter(blocks)
    with one_blas_thread():
        pool = ThreadPoolExecutor(threads, thread_name_prefix="sweep")
        running = {pool.submit(compute, call, block) for block in islice(left, 2 * threads)}
        try:
            while running:
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    running.remove(future)
                    running |= {pool.submit(compute, call, block) for block in islice(left, 1)}
                    yield future.result()
        except KeyboardInterrupt:
            for future in running:
                if future.done() and not future.exception():
                    yield future.result()
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
