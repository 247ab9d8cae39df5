"""Which assignments there are, and which of them a pile of notebooks answers."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from initlab.grading.sources import Found, Unreadable
from initlab.grading.usage import UsageError

KEY = "key"
#: Larger notebooks are not asked which assignment they are.
LARGEST = 8 * 2**20


def slugs(assignments: Path) -> list[str]:
    """The assignments that were built into a folder."""
    return sorted(path.parent.name for path in assignments.glob(f"*/{KEY}") if path.is_dir())


def key_of(slug: str, assignments: Path) -> Path:
    """The folder of the key. Raises :class:`UsageError` for an assignment that is not there."""
    known = slugs(assignments)
    if slug not in known:
        raise UsageError(f"there is no assignment {slug!r} in {assignments}. {_there_are(known)}")
    return assignments / slug / KEY


def assignment_of(files: Iterable[Found], assignments: Path) -> str:
    """The assignment that most notebooks say they are; if none says so, the only one there is.

    Raises :class:`UsageError` where that leaves none, or more than one.
    """
    known = slugs(assignments)
    named = Counter(said for found in files if (said := _said(found, known)))
    best = [slug for slug, count in named.most_common() if count == max(named.values())]
    best = best or (known if len(known) == 1 else [])
    if len(best) == 1:
        return best[0]
    why = f"as many notebooks are of {' as of '.join(sorted(best))}" if best else (
        "no notebook names one that was built")  # fmt: skip
    raise UsageError(f"which assignment is it? {why}; say it with -a. {_there_are(known)}")


def _said(found: Found, known: list[str]) -> str:
    if not found.is_notebook or found.size > LARGEST:
        return ""
    try:
        said = json.loads(found.read())["metadata"]["initlab"]["assignment"]
    except (Unreadable, ValueError, TypeError, KeyError, RecursionError):
        return ""
    return said if isinstance(said, str) and said in known else ""


def _there_are(known: list[str]) -> str:
    if known:
        return f"There are: {', '.join(known)}"
    return "None was built there: run initlab-grade build, or name a folder with --assignments"
