"""Names that come from outside: readable on a page, safe as a file name, sorted as people sort."""

import re
import unicodedata
from hashlib import sha256

#: Letters of some scripts are joined or kept apart by these; all else that is invisible is shown.
JOINERS = "\u200c\u200d"
#: File names that Windows keeps for itself.
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
#: The mark at the end of a file name that was changed.
MARKED = re.compile(r".*-[0-9a-f]{10}")


def clean(name: str) -> str:
    """``name`` in composed Unicode with its invisible and control characters written out.

    Examples
    --------
    >>> clean("two\\nlines")
    'two\\\\nlines'
    """
    return "".join(map(_visible, unicodedata.normalize("NFC", name)))


def natural(name: str) -> tuple:
    """A sorting key: case counts last, and ``attempt 10`` comes after ``attempt 2``."""
    parts = re.split(r"([0-9]+)", name.casefold())
    parts[1::2] = [int(digits) if len(digits) < 40 else 10**40 for digits in parts[1::2]]
    return parts, name


def safe_name(student: str) -> str:
    """A file name for ``student`` that no other student gets, on any file system.

    A plain name (lower-case letters, digits, ``.``, ``_``, ``-``) is kept. Any other keeps what
    is plain in it, and is told apart by a mark made from all of it.

    Examples
    --------
    >>> safe_name("ada.1815")
    'ada.1815'
    >>> safe_name("Ada Lovelace")
    'ada-lovelace-5d2bb2a14f'
    """
    plain = re.fullmatch(r"[a-z0-9_][a-z0-9._-]{0,59}", student) and not student.endswith(".")
    if plain and not RESERVED.fullmatch(student) and not MARKED.fullmatch(student):
        return student
    letters = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", letters)[:40].strip("-") or "student"
    mark = sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{words}-{mark}"


def _visible(character: str) -> str:
    if character.isprintable() or character in JOINERS:
        return character
    if unicodedata.category(character) == "Zs":
        return " "
    return ascii(character)[1:-1]
