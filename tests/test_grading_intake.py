"""From a folder or a zip to one submission for each student, whatever lies in it."""

import io
import os
import stat
import struct
import unicodedata
import zipfile
from pathlib import Path

import pytest

from initlab.grading import sources
from initlab.grading.intake import NOT_A_NOTEBOOK, collect
from initlab.grading.names import clean, natural, safe_name
from initlab.grading.roster import Naming, Roster, compiled
from initlab.grading.sources import Found, Unreadable, files_in
from initlab.grading.usage import UsageError


def place(folder, *names, content=b"{}"):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def found_in(place, skip=Path("nowhere")):
    with files_in(place, skip) as files:
        return {found.path: found for found in files}


def students(*paths, pattern=None, roster=None, titles=("small-steps",)):
    files = [Found(path) for path in paths]
    naming = Naming(pattern, paths, titles)
    taken = collect(files, naming, roster)
    return {s.student: s.found.path for s in taken.submissions}


def problem(found):
    with pytest.raises(Unreadable) as error:
        found.read()
    return str(error.value)


# ------------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("two\nlines\t", "two\\nlines\\t"),
        ("cafe\u0301", "caf\u00e9"),
        ("\u202eevil", "\\u202eevil"),  # turns the reading direction
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),  # a joiner that Persian needs
        ("no\u00a0break", "no break"),
        ("bytes\udcff", "bytes\\udcff"),
    ],
)
def test_names_are_readable(name, shown):
    assert clean(name) == shown
    shown.encode()


def test_numbers_in_names_sort_by_value():
    names = ["hw-10", "hw-2", "Hw-3", "hw", "hw-002"]
    assert sorted(names, key=natural) == ["hw", "hw-002", "hw-2", "Hw-3", "hw-10"]
    natural("9" * 5000)


def test_file_names_are_safe_and_never_shared():
    names = [
        *["ada", "Ada", "ADA", "ada.", "con", "NUL.txt", "..", ".", "", "-", "a/b", "a\\b", "a:b"],
        *["\u674e", "\u5f20", "caf\u00e9", "cafe\u0301", "a" * 300, "a" * 301, "x\ny", "\udcff"],
        safe_name("Ada"),  # a student who chose the file name of another
    ]
    safe = [safe_name(name) for name in names]
    assert safe[0] == "ada"
    assert len({name.casefold() for name in safe}) == len(names)
    for name in safe:
        assert name.isascii() and len(name) <= 60
        assert not set(name) - set("abcdefghijklmnopqrstuvwxyz0123456789._-")
        assert name[0] not in ".-" and name[-1] != "."


# ------------------------------------------------------------------ whose file


@pytest.mark.parametrize(
    ("path", "student"),
    [
        ("Ada Lovelace_12345_assignsubmission_file_/hw.ipynb", "Ada Lovelace_12345"),
        ("Ada Lovelace_12345_assignsubmission_file/hw.ipynb", "Ada Lovelace_12345"),
        ("export/Ada Lovelace_12345_assignsubmission_file_hw.ipynb", "Ada Lovelace_12345"),
        ("lovelaceada_12345_6789_hw_final.ipynb", "lovelaceada_12345"),
        ("lovelaceada_LATE_12345_6789_hw.ipynb", "lovelaceada_12345"),
        ("HW 1_al1815_attempt_2026-03-01-23-59-59_hw.ipynb", "al1815"),
        ("submission_4711/hw.ipynb", "submission_4711"),
        ("al1815.ipynb", "al1815"),
        ("group a/al1815.ipynb", "al1815"),
        ("al1815/small-steps.ipynb", "al1815"),
        ("al1815/small-steps (1).ipynb", "al1815"),
        ("al1815 (2).ipynb", "al1815"),
        ("(1).ipynb", "(1)"),
        ("\u0639\u0644\u06cc.IPYNB", "\u0639\u0644\u06cc"),
    ],
)
def test_the_student_of_a_path(path, student):
    assert students(path) == {student: path}


def test_files_of_one_name_are_named_by_their_folders():
    assert students("ada/hw.ipynb", "ben/hw.ipynb", "carl.ipynb") == {
        "ada": "ada/hw.ipynb", "ben": "ben/hw.ipynb", "carl": "carl.ipynb",
    }  # fmt: skip


def test_a_pattern_decides_before_the_forms():
    assert students("x_1/a_2.ipynb", pattern=r"(?P<student>[^/]+)/") == {"x_1": "x_1/a_2.ipynb"}
    assert students("a.ipynb", pattern=r"(?P<student>\d+)") == {"a": "a.ipynb"}  # fits nobody


@pytest.mark.parametrize(("pattern", "complaint"), [("(", "no regular"), ("x", "named student")])
def test_a_pattern_that_cannot_be_used(pattern, complaint):
    with pytest.raises(UsageError, match=complaint):
        compiled(pattern)


def test_the_last_of_several_notebooks_is_graded():
    files = [Found(f"anna_12_34_hw{n}.ipynb") for n in ("", "-1", "-10", "-9")]
    files += [Found("anna_12_34_hw-99.ipynb", "encrypted"), Found("anna_12_34_zz.pdf")]
    taken = collect(files, Naming(None, [f.path for f in files]))
    (submission,) = taken.submissions
    assert submission.found.path == "anna_12_34_hw-10.ipynb"
    left = {line.file: line.what for line in taken.log}
    assert left["anna_12_34_hw-99.ipynb"] == "encrypted"
    assert left["anna_12_34_zz.pdf"] == NOT_A_NOTEBOOK
    assert left["anna_12_34_hw-9.ipynb"].startswith("not graded: anna_12_34_hw-10.ipynb")
    assert len(left) == 5


def test_other_files_count_only_for_those_who_have_nothing_else():
    files = [Found("ada_1_2_hw.docx"), Found("readme.txt"), Found("ben_1_2_hw.ipynb"),
             Found("carl_7_assignsubmission_file_/", sources.EMPTY)]  # fmt: skip
    taken = collect(files, Naming(None, []))
    assert {s.student: s.found.problem for s in taken.submissions} == {
        "ada_1": NOT_A_NOTEBOOK, "ben_1": "",
    }  # fmt: skip
    assert taken.missing == ("carl_7",)
    assert [(line.file, line.what) for line in taken.log] == [
        ("carl_7_assignsubmission_file_/", sources.EMPTY), ("readme.txt", NOT_A_NOTEBOOK),
    ]  # fmt: skip


def test_composed_and_decomposed_names_are_one_student(tmp_path):
    for form in ("NFC", "NFD"):
        place(tmp_path, f"{form}/{unicodedata.normalize(form, 'café')}_1_2_x.ipynb")
    assert list(students(*found_in(tmp_path))) == ["café_1"]


# ------------------------------------------------------------------ the roster


def roster_of(tmp_path, text, encoding="utf-8"):
    (tmp_path / "roster.csv").write_bytes(text.encode(encoding))
    return Roster.read(tmp_path / "roster.csv")


def test_a_roster_names_the_students(tmp_path):
    text = "\ufeffname,student,file\r\nA,ada,12345\r\nB,ben,\r\n,,\r\nC,Çelik,\r\nD,dora,x\r\n"
    roster = roster_of(tmp_path, text)
    paths = ["lovelaceada_12345_6_hw.ipynb", "final-ben.ipynb", "çelik/work.ipynb", "bennet.ipynb",
             "ben-ada.ipynb", "y/z.pdf"]  # fmt: skip
    files = [Found(path) for path in paths]
    taken = collect(files, Naming(None, paths), roster)
    assert {s.student: s.found.path for s in taken.submissions} == {
        "ada": "lovelaceada_12345_6_hw.ipynb",
        "ben": "final-ben.ipynb",
        "ben-ada": "ben-ada.ipynb",
        "bennet": "bennet.ipynb",
        "Çelik": "çelik/work.ipynb",
    }
    assert taken.missing == ("dora",)
    log = {line.file: line.what for line in taken.log}
    assert log["bennet.ipynb"] == "fits nobody on the roster: graded as bennet"
    assert log["ben-ada.ipynb"].startswith("fits several on the roster (ada, ben)") or log[
        "ben-ada.ipynb"
    ].startswith("fits nobody")


@pytest.mark.parametrize("delimiter", ",;\t")
def test_a_roster_may_use_other_delimiters(tmp_path, delimiter):
    text = f'student{delimiter}file\n"x{delimiter}y"{delimiter}12\n'
    assert roster_of(tmp_path, text).keys == {
        clean(f"x{delimiter}y"): (clean(f"x{delimiter}y"), "12")
    }


@pytest.mark.parametrize(
    ("text", "encoding", "complaint"),
    [
        ("name\nada\n", "utf-8", r"column named student .* got the columns \['name'\]"),
        ("", "utf-8", r"got the columns \[\]"),
        ("student\nada\nada\n", "utf-8", "names the student 'ada' twice"),
        ("student\nJos\u00e9\n", "latin-1", "not UTF-8"),
    ],
)
def test_a_roster_that_cannot_be_read(tmp_path, text, encoding, complaint):
    with pytest.raises(UsageError, match=complaint):
        roster_of(tmp_path, text, encoding)


# ------------------------------------------------------------------ a folder


def test_a_folder_is_read_to_its_depths(tmp_path):
    place(tmp_path, "a.ipynb", "deep/er/b.ipynb", "out/c.ipynb", content=b"content")
    found = found_in(tmp_path, tmp_path / "out")
    assert sorted(found) == ["a.ipynb", "deep/er/b.ipynb"]
    assert {f.read() for f in found.values()} == {b"content"}


def test_nothing_in_a_folder_leads_out_of_it(tmp_path):
    place(tmp_path, "secret/key.ipynb")
    folder = place(tmp_path / "in", "a.ipynb")
    (folder / "link.ipynb").symlink_to(tmp_path / "secret" / "key.ipynb")
    (folder / "dangling.ipynb").symlink_to("nowhere")
    (folder / "sub").symlink_to(tmp_path / "secret")
    (folder / "dir.ipynb").mkdir()
    os.mkfifo(folder / "pipe.ipynb")
    found = found_in(folder)
    assert sorted(found) == ["a.ipynb", "dangling.ipynb", "dir.ipynb", "link.ipynb", "pipe.ipynb",
                             "sub"]  # fmt: skip
    for name in ("link.ipynb", "dangling.ipynb", "sub"):
        assert problem(found[name]) == "a symbolic link: never followed"
    assert problem(found["dir.ipynb"]) == "a folder, not a notebook"
    assert problem(found["pipe.ipynb"]) == "not a regular file"


@pytest.mark.parametrize("change", ["link", "fifo", "gone"])
def test_a_file_that_changes_before_its_turn(tmp_path, change):
    folder = place(tmp_path / "in", "a.ipynb")
    found = found_in(folder)["a.ipynb"]
    (folder / "a.ipynb").unlink()
    if change == "link":
        (folder / "a.ipynb").symlink_to(place(tmp_path, "key.ipynb") / "key.ipynb")
    if change == "fifo":
        os.mkfifo(folder / "a.ipynb")
    assert problem(found)


def test_an_unreadable_file(tmp_path, monkeypatch):
    found = found_in(place(tmp_path, "a.ipynb"))["a.ipynb"]

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(sources.os, "open", refuse)
    assert problem(found) == "cannot be read: Permission denied"


def test_a_file_that_is_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "LARGEST_NOTEBOOK", 10)
    found = found_in(place(tmp_path, "a.ipynb", content=b"x" * 11))["a.ipynb"]
    assert problem(found).startswith("too large")
    small = found_in(place(tmp_path, "a.ipynb", content=b"x" * 10))["a.ipynb"]
    assert small.read() == b"x" * 10
    place(tmp_path, "a.ipynb", content=b"x" * 11)
    assert problem(small).startswith("too large")


def test_hidden_and_empty_things_are_named(tmp_path):
    place(tmp_path, ".ipynb_checkpoints/a.ipynb", "__MACOSX/._a.ipynb", ".DS_Store")
    (tmp_path / "empty" / "inner").mkdir(parents=True)
    found = found_in(tmp_path)
    hidden = {
        name for name, f in found.items() if f.problem.startswith("hidden") or "folder" in f.problem
    }
    assert hidden == set(found) == {".ipynb_checkpoints", "__MACOSX", ".DS_Store", "empty/inner/"}
    assert found["empty/inner/"].problem == sources.EMPTY


def test_names_of_every_kind(tmp_path):
    names = [
        "new\nline.ipynb",
        "=cmd().ipynb",
        "\u202egpj.ipynb",
        "n" * 240 + ".ipynb",
        "-rf.ipynb",
    ]
    place(tmp_path, *names)
    with open(os.fsencode(tmp_path) + b"/\xff\xfe.ipynb", "wb") as file:
        file.write(b"{}")
    found = found_in(tmp_path)
    assert len(found) == 6
    assert all(f.read() == b"{}" for f in found.values())
    assert "new\\nline.ipynb" in found
    for path in found:
        path.encode()


@pytest.mark.parametrize("name", ["missing", "file.txt", "cut.zip"])
def test_what_is_neither_folder_nor_zip(tmp_path, name):
    if name != "missing":
        (tmp_path / name).write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(UsageError, match="must be a folder of notebooks or a zip"):
        found_in(tmp_path / name)


# ------------------------------------------------------------------ a zip


def zipped(path, entries, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name)
            if isinstance(content, tuple):
                info.external_attr, content = content[0] << 16, content[1]
            archive.writestr(info, content, method)
    return path


def test_a_zip_is_read_without_unpacking(tmp_path):
    path = zipped(tmp_path / "x.zip", {"a.ipynb": b"A", "b/c.ipynb": b"C", "e/": b"", "b/": b""})
    with files_in(path, tmp_path) as files:
        found = {f.path: f for f in files}
        assert found["a.ipynb"].read() == b"A"
        assert found["b/c.ipynb"].read() == b"C"
    assert found["e/"].problem == sources.EMPTY
    assert sorted(found) == ["a.ipynb", "b/c.ipynb", "e/"]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("../a.ipynb", b"", "points outside"),
        ("x/../../a.ipynb", b"", "points outside"),
        ("/etc/a.ipynb", b"", "points outside"),
        ("C:/a.ipynb", b"", "points outside"),
        ("..\\a.ipynb", b"", "points outside"),
        ("a.ipynb", (stat.S_IFLNK | 0o777, b"/etc/passwd"), "symbolic link"),
        ("a.ipynb", (stat.S_IFIFO, b""), "not a regular file"),
        ("__MACOSX/._a.ipynb", b"", "hidden"),
        ("a/.ipynb_checkpoints/a.ipynb", b"", "hidden"),
    ],
)
def test_entries_of_a_zip_that_are_not_read(tmp_path, name, content, complaint):
    path = zipped(tmp_path / "x.zip", {name: content, "good.ipynb": b"good"})
    with files_in(path, tmp_path) as files:
        bad, good = files
        assert complaint in problem(bad)
        assert good.read() == b"good"


def test_an_encrypted_entry(tmp_path):
    path = zipped(tmp_path / "x.zip", {"a.ipynb": b"secret"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with files_in(path, tmp_path) as (found,):
        assert problem(found) == "encrypted: not read"


def test_a_broken_entry(tmp_path):
    path = zipped(tmp_path / "x.zip", {"a.ipynb": bytes(range(256)) * 40, "b.ipynb": b"B"})
    data = bytearray(path.read_bytes())
    data[60:70] = b"\xff" * 10
    path.write_bytes(data)
    with files_in(path, tmp_path) as (broken, whole):
        assert problem(broken) == "damaged in the zip: cannot be read"
        assert whole.read() == b"B"


def test_bombs(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "LARGEST_NOTEBOOK", 10**6)
    big = {"a.ipynb": b"0" * (10**6 + 1), "b.ipynb": b"0" * 10**6, "c.ipynb": b"c"}
    path = zipped(tmp_path / "x.zip", big)
    with files_in(path, tmp_path) as (bomb, large, small):
        assert problem(bomb).startswith("too large")
        assert len(large.read()) == 10**6
        assert small.read() == b"c"
    monkeypatch.setattr(sources, "LARGEST_ZIP", 2 * 10**6)
    with files_in(path, tmp_path) as (_, large, small):
        assert problem(large) == problem(small)
        assert "unpacks to more than" in problem(small)


def test_a_bomb_that_lies_about_its_size(tmp_path):
    path = zipped(tmp_path / "x.zip", {"a.ipynb": b"0" * 10**6})
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02") + 24
    data[central : central + 4] = struct.pack("<I", 100)
    path.write_bytes(data)
    with files_in(path, tmp_path) as (found,):
        assert problem(found) == "damaged in the zip: cannot be read"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_unpack_without_limits(tmp_path, method):
    path = zipped(tmp_path / "x.zip", {"a.ipynb": b"0"}, method)
    with files_in(path, tmp_path) as (found,):
        assert "other than deflate" in problem(found)


def test_too_many_files(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MOST_FILES", 2)
    names = ["a.ipynb", "b.ipynb", "c.ipynb"]
    for place_of in (zipped(tmp_path / "x.zip", dict.fromkeys(names, b"")),
                     place(tmp_path / "folder", *names)):  # fmt: skip
        with pytest.raises(UsageError, match="too many files; allowed are 2"):
            found_in(place_of)


def test_two_entries_of_one_name(tmp_path):
    buffer = io.BytesIO()
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.ipynb", b"first")
        archive.writestr("a.ipynb", b"second")
    (tmp_path / "x.zip").write_bytes(buffer.getvalue())
    with files_in(tmp_path / "x.zip", tmp_path) as files:
        (submission,) = collect(files, Naming(None, [f.path for f in files])).submissions
        assert submission.found.read() == b"second"
