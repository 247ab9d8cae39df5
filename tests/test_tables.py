"""Tables as text and as HTML: same cells, same order, numbers rounded once and to the right."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from initlab.tables import Table, spread

ROWS = [["equal", 1, 0.25, "0.10"], ["random & <free>", 16, -1.5, "1e-3"]]
HEADINGS = ["start", "units", "loss", "text"]


def cells(row):
    return ["".join(cell.itertext()).strip() for cell in row]


def shown(value, **settings):
    """How a table of one cell shows a value, in the text and on the page."""
    table = Table([[value]], ["v"], **settings)
    text = repr(table).splitlines()[-1].strip()
    (page,) = (cells(row)[0] for row in ElementTree.fromstring(table._repr_html_()).iter("tr")
               if row[0].tag == "td")  # fmt: skip
    assert text == page
    return text


def test_the_page_has_every_cell():
    table = ElementTree.fromstring(Table(ROWS, HEADINGS)._repr_html_())
    assert table.tag == "table"
    assert table.get("class") == "initlab-table"
    head, *body = table.iter("tr")
    assert cells(head) == HEADINGS
    assert [cell.tag for cell in head] == ["th"] * 4
    assert [cells(row) for row in body] == [
        ["equal", "1", "0.25", "0.10"], ["random & <free>", "16", "-1.50", "1e-3"],
    ]  # fmt: skip
    aligned = [["right" in (cell.get("style") or "") for cell in row] for row in body]
    assert aligned == [[False, True, True, False]] * 2


def test_the_text_is_aligned():
    assert repr(Table([["a", 1], ["bb", 12.5]], ["k", "value"])) == (
        "k      value\n"
        "---  -------\n"
        "a          1\n"
        "bb     12.50"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.126, "0.13"),
        (-2.0, "-2.00"),
        (1e-9, "0.00"),  # rounded to nothing ...
        (-1e-9, "0.00"),
        (0.0, "0"),  # ... and truly nothing
        (np.float32(0.5), "0.50"),
        (np.float32(-0.001), "0.00"),
        (np.float64(0), "0"),
        (7, "7"),
        (0, "0"),
        (np.int64(3), "3"),
        (True, "yes"),
        (False, "no"),
        (np.bool_(True), "yes"),
        ("007", "007"),
        ("1e-3", "1e-3"),
        ("0.30000000000000004", "0.30000000000000004"),
        (None, "None"),
    ],
)
def test_how_a_value_is_shown(value, text):
    assert shown(value) == text


@pytest.mark.parametrize(("decimals", "text"), [(0, "3"), (1, "3.1"), (4, "3.1416")])
def test_decimals(decimals, text):
    assert shown(np.pi, decimals=decimals) == text
    assert shown(3, decimals=decimals) == "3"


def test_a_column_is_to_the_right_only_if_all_of_it_is_numbers():
    rows = [["x", 1, np.int64(1)], ["y", "none", 2.5]]
    lines = repr(Table(rows, ["k", "v", "number"])).splitlines()
    assert lines[2:] == ["x    1            1", "y    none      2.50"]


def test_a_table_may_be_empty():
    table = Table([], ["a", "b"])
    assert repr(table).split()[:2] == ["a", "b"]
    assert ElementTree.fromstring(table._repr_html_()).get("class") == "initlab-table"


@pytest.mark.parametrize("row", [[1], [1, 2, 3], []])
def test_rows_fit_the_headings(row):
    message = f"every row needs 2 values, one for each of ['a', 'b'], got {row}"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Table([[1, 2], row], ["a", "b"])


# ------------------------------------------------------------------ many runs in one entry


def test_spread_is_the_median_with_percentiles(rng):
    # Of 21 ranked values the 3rd, 11th and 19th are the percentiles; the ends do not count.
    values = np.array([-1e9, *range(1, 20), 1e9])
    assert spread(rng.permutation(values), "{:.0f}") == "10 (2 to 18)"
    assert spread(values.reshape(3, 7), "{:.0f}") == "10 (2 to 18)"
    assert spread([0.5]) == "0.50 (0.50 to 0.50)"


def test_spread_of_nothing_is_refused():
    with pytest.raises(ValueError, match=r"^spread needs at least one value, got none$"):
        spread([])
