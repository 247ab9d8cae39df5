"""A result file that is open for one sweep: locked, checked, repaired, written as results come."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

from initlab.sweeping.grid import grid, spelled
from initlab.sweeping.journal import FORMAT, VERSION, StoreError, check_of, differences, line, parse

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

#: What must agree between a file and the sweep that goes on with it.
SAME = ("function", "arguments", "source_sha256", "seed", "together", "names")
#: Seconds between two calls of fsync, which guards against a failing system, not a killed process.
SYNC_EVERY = 1.0


class Memory:
    """Records kept nowhere but here: what a sweep without a file uses in place of a store."""

    def __init__(self, identity: Mapping):
        self.identity, self.records = dict(identity), {}

    def write(self, records: Mapping[str, dict]) -> None:
        """Keep records, by the keys of their points."""
        self.records.update(records)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Store(Memory):
    """A result file, open and locked until the ``with`` statement ends.

    ``identity`` becomes the header of a new file and is compared with the header of an old one;
    ``layout`` (axes, units, dims) is appended where it says more than the file did. Whatever is
    complete in the file is in ``records``; what is left of a line that was cut off is removed.

    Raises :class:`.StoreError` for a file that another process works on, that is no result file,
    that has a corrupt line or belongs to another sweep. Such a file is not changed.
    """

    def __init__(self, path: Path, identity: Mapping, layout: Mapping):
        super().__init__(identity)
        if identity["source_sha256"] is None:
            raise StoreError(
                f"{path}: the source of {identity['function']} cannot be found, so a file could "
                "not tell it from another function; define it in a module or in a notebook"
            )
        self.path, self._synced = path, time.monotonic()
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            self._lock()
            self._open(layout)
        except BaseException:
            os.close(self._descriptor)
            raise

    def write(self, records: Mapping[str, dict]) -> None:
        """Append finished points, by the keys of their points, and hand them to the system."""
        super().write(records)
        self._append("".join(line(record, self._check) for record in records.values()))
        if time.monotonic() - self._synced > SYNC_EVERY:
            os.fsync(self._descriptor)
            self._synced = time.monotonic()

    def require_versions(self, wanted: Mapping) -> None:
        """Refuse to add points by other packages than those that computed the rest."""
        differ = differences(self.identity["versions"], wanted, wanted)
        if differ:
            raise StoreError(
                f"{self.path}, line 1: the points so far are of other versions: {differ}. All "
                "points of a sweep need the same; use another file, or that environment"
            )

    def __exit__(self, *_):
        os.fsync(self._descriptor)
        os.close(self._descriptor)  # and with it goes the lock

    def _lock(self) -> None:
        if fcntl is None:
            raise StoreError(
                f"{self.path}: result files need the file locks of Linux or macOS; on Windows, "
                "work inside WSL"
            )
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(
                f"{self.path}: another sweep is writing to it; wait for it, or name another file"
            ) from error

    def _open(self, layout: Mapping) -> None:
        data = self.path.read_bytes()
        contents = parse(data, self.path)
        if contents is None:
            os.ftruncate(self._descriptor, 0)
            header = line({"format": FORMAT, "version": VERSION, **self.identity}, "")
            self._check = check_of(header)
            self._append(header + line({"grid": layout}, self._check))
            return
        differ = differences(contents.header, self.identity, SAME)
        if differ:
            raise StoreError(
                f"{self.path}, line 1: belongs to another sweep: {differ}. Nothing was changed; "
                "name another file"
            )
        grown = self._grown(contents.layout, layout)
        self.identity, self.records = contents.header, contents.records
        self._check = contents.check
        os.ftruncate(self._descriptor, contents.complete)
        if not data[: contents.complete].endswith(b"\n"):
            self._append("\n")  # a line that lacked nothing else
        if grown != contents.layout:
            self._append(line({"grid": grown}, self._check))

    def _append(self, text: str) -> None:
        left = text.encode()
        while left:
            left = left[os.write(self._descriptor, left) :]

    def _grown(self, old: Mapping, new: Mapping) -> dict:
        """The layout that holds both: axes in the order of the file, then what is new."""
        if not old:  # the process was killed before it wrote the grid
            return dict(new)
        axes = {
            name: list({str(spelled(one)): one for one in [*labels, *new["axes"][name]]}.values())
            for name, labels in old["axes"].items()
        }
        try:
            grid(axes)
        except ValueError as error:
            raise StoreError(f"{self.path}: with what it holds, {error}") from error
        return {
            "axes": axes,
            "units": {**old["units"], **new["units"]},
            "dims": {**old["dims"], **new["dims"]},
        }
