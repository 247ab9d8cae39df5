"""Whether a built assignment is still that of its master, so that nothing is built twice.

Beside ``student`` and ``key`` lies a stamp: one digest of all that decides about the two. It is the
last thing that is written, so that a build that was interrupted has none.
"""

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from initlab.grading.results import digest, grader_version

STAMP = "built.txt"
#: The packages that turn a master into notebooks and tests.
MAKERS = ("jupytext", "nbformat", "otter-grader")


def fingerprint(master: Path) -> str:
    """A digest of the master, the files beside it, the requirements, and what builds them."""
    folder = master.parent
    beside = [path for path in sorted(folder.parent.iterdir()) if path.is_file()]
    inside = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    parts = [grader_version(), *map(version, MAKERS)]
    for path in beside + inside:
        if path.name != "bank.toml" and "__pycache__" not in path.parts:
            parts += [path.relative_to(folder.parent).as_posix(), path.read_bytes()]
    return digest(*parts)


def is_current(master: Path, built: Path) -> bool:
    """Whether the assignment in the folder ``built`` was made from this master as it is now."""
    try:
        return (built / STAMP).read_text(encoding="utf-8") == fingerprint(master)
    except OSError:
        return False


def build_anew(master: Path, out: Path) -> Path:
    """Build an assignment into its folder in ``out``, which is returned, and stamp it.

    Raises what :func:`initlab.grading.build.build` raises.
    """
    from initlab.grading.build import build  # slow to import, and seldom needed

    before = fingerprint(master)  # what is changed meanwhile is built at the next call
    built = build(master, out)
    (built / STAMP).write_text(before, encoding="utf-8")
    return built


def bring_up_to_date(
    masters: Path, out: Path, say: Callable[[str, bool], None] = lambda slug, anew: None
) -> list[str]:
    """Build every assignment below the folder ``masters`` that is missing in ``out``, or old.

    Returns the names of all. ``say(slug, anew)`` is called for each, before it is built.
    """
    slugs = []
    for master in sorted(masters.glob("*/master.py")):
        slug = master.parent.name
        current = is_current(master, out / slug)
        say(slug, not current)
        if not current:
            build_anew(master, out)
        slugs.append(slug)
    return slugs
