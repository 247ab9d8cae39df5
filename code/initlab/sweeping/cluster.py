"""Points on the workers of dask.distributed, on this machine or on many."""

import pickle
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from uuid import uuid4

from initlab.sweeping.blocks import Call, Unequal, compute, failures

#: Seconds after which the number of workers is asked for again.
ASK_EVERY = 1.0


class _Errand:
    """A block that is computed by unpickling it.

    A worker that cannot import what is in a task loses its connection. A task that is nothing but
    ``pickle.loads`` and bytes reaches every worker; what cannot be imported is then an exception.
    """

    def __init__(self, call: Call, block: list):
        self._what = call, block

    def __reduce__(self):
        return compute, self._what


@contextmanager
def connected(client):
    """A ``distributed.Client`` as it is, or one for a scheduler's address while it is needed.

    Raises ``ModuleNotFoundError`` without ``distributed``, ``TypeError`` for anything else, and
    ``OSError`` where nothing answers at the address.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "a cluster needs the package distributed: pip install 'initlab[cluster]'"
        ) from error
    if isinstance(client, str):
        with Client(client, set_as_default=False) as own:
            yield own
    elif isinstance(client, Client) and not client.asynchronous:
        yield client
    else:
        raise TypeError(
            "client must be a distributed.Client that is not asynchronous, or the address of a "
            f"scheduler such as 'tcp://10.0.0.1:8786', got {client!r}"
        )


def on_cluster(call: Call, blocks: Iterable[list], client) -> Iterator[dict]:
    """The records of each block, as they come; at most two blocks a worker's thread under way.

    The scheduler gives the blocks of a worker that was lost to others. A block that was under
    way at the loss of worker after worker is a failure of its points (``KilledWorker``).

    Raises ``RuntimeError`` where a worker has other versions of the packages, cannot run a block
    at all, or the scheduler is lost.
    """
    from distributed import as_completed
    from distributed.protocol.pickle import dumps

    left, asked, room = iter(blocks), -ASK_EVERY, 0
    queue, running = as_completed(loop=client.loop), {}
    try:
        while True:
            if time.monotonic() - asked > ASK_EVERY:
                asked, room = time.monotonic(), max(2, 2 * sum(client.nthreads().values()))
            for block in islice(left, max(0, room - len(running))):
                errand = dumps(_Errand(call, block))
                future = client.submit(pickle.loads, errand, key=f"sweep-{uuid4()}", pure=False)
                running[future] = block
                queue.add(future)
            if not running:
                return
            future = next(queue)
            yield _records(future, running.pop(future))
    except KeyboardInterrupt:
        for future in running:
            if future.status == "finished":
                yield future.result()
        raise
    finally:
        client.cancel(list(running))


def _records(future, block: list) -> dict:
    from distributed import KilledWorker

    if future.status == "finished":
        return future.result()
    error = future.exception() if future.status == "error" else None
    if isinstance(error, KilledWorker):
        words = "the workers that computed this point were lost, one after the other"
        return failures(block, "KilledWorker", words, [])
    if isinstance(error, Unequal):
        raise RuntimeError(
            f"{error}; all need the same versions, else their results could differ"
        ) from error
    raise RuntimeError(
        f"the cluster could not compute a block: {future.status}, {error!r}; do its workers have "
        "the packages of this process, and can they import the function?"
    ) from error
