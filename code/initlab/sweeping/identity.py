"""Which sweep this is: the function, its source, the seed, and what computed it."""

import functools
import inspect
import platform
from collections.abc import Callable
from hashlib import sha256
from importlib import metadata

from initlab.sweeping.grid import Grid, label

#: Packages whose version must be the same for all points of a sweep.
PACKAGES = ("initlab", "numpy")


@functools.cache
def _versions() -> tuple[tuple[str, str], ...]:
    return tuple((name, metadata.version(name)) for name in PACKAGES)


def versions() -> dict[str, str]:
    """The versions of the packages that decide a result, in this process."""
    return dict(_versions())


def source_digest(function: Callable) -> str | None:
    """SHA-256 of the function's source text, ``None`` where there is no source."""
    try:
        return sha256(inspect.getsource(function).encode()).hexdigest()
    except (OSError, TypeError):
        return None


def identity(function: Callable, grid: Grid, seed: int, together: str | None) -> dict:
    """What a result file says of the sweep it belongs to, in plain values.

    A ``functools.partial`` is its function with fixed ``arguments``, each of them labeled like
    the values of an axis. Raises ``TypeError`` for what cannot be called, or for a partial with
    positional arguments.
    """
    arguments = {}
    while isinstance(function, functools.partial):
        if function.args:
            raise TypeError(f"a partial must fix its arguments by name, got {function!r}")
        arguments = {**function.keywords, **arguments}
        function = function.func
    if not callable(function):
        raise TypeError(f"function must be a function of one point, got {function!r}")
    name = getattr(function, "__qualname__", type(function).__qualname__)
    return {
        "function": f"{getattr(function, '__module__', None)}.{name}",
        "arguments": {name: label(value, name) for name, value in sorted(arguments.items())},
        "source_sha256": source_digest(function),
        "seed": seed,
        "together": together,
        "names": sorted(grid.labels),
        "versions": versions(),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
    }
