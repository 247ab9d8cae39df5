"""What a notebook imports to look at things, without effect: nothing is drawn while grading.

Used by the worker only, beside which it lies in the sandbox.
"""

import sys
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType

import numpy as np

#: Packages whose every name is inert.
INERT = ("matplotlib", "mpl_toolkits", "otter", "IPython", "ipywidgets", "tqdm")


class Inert:
    """Answers to every name, call and index with something inert."""

    def __call__(self, *args, **kwargs):
        """Itself; as a decorator, the function that it was put on."""
        if len(args) == 1 and not kwargs and type(args[0]) is FunctionType:
            return args[0]
        return self

    def __getattr__(self, name: str):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return KNOWN.get(name, self)

    def __setattr__(self, name, value):
        """Nothing is kept."""

    def __getitem__(self, key):
        return self

    def __setitem__(self, key, value):
        """Nothing is kept."""

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0

    def __bool__(self):
        return True

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def __mro_entries__(self, bases):
        return ()

    def _same(self, *others):
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = (
        _same
    )
    __neg__ = __or__ = __and__ = __pow__ = _same


def _subplots(nrows=1, ncols=1, *args, squeeze=True, **kwargs):
    """A figure and its axes, in the shape that the real one has."""
    axes = np.empty((int(nrows), int(ncols)), dtype=object)
    axes.fill(THING)
    if squeeze:
        axes = axes.squeeze()
    return THING, (axes if axes.ndim else THING)


def _sketch(*args, **kwargs):
    return [THING]


class Passing(Inert):
    """A progress bar: goes through what it was given."""

    def __init__(self, iterable=(), *args, **kwargs):
        object.__setattr__(self, "iterable", iterable)

    def __iter__(self):
        return iter(self.iterable)

    def __len__(self):
        return len(self.iterable)


THING = Inert()
#: Names whose result is taken apart at once.
KNOWN = {
    "subplots": _subplots,
    "plot": _sketch,
    "hist": lambda *args, **kwargs: (THING, THING, THING),
    "get_xlim": lambda: (0.0, 1.0),
    "get_ylim": lambda: (0.0, 1.0),
    "tqdm": Passing,
    "trange": lambda *args, **kwargs: Passing(range(*args)),
}


class _InertModule(ModuleType):
    __path__ = ()

    def __getattr__(self, name: str):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return KNOWN.get(name, THING)


class _Finder:
    """Finds inert modules before any real one."""

    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self, is_package=True) if name.split(".")[0] in INERT else None

    def create_module(self, spec):
        return _InertModule(spec.name)

    def exec_module(self, module):
        """There is nothing to run."""


def install() -> dict:
    """Put the inert modules first; returns the names that a notebook has besides Python's own."""

    def leave(*args):
        raise SystemExit

    sys.meta_path.insert(0, _Finder())
    return {
        **dict.fromkeys(["display", "get_ipython", "help"], THING),
        **dict.fromkeys(["exit", "quit"], leave),
    }
