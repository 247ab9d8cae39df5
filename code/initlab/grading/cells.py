"""The code cells of a file that may be anything.

Nothing in a file makes reading it long or large: pictures among the outputs are cut out before the
file is parsed, and what is large without them is refused.
"""

import json
import re

#: The largest file that is looked at, and the largest that is parsed once pictures are cut out.
FILE_LIMIT = 256 * 2**20
PARSE_LIMIT = 16 * 2**20
#: How many code cells, and how much code in all, a notebook may have.
CELL_LIMIT = 1000
CODE_LIMIT = 2**20
_LONG = 100_000
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


class Unreadable(ValueError):
    """A file that is no notebook to grade; the message says why, to student and instructor."""


def code_cells(notebook: bytes) -> tuple[str, ...]:
    """The sources of the code cells that are not empty, in their order.

    Takes notebooks of format 4, and of format 3, which keeps its cells in worksheets. Ignores
    outputs and all metadata. Raises :class:`Unreadable` for everything else.
    """
    if len(notebook) > FILE_LIMIT:
        raise Unreadable(f"the file is larger than {FILE_LIMIT >> 20} MB")
    cells = _cells(_parsed(notebook))
    if len(cells) > CELL_LIMIT:
        raise Unreadable(f"it has {len(cells)} cells, more than {CELL_LIMIT}")
    sources = [_source(cell) for cell in cells if cell.get("cell_type") == "code"]
    if sum(map(len, sources)) > CODE_LIMIT:
        raise Unreadable(f"it has more than {CODE_LIMIT >> 20} MB of code")
    return tuple(source for source in sources if source.strip())


def _parsed(notebook: bytes) -> dict:
    """The file as JSON: an object."""
    if not notebook.strip():
        raise Unreadable("the file is empty")
    if len(notebook) > PARSE_LIMIT:
        notebook = _without_pictures(notebook)
    if len(notebook) > PARSE_LIMIT:
        raise Unreadable(
            f"it is larger than {PARSE_LIMIT >> 20} MB even without its pictures: "
            "clear its outputs, save it and hand it in again"
        )
    try:
        text = notebook.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("it is not text in UTF-8, so it is no notebook") from error
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        end = "it breaks off" if error.pos >= len(text.rstrip()) - 1 else "it is not JSON"
        raise Unreadable(f"{end} (line {error.lineno}), so it is no whole notebook") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable("it is not JSON as notebooks have it") from error
    if not isinstance(data, dict):
        raise Unreadable("it is JSON, but no notebook")
    return data


def _without_pictures(notebook: bytes) -> bytes:
    """The same JSON with every very long text emptied; a cell of such length is no code."""
    parts, start = [], 0
    for match in _STRING.finditer(notebook):
        if match.end() - match.start() > _LONG:
            parts += [notebook[start : match.start()], b'""']
            start = match.end()
    return b"".join([*parts, notebook[start:]])


def _cells(data: dict) -> list[dict]:
    """The cells of a notebook of any format that is read."""
    major = data.get("nbformat")
    if type(major) is not int:
        raise Unreadable("it is JSON, but no notebook: nbformat is missing")
    if major == 3:
        sheets = data.get("worksheets")
        if not isinstance(sheets, list) or not all(isinstance(s, dict) for s in sheets):
            raise Unreadable("it has no worksheets, which notebooks of format 3 have")
        found = [sheet.get("cells", []) for sheet in sheets]
    elif major == 4:
        found = [data.get("cells")]
    else:
        raise Unreadable(f"it is a notebook of format {major}; formats 3 and 4 can be read")
    if not all(isinstance(cells, list) for cells in found):
        raise Unreadable("it has no list of cells")
    cells = [cell for cells in found for cell in cells]
    if not all(isinstance(cell, dict) for cell in cells):
        raise Unreadable("one of its cells is no cell")
    return cells


def _source(cell: dict) -> str:
    """The text of a cell, kept as one text or as a list of lines; format 3 calls it input."""
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Unreadable("one of its code cells has no text")
    return source
