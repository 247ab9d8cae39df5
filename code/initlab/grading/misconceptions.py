"""Wrong ideas with a name, so that feedback can say what an answer would be right for."""

import tomllib
from functools import cache
from importlib.resources import files

import numpy as np


class Misconceived(AssertionError):
    """An answer that is exactly what a known wrong idea gives; ``name`` is that idea's."""

    def __init__(self, name: str):
        if name not in register():
            raise ValueError(
                f"{name!r} is not in misconceptions.toml; there are {list(register())}"
            )
        super().__init__(register()[name]["feedback"])
        self.name = name


@cache
def register() -> dict[str, dict]:
    """Every misconception by name: ``title``, ``feedback`` to the student, ``claims`` behind it."""
    text = (files("initlab.grading") / "misconceptions.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def expect(answer, right, message: str, rtol: float = 1e-6, atol: float = 1e-9, **wrong) -> None:
    """Accept ``answer`` if it is close to ``right``, else say which wrong idea it is, if one.

    ``wrong`` maps names of misconceptions (with ``_`` for ``-``) to what each of them would answer.
    Raises :class:`Misconceived` for one of those, ``AssertionError(message)`` for anything else.
    """
    if _close(answer, right, rtol, atol):
        return
    for name, value in wrong.items():
        if _close(answer, value, rtol, atol) and not _close(value, right, rtol, atol):
            raise Misconceived(name.replace("_", "-"))
    raise AssertionError(message)


def _close(answer, value, rtol: float, atol: float) -> bool:
    """Equal shapes and close numbers; False for whatever is no array of numbers."""
    try:
        answer, value = np.asarray(answer, dtype=float), np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return False
    return answer.shape == value.shape and bool(np.allclose(answer, value, rtol=rtol, atol=atol))
