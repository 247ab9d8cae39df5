"""Whose file is whose: the names that learning platforms give to files, and a list of the class."""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from initlab.grading.names import clean
from initlab.grading.usage import UsageError

#: How exports name their files. A number is part of the student's name where names may repeat.
FORMS = {
    "Moodle": r"(?:^|/)(?P<student>[^/]+)_(?P<number>\d+)_assignsubmission_file[_/]",
    "Blackboard": r"(?:^|/)[^/]*_(?P<student>[^/_]+)_attempt_\d{4}-[\d-]+_[^/]*$",
    "Canvas": r"(?:^|/)(?P<student>[^/_]+)_(?:LATE_)?(?P<number>\d+)_\d+_[^/]+$",
    "Gradescope": r"(?:^|/)(?P<student>submission_\d+)/",
}


def compiled(pattern: str) -> re.Pattern:
    """The instructor's own pattern. Raises :class:`UsageError` for one that cannot be used."""
    try:
        found = re.compile(pattern)
    except re.error as error:
        raise UsageError(f"--pattern {pattern!r} is no regular expression: {error}") from error
    if "student" not in found.groupindex:
        example = "'(?P<student>[^/]+)/[^/]+$'"
        raise UsageError(f"--pattern must have a group named student, such as {example}, "
                         f"got {pattern!r}")  # fmt: skip
    return found


class Naming:
    """Tells whose file a path is, by a pattern or else by the forms of common exports.

    A path that has none of them is plain. ``id.ipynb`` is the work of ``id``; but where notebooks
    of one name lie in several folders, or bear the name of an assignment, the folder names the
    student: ``id/break-the-symmetry.ipynb``.
    """

    def __init__(self, pattern: str | None, paths: Iterable[str], titles: Iterable[str] = ()):
        forms = [compiled(pattern)] if pattern else map(re.compile, FORMS.values())
        self._forms = list(forms)
        self._titles = set(titles)
        self._folders = defaultdict(set)
        for path in map(PurePosixPath, paths):
            self._folders[_stem(path)].add(path.parent)

    def by_form(self, path: str) -> str:
        """The student that the pattern or an export's form names; empty for a plain path."""
        for form in self._forms:
            if (match := form.search(path)) and match["student"]:
                number = match.groupdict().get("number")
                return f"{match['student']}_{number}" if number else match["student"]
        return ""

    def plain(self, path: str) -> str:
        """The student that a plain path names."""
        path = PurePosixPath(path)
        stem = _stem(path)
        shared = len(self._folders[stem]) > 1 or stem in self._titles
        return path.parent.name if shared and path.parent.name else stem


@dataclass(frozen=True)
class Roster:
    """The students of a class, and for each the words that name the student in file names."""

    keys: dict[str, tuple[str, ...]]

    @classmethod
    def read(cls, path: Path) -> "Roster":
        """Read a CSV with a column ``student`` and, if file names say something else, ``file``.

        Raises :class:`UsageError` for a list that cannot be read or names a student twice.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise UsageError(f"the roster {path} cannot be read: {reason}") from error
        head = text.partition("\n")[0]
        delimiter = max(",;\t", key=head.count)
        reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True)
        columns = reader.fieldnames or []
        if "student" not in columns:
            raise UsageError(
                f"the roster {path} must have a column named student (and may have one named "
                f"file), got the columns {columns}"
            )
        keys = {}
        for row in reader:
            student = clean((row["student"] or "").strip())
            if student in keys:
                raise UsageError(f"the roster {path} names the student {student!r} twice")
            if student:
                other = clean((row.get("file") or "").strip())
                keys[student] = (student, other) if other else (student,)
        return cls(keys)

    def find(self, text: str) -> list[str]:
        """The students whose id or file name stands in ``text`` as words of its own."""
        text = text.casefold()
        exact = [
            student
            for student, keys in self.keys.items()
            if text in [key.casefold() for key in keys]
        ]
        return exact or [
            student
            for student, keys in self.keys.items()
            if any(re.search(rf"(?<![^\W_]){re.escape(key.casefold())}(?![^\W_])", text)
                   for key in keys)
        ]  # fmt: skip


def _stem(path: PurePosixPath) -> str:
    """The name of a file without its ending, and without the ``(1)`` of a second download."""
    return re.sub(r" ?\(\d+\)$", "", path.stem) or path.stem
