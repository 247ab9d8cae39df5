"""Code cells of good notebooks in any of their forms, and a reason for every other file."""

import json
import time

import pytest

from initlab.grading import cells
from initlab.grading.cells import Unreadable, code_cells


def written(*found, **extra):
    return json.dumps({"nbformat": 4, "cells": list(found), **extra}).encode()


def code(source, **extra):
    return {"cell_type": "code", "source": source, **extra}


THREE = {
    "nbformat": 3,
    "worksheets": [
        {"cells": [{"cell_type": "code", "input": ["a = 1\n", "b = 2"], "language": "python"}]},
        {"cells": [{"cell_type": "heading", "source": "x"}, {"cell_type": "code", "input": "c"}]},
    ],
}


@pytest.mark.parametrize(
    ("notebook", "sources"),
    [
        (written(code("a = 1")), ("a = 1",)),
        (written(code(["a = 1\n", "b = 2"])), ("a = 1\nb = 2",)),
        (written({"cell_type": "markdown", "source": "x"}, code("a"), code("a")), ("a", "a")),
        (written(code(""), code(" \n"), code([])), ()),
        (written(), ()),
        (written(code("a", outputs=[{"odd": 1}], execution_count="x", id=7)), ("a",)),
        (written({"cell_type": "code"}, {}), ()),
        (b"\xef\xbb\xbf" + written(code("ü = 1")), ("ü = 1",)),
        (json.dumps(THREE).encode(), ("a = 1\nb = 2", "c")),
        (written(code("a"), metadata=None, nbformat_minor="x"), ("a",)),
    ],
)
def test_code_cells(notebook, sources):
    assert code_cells(notebook) == sources


@pytest.mark.parametrize(
    ("notebook", "reason"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0", "it is not text in UTF-8, so it is no notebook"),
        (b"PK\3\4", "it is not JSON (line 1), so it is no whole notebook"),
        (b"print('hello')\n", "it is not JSON (line 1), so it is no whole notebook"),
        (written(code("a\nb"))[:-9], "it breaks off (line 1), so it is no whole notebook"),
        (b'{"nbformat": 4,\n "cells": [', "it breaks off (line 2), so it is no whole notebook"),
        (b"[1, 2]", "it is JSON, but no notebook"),
        (b'"nbformat"', "it is JSON, but no notebook"),
        (b"{}", "it is JSON, but no notebook: nbformat is missing"),
        (b'{"nbformat": "4", "cells": []}', "it is JSON, but no notebook: nbformat is missing"),
        (b"[" * 10**6, "it is not JSON as notebooks have it"),
        (b'{"nbformat": 4, "x": ' + b"1" * 5000 + b"}", "it is not JSON as notebooks have it"),
        (b'{"nbformat": 4}', "it has no list of cells"),
        (b'{"nbformat": 4, "cells": {"a": 1}}', "it has no list of cells"),
        (b'{"nbformat": 3}', "it has no worksheets, which notebooks of format 3 have"),
        (b'{"nbformat": 3, "worksheets": [1]}',
         "it has no worksheets, which notebooks of format 3 have"),
        (b'{"nbformat": 2}', "it is a notebook of format 2; formats 3 and 4 can be read"),
        (written(1), "one of its cells is no cell"),
        (written(code(5)), "one of its code cells has no text"),
        (written(code(["a", 5])), "one of its code cells has no text"),
        (written(*[code("")] * 1001), "it has 1001 cells, more than 1000"),
        (written(code("a" * (2**20 + 1))), "it has more than 1 MB of code"),
    ],
)  # fmt: skip
def test_every_other_file_gets_a_reason(notebook, reason):
    with pytest.raises(Unreadable) as caught:
        code_cells(notebook)
    assert str(caught.value) == reason


PICTURE = [{"data": {"image/png": 'iVBOR\\"' + "A" * 3 * 2**20}}]


def test_pictures_are_cut_out_before_parsing():
    notebook = written(code('x = "a\\"b"', outputs=PICTURE), *[code("b", outputs=PICTURE)] * 9)
    assert len(notebook) > cells.PARSE_LIMIT
    assert code_cells(notebook) == ('x = "a\\"b"', *["b"] * 9)


def test_what_is_large_without_pictures_is_refused():
    outputs = [{"text": ["spam\n"] * 2**21}]
    with pytest.raises(Unreadable, match=r"^it is larger than 16 MB even without its pictures: "):
        code_cells(written(code("a", outputs=outputs)))


def test_a_file_beyond_the_limit_is_not_looked_at():
    with pytest.raises(Unreadable, match=r"^the file is larger than 256 MB$"):
        code_cells(bytes(cells.FILE_LIMIT + 1))


def test_two_hundred_megabytes_take_seconds(benchmark):
    picture = [{"data": {"image/png": "A" * 10 * 2**20}}]
    notebook = written(*[code("a", outputs=picture)] * 20)
    start = time.process_time()
    assert code_cells(notebook) == ("a",) * 20
    benchmark("reading a notebook of 200 MB", f"{time.process_time() - start:.1f} s")
