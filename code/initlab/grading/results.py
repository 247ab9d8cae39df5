"""The marks of every student, each in a file of its own that is whole or not there at all.

A run that is killed at any moment leaves every finished result behind, and the next run begins
where it ended. Each result carries a fingerprint of all that it depends on, so that only what has
changed is graded again.
"""

import fcntl
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import numpy as np

from initlab.grading.marks import OUTCOMES, CaseResult, Marks
from initlab.grading.names import safe_name
from initlab.grading.usage import UsageError

LOCK = ".lock"


def write_atomically(path: Path, content: str | bytes) -> None:
    """Replace ``path`` by ``content`` in one step; whoever reads sees the old or the new, whole."""
    if isinstance(content, str):
        content = content.encode("utf-8")
    scratch = path.with_name(f".{path.name}.tmp")  # one name: the folder is locked
    try:
        with open(scratch, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(scratch, path)
    except BaseException:
        with suppress(OSError):
            scratch.unlink()
        raise
    with suppress(OSError):  # some file systems cannot make a folder's entries certain
        _sync_folder(path.parent)


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Keep every other run away from ``out``; the lock of a process that died holds nobody.

    Raises :class:`UsageError` if another run is at work there or nothing can be written there.
    """
    try:
        descriptor = os.open(out / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise UsageError(f"nothing can be written in {out}: {error.strerror}") from error
    with open(descriptor, "r+", encoding="ascii", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = file.read(32).strip() or "unknown"
            raise UsageError(
                f"another initlab-grade (process {holder}) works in {out}; wait for it, "
                "or name another folder"
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def digest(*parts: bytes | str) -> str:
    """One number, in letters, for all the parts: it changes when any of them does."""
    whole = sha256()
    for part in parts:
        whole.update(sha256(part.encode() if isinstance(part, str) else part).digest())
    return whole.hexdigest()


def digest_of_folder(folder: Path) -> str:
    """A :func:`digest` of all files in a folder, with their names."""
    parts = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if "__pycache__" not in path.parts:
            parts += [path.relative_to(folder).as_posix(), path.read_bytes()]
    return digest(*parts)


def grader_version() -> str:
    """A :func:`digest` of all that can change a mark besides key and notebook: the package's own
    source, Python and numpy."""
    package = files("initlab")
    sources = sorted(path for path in package.rglob("*") if path.suffix in (".py", ".toml"))
    parts = [part for path in sources for part in (path.name, path.read_bytes())]
    return digest(platform.python_version(), np.__version__, *parts)


class Results:
    """The folder of results, one JSON file for each student."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(".*.tmp"):  # of a run that was killed while it wrote
            left.unlink()

    def path(self, student: str) -> Path:
        """Where the marks of ``student`` are."""
        return self.folder / f"{safe_name(student)}.json"

    def save(self, marks: Marks, fingerprint: str) -> None:
        """Store the marks, whole or not at all."""
        data = {"fingerprint": fingerprint, "marks": marks.to_json()}
        write_atomically(self.path(marks.student), json.dumps(data, indent=1) + "\n")

    def load(self, student: str, fingerprint: str = "") -> Marks | None:
        """The stored marks, or None if there are none with this fingerprint.

        Raises ``ValueError`` for a file that this class did not write.
        """
        try:
            text = self.path(student).read_bytes()
        except FileNotFoundError:
            return None
        try:
            data = json.loads(text)
            marks, stored = Marks.from_json(data["marks"]), data["fingerprint"]
            sound = _sound(marks) and marks.student == student and isinstance(stored, str)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            sound = False
        if not sound:
            raise ValueError(f"{self.path(student).name} holds no marks of {student}")
        return marks if fingerprint in ("", stored) else None

    def discard(self, student: str) -> None:
        """Remove the marks of ``student``, if there are any."""
        self.path(student).unlink(missing_ok=True)

    def set_aside(self, student: str) -> str:
        """Move a file that is no result out of the way; return its new name."""
        path = self.path(student)
        number = 1
        while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
            number += 1
        os.replace(path, aside)
        return aside.name


def _sound(marks: Marks) -> bool:
    """Whether everything in marks that were read from a file is of the kind it must be."""
    texts = [marks.student, marks.status, *marks.notes]
    for case in marks.cases:
        texts += [case.question, case.name, case.message, case.misconception]
    return all(isinstance(text, str) for text in texts) and all(map(_sound_case, marks.cases))


def _sound_case(case: CaseResult) -> bool:
    numbers = isinstance(case.points, int | float) and not isinstance(case.points, bool)
    return numbers and isinstance(case.hidden, bool) and case.outcome in OUTCOMES


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
