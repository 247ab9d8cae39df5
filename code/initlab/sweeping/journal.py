"""The result file: JSON Lines, written as results come, verified line by line.

Symbols
-------
header : the first line: ``"format": "initlab-sweep"``, ``"version"``, and which sweep it is:
    function, arguments, SHA-256 of the source, seed, names of the axes, versions.
grid : the second line, with axes, units and names of dimensions. When a later call asks for
    more, a line with the larger grid is appended; the last one counts.
record : any other line: a ``"point"`` with its labels, and its ``"result"`` or ``"failure"``.
check : the last member of every line. The first 16 hex digits of SHA-256 of the header's check
    (nothing for the header itself) followed by the line without this member. So a line that was
    altered does not pass, and neither does a line of another sweep.

Only a line that ends is a line. What is left of one when a process is killed is dropped.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from initlab.sweeping.grid import key

FORMAT, VERSION = "initlab-sweep", 1
START = f'{{"format":"{FORMAT}",'.encode()
_TAIL = ',"check":"'


class StoreError(ValueError):
    """A result file that cannot be used as asked: named, with the line and what is wrong."""


@dataclass
class Contents:
    """What a result file holds; ``records`` are by key, ``complete`` counts the verified bytes."""

    header: dict
    layout: dict
    records: dict[str, dict] = field(default_factory=dict)
    check: str = ""
    complete: int = 0


def line(record: Mapping, salt: str) -> str:
    """One record as a line of the file, its check last; ``salt`` is the header's check."""
    body = json.dumps(record, separators=(",", ":"), allow_nan=False)
    return f'{body[:-1]}{_TAIL}{_digest(body, salt)}"}}\n'


def check_of(written: str) -> str:
    """The check that a line carries."""
    return written.rstrip("\n")[-18:-2]


def parse(data: bytes, path: Path) -> Contents | None:
    """Read a file's bytes, ``None`` where not even the header is complete.

    Raises :class:`StoreError` for a foreign file and for a corrupt line.
    """
    *lines, rest = data.split(b"\n")
    contents, where = None, {}
    for number, raw in enumerate([*lines, rest], start=1):
        last = number > len(lines)
        salt = contents.check if contents else ""
        record = _verified(raw, salt)
        if record is None and last and _may_be_cut(raw, contents):
            break
        if contents is None:
            contents = _header(record, raw, path)
        elif record is None:
            raise StoreError(
                f"{path}, line {number}: corrupt, its check does not fit. Nothing was changed; "
                "without that line its point would be computed again"
            )
        elif "grid" in record:
            contents.layout = record["grid"]
        else:
            _take(record, contents, where, number, path)
        contents.complete += len(raw) + (not last)
    return contents


def read(path: Path) -> Contents:
    """Everything that is complete in a file, which is not changed."""
    contents = parse(path.read_bytes(), path)
    if contents is None or not contents.layout:
        raise StoreError(f"{path}: not even its grid is complete, so there is nothing to read")
    return contents


def differences(header: Mapping, wanted: Mapping, names: Iterable[str]) -> str:
    """Which of these entries differ between a file's header and the sweep that is asked for."""
    return "; ".join(
        f"{name} is {header.get(name)!r} there and {wanted.get(name)!r} here"
        for name in names
        if header.get(name) != wanted.get(name)
    )


def _digest(body: str, salt: str) -> str:
    return sha256((salt + body).encode()).hexdigest()[:16]


def _verified(raw: bytes, salt: str) -> dict | None:
    """The record of a line whose check fits."""
    try:
        body, tail, end = raw.decode().rpartition(_TAIL)
        if not tail or end != f'{_digest(body + "}", salt)}"}}':
            return None
        return json.loads(body + "}")
    except ValueError:  # also what is no UTF-8
        return None


def _may_be_cut(raw: bytes, contents: Contents | None) -> bool:
    """Whether the rest of a file, after its last end of line, may be a line that was cut off."""
    return contents is not None or raw.startswith(START) or START.startswith(raw)


def _header(record: dict | None, raw: bytes, path: Path) -> Contents:
    if not raw.startswith(START):
        raise StoreError(
            f"{path}, line 1: not a result file of a sweep: it should begin with "
            f"{START.decode()!r}, got {raw[:40].decode(errors='replace')!r}. Nothing was changed"
        )
    if record is None:
        raise StoreError(f"{path}, line 1: corrupt, its check does not fit. Nothing was changed")
    if record["version"] != VERSION:
        raise StoreError(
            f"{path}, line 1: version {record['version']} of the format; this initlab reads "
            f"version {VERSION}"
        )
    return Contents(record, {}, check=check_of(raw.decode()))


def _take(record: dict, contents: Contents, where: dict, number: int, path: Path) -> None:
    """Keep a record; a point that failed may come again, one with a result may not."""
    name = key(record["point"])
    if "result" in contents.records.get(name, ()):
        raise StoreError(
            f"{path}, line {number}: repeats the point {record['point']} of line {where[name]}. "
            "Nothing was changed"
        )
    contents.records[name], where[name] = record, number
