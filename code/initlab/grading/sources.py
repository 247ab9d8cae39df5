"""What was handed in, as a folder or a zip: every file in it, none of it trusted.

Nothing is unpacked and no link is followed. A file is read when its turn comes, and only if it is
small enough.
"""

import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from initlab.grading.names import clean
from initlab.grading.usage import UsageError

MEGABYTE = 2**20
#: The largest notebook that is read, and the most that one zip may unpack to.
LARGEST_NOTEBOOK = 256 * MEGABYTE
LARGEST_ZIP = 20_000 * MEGABYTE
MOST_FILES = 50_000
EMPTY = "an empty folder: nothing was handed in"


class Unreadable(Exception):
    """A file that cannot be graded; the message says why."""


@dataclass(frozen=True)
class Found:
    """A file by its path inside the folder or zip; ``problem`` says why it cannot be read."""

    path: str
    problem: str = ""
    fetch: Callable[[], bytes] | None = None
    size: int = 0

    @property
    def is_notebook(self) -> bool:
        """Whether it is one by its name."""
        return self.path.casefold().endswith(".ipynb")

    def read(self) -> bytes:
        """Its content. Raises :class:`Unreadable` that says what is wrong with it."""
        if self.problem:
            raise Unreadable(self.problem)
        return self.fetch()


@contextmanager
def files_in(submissions: Path, skip: Path) -> Iterator[list[Found]]:
    """All files in a folder or zip, but for what lies in the folder ``skip``.

    Raises :class:`UsageError` for anything that is neither.
    """
    try:
        archive = None if submissions.is_dir() else zipfile.ZipFile(submissions)
        files = _in_zip(archive) if archive else _in_folder(submissions, skip)
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        reason = _why(error) if isinstance(error, OSError) else "it is no zip"
        raise UsageError(
            f"{submissions} cannot be read ({reason}); it must be a folder of notebooks or a zip "
            "of them"
        ) from error
    with archive or nullcontext():
        yield files


def _in_folder(top: Path, skip: Path) -> list[Found]:
    found, folders = [], [top]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            if folder == top:
                raise
            found.append(Found(_path(folder, top), f"a folder that cannot be read: {_why(error)}"))
            continue
        if not entries:
            found.append(Found(_path(folder, top) + "/", EMPTY))
        for entry in entries:
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False) and _enter(entry.name):
                if not (skip.exists() and os.path.samefile(path, skip)):
                    folders.append(path)
            else:
                status = entry.stat(follow_symlinks=False)
                problem = _kind(status.st_mode) or _hidden(entry.name) or _too_large(status.st_size)
                read = partial(_read_file, path)
                found.append(Found(_path(path, top), problem, read, status.st_size))
        if len(found) > MOST_FILES:
            raise UsageError(f"{top} has too many files; allowed are {MOST_FILES}")
    return found


def _in_zip(archive: zipfile.ZipFile) -> list[Found]:
    infos = archive.infolist()
    if len(infos) > MOST_FILES:
        raise UsageError(f"the zip has too many files; allowed are {MOST_FILES}")
    filled = {str(parent) for info in infos for parent in PurePosixPath(info.filename).parents}
    found, total = [], 0
    for info in infos:
        if info.is_dir():
            if info.filename.rstrip("/") not in filled:
                found.append(Found(clean(info.filename), EMPTY))
            continue
        total += info.file_size
        problem = _entry_problem(info)
        if total > LARGEST_ZIP:
            problem = f"the zip unpacks to more than {_size(LARGEST_ZIP)}: not read"
        read = partial(_read_entry, archive, info)
        found.append(Found(clean(info.filename), problem, read, info.file_size))
    return found


def _entry_problem(info: zipfile.ZipInfo) -> str:
    """Why an entry of a zip is not read; empty if it may be."""
    parts = PurePosixPath(info.filename.replace("\\", "/")).parts
    if ".." in parts or parts[:1] == ("/",) or (parts and ":" in parts[0]):
        return "its name in the zip points outside of it: not read"
    if info.flag_bits & 0x1:
        return "encrypted: not read"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # The others unpack without a limit on memory.
        return "compressed by a method other than deflate: not read"
    kind = _kind(info.external_attr >> 16) if info.external_attr >> 16 else ""
    hidden = next(filter(None, map(_hidden, parts)), "")
    return kind or hidden or _too_large(info.file_size)


def _read_file(path: Path) -> bytes:
    try:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with open(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            if problem := _kind(status.st_mode) or _too_large(status.st_size):
                raise Unreadable(problem)
            return file.read(LARGEST_NOTEBOOK)
    except OSError as error:
        raise Unreadable(f"cannot be read: {_why(error)}") from error


def _read_entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(info) as file:  # never gives more than the size that was checked
            return file.read()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError,
            RuntimeError, NotImplementedError) as error:  # fmt: skip
        raise Unreadable("damaged in the zip: cannot be read") from error


def _enter(folder: str) -> bool:
    return not folder.casefold().endswith(".ipynb") and not _hidden(folder)


def _hidden(name: str) -> str:
    if name == "__MACOSX" or (name.startswith(".") and name not in (".", "..")):
        return "hidden (a copy or a note that a program made): not read"
    return ""


def _kind(mode: int) -> str:
    """What is wrong with a file of this kind; empty for a regular one."""
    kinds = {
        stat.S_IFREG: "",
        0: "",  # a zip made on Windows does not say
        stat.S_IFLNK: "a symbolic link: never followed",
        stat.S_IFDIR: "a folder, not a notebook",
    }
    return kinds.get(stat.S_IFMT(mode), "not a regular file")


def _too_large(size: int) -> str:
    if size <= LARGEST_NOTEBOOK:
        return ""
    return (
        f"too large: {_size(size)}, allowed are {_size(LARGEST_NOTEBOOK)}. "
        "Clear its outputs and grade it again"
    )


def _size(count: int) -> str:
    return f"{count / MEGABYTE:.0f} MB"


def _path(path: Path, top: Path) -> str:
    return "/".join(clean(part) for part in path.relative_to(top).parts)


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
