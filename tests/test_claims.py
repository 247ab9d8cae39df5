"""The register: what is allowed in it, how it is shown, and that its cells exist."""

import re
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree

import nbformat
import pytest
from helpers import ROOT

from initlab.claims import CHAPTERS, SOURCES, VERDICTS, Claim, Contradiction, Register, load

CHAPTER_FILES = ROOT / "chapters"
REGISTER = load(CHAPTER_FILES / "claims.toml")

CLAIM = {
    "id": "C01",
    "chapter": "symmetry",
    "claim": "Equal <units> stay equal.",
    "verdict": "true if",
    "condition": "a & b hold",
    "sources": ["fastai-bias", "medium-zero"],
    "cell": "sec-one-unit",
}
OTHER = CLAIM | {"id": "C02", "chapter": "zero-weights", "cell": "cell-zero-wavefront"}
DISPUTE = Contradiction("K1", "Who?", "One.", "The other.", ["C01", "C02"], "Neither.")


def toml(kind: str, table: dict) -> str:
    lines = [f"[[{kind}]]"]
    for key, value in table.items():
        lines.append(f"{key} = {str(value) if isinstance(value, list | int) else repr(value)}")
    return "\n".join(lines) + "\n"


def write(folder, *entries: str):
    path = folder / "claims.toml"
    path.write_text("\n".join(entries), encoding="utf-8")
    return path


# ---------------------------------------------------------------- loading


def test_a_register_comes_from_a_file(tmp_path):
    path = write(tmp_path, toml("claim", CLAIM), toml("claim", OTHER),
                 toml("contradiction", vars(DISPUTE)))  # fmt: skip
    register = load(path)
    assert register.claims == [Claim(**CLAIM), Claim(**OTHER)]
    assert register.contradictions == [DISPUTE]
    assert register["C02"] == Claim(**OTHER)
    (tmp_path / "symmetry.ipynb").touch()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "c1"}, "claim c1 in .* is not well-formed: id must be like C01, got 'c1'"),
        ({"chapter": "sym"}, "unknown chapter: got 'sym', allowed are 'symmetry', .*'xavier-he'"),
        ({"verdict": "maybe"}, "unknown verdict: got 'maybe', allowed are 'true', 'false'"),
        ({"claim": " "}, "claim must be words, got ' '"),
        ({"condition": ""}, "condition of a claim that is 'true if' must be words, got ''"),
        (
            {"condition": 3, "verdict": "false"},
            "condition of a claim that is 'false' must be words",
        ),
        ({"sources": []}, r"sources must be a list of one or more, got \[\]"),
        ({"sources": "medium-zero"}, "sources must be a list of one or more, got 'medium-zero'"),
        ({"sources": ["medium"]}, "unknown source: got 'medium', allowed are"),
        ({"cell": "roundoff"}, "cell must be an anchor such as 'sec-roundoff' or .*'roundoff'"),
        ({"cell": 3}, "cell must be an anchor .* got 3"),
        ({"colour": "red"}, "claim C01 in .*unexpected keyword argument 'colour'"),
    ],
)
def test_a_malformed_claim_is_named(change, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        load(write(tmp_path, toml("claim", CLAIM | change)))


def test_a_claim_with_something_missing_is_named(tmp_path):
    table = {key: value for key, value in CLAIM.items() if key != "verdict"}
    with pytest.raises(ValueError, match=r"claim C01 in .* not well-formed: missing 1 .*verdict"):
        load(write(tmp_path, toml("claim", table)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": "C1"}, "contradiction C1 in .* id must be like K1, got 'C1'"),
        ({"one": ""}, "one must be words, got ''"),
        ({"claims": []}, "claims must be a list of one or more"),
        ({"claims": ["K1"]}, "id must be like C01, got 'K1'"),
        ({"claims": ["C07", "C01"]}, "K1 names unknown claims C07"),
    ],
)
def test_a_malformed_contradiction_is_named(change, message, tmp_path):
    entries = toml("claim", CLAIM), toml("claim", OTHER)
    with pytest.raises(ValueError, match=message):
        load(write(tmp_path, *entries, toml("contradiction", vars(DISPUTE) | change)))


def test_ids_occur_once(tmp_path):
    with pytest.raises(ValueError, match="every id must occur once, got C01 more often"):
        load(write(tmp_path, toml("claim", CLAIM), toml("claim", CLAIM)))


def test_other_kinds_of_entries_are_refused(tmp_path):
    with pytest.raises(
        ValueError, match=r"unknown kind of entry in .*: got 'clam', allowed are 'cl"
    ):
        load(write(tmp_path, toml("clam", CLAIM)))


def test_unknown_claims_and_chapters_are_refused():
    with pytest.raises(ValueError, match="unknown claim: got 'C99'"):
        Register([Claim(**CLAIM)])["C99"]
    with pytest.raises(ValueError, match="unknown chapter: got 'sym'"):
        REGISTER.table("sym")


# ---------------------------------------------------------------- showing


def rows(grid) -> list[dict]:
    """What a page shows: the id of each row, its words, and where its links lead."""
    table = ElementTree.fromstring(grid._repr_html_())
    assert table.get("class").split() == ["initlab-table", "claims-table"]
    assert {cell.get("scope") for cell in table.iter("th")} <= {"col", "row"}
    return [
        {
            "id": row.get("id"),
            "words": ["".join(cell.itertext()).strip() for cell in row],
            "links": [link.get("href") for link in row.iter("a")],
            "tags": [span.get("class") for span in row.iter("span")],
        }
        for row in table.find("tbody")
    ]


def test_the_page_has_every_claim_of_the_chapter(live):
    (row,) = rows(Register([Claim(**CLAIM), Claim(**OTHER)]).table("symmetry"))
    assert row["id"] == "C01"
    assert row["tags"] == ["true-if"]
    assert row["links"] == ["symmetry.ipynb"]
    assert row["words"] == [
        "C01",
        "Equal <units> stay equal. fast.ai forum, Medium",
        "TRUE IF a & b hold",
        "Symmetry: one unit",
    ]


def test_the_text_face_says_the_same(live):
    text = " ".join(repr(Register([Claim(**CLAIM)]).table("symmetry")).split())
    said = "C01 Equal <units> stay equal. (fast.ai forum, Medium)"
    assert text.endswith(f"{said} TRUE IF a & b hold Symmetry: one unit")


@pytest.mark.parametrize(
    ("cell", "address", "place"),
    [
        ("sec-one-unit", "symmetry.html#sec-one-unit", "Symmetry: one unit"),
        ("cell-roundoff", "symmetry.html#cell-roundoff", "Symmetry: roundoff"),
        ("", "symmetry.html", "Symmetry"),
    ],
)
def test_links_on_the_site_lead_to_the_cell(cell, address, place, on_site):
    (row,) = rows(Register([Claim(**CLAIM | {"cell": cell})]).table("symmetry"))
    assert row["links"] == [address]
    assert row["words"][-1] == place


def test_the_prefix_of_a_label_is_not_shown():
    assert Claim(**OTHER).place == "Zero weights: wavefront"
    vanish = OTHER | {"chapter": "vanishing-exploding", "cell": "cell-grad-first-layer"}
    assert Claim(**vanish).place == "Vanishing and exploding: first layer"


def test_contradictions_link_to_their_claims(monkeypatch, on_site):
    register = Register([Claim(**CLAIM), Claim(**OTHER)], [DISPUTE])
    (row,) = rows(register.contradictions_table())
    assert row["words"] == ["K1", "Who?", "“One.”", "“The other.”", "Neither.", "C01, C02"]
    assert row["links"] == ["#C01", "#C02"]
    monkeypatch.delenv("INITLAB_SITE")
    (row,) = rows(register.contradictions_table())
    assert row["links"] == []


def test_counts_add_up():
    *chapters, total = REGISTER.counts().rows
    assert [row[0] for row in chapters] == list(CHAPTERS.values())
    assert all(sum(row[1:-1]) == row[-1] for row in [*chapters, total])
    assert total[-1] == len(REGISTER.claims) == 124
    for i, word in enumerate(VERDICTS, start=1):
        expected = sum(claim.verdict == word for claim in REGISTER.claims)
        assert total[i] == sum(row[i] for row in chapters) == expected


# ---------------------------------------------------------------- the register of the book


def anchors(chapter: str) -> set[str]:
    """Labels of sections and names of cells in a chapter's notebook."""
    notebook = nbformat.read(CHAPTER_FILES / f"{chapter}.ipynb", as_version=4)
    labels = {
        label
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for label in re.findall(r"^(?:\(|:label: )([\w-]+)(?:\)=)?$", cell.source, re.M)
    }
    return labels | {cell.metadata.name for cell in notebook.cells if "name" in cell.metadata}


def missing_cells(register: Register) -> list[str]:
    """Claims whose deciding cell is not in the chapter they name."""
    known = {chapter: anchors(chapter) for chapter in CHAPTERS}
    return [
        f"{claim.id}: no {claim.cell} in {claim.chapter}"
        for claim in register.claims
        if claim.cell and claim.cell not in known[claim.chapter]
    ]


def test_every_cell_exists():
    assert missing_cells(REGISTER) == []
    assert {c.id for c in REGISTER.claims if c.chapter == "symmetry" and not c.cell} == set()


def test_a_cell_that_does_not_exist_is_noticed():
    claim = replace(REGISTER["C18"], cell="sec-round-off")
    register = replace(REGISTER, claims=[claim], contradictions=[])
    assert missing_cells(register) == ["C18: no sec-round-off in symmetry"]
    elsewhere = replace(REGISTER["C18"], cell="cell-zero-wavefront")
    assert len(missing_cells(replace(register, claims=[elsewhere]))) == 1


def test_numbers_are_complete():
    """None is left out: C01 to C124, K1 to K22."""
    numbers = sorted(int(claim.id[1:]) for claim in REGISTER.claims)
    assert numbers == list(range(1, 125))
    assert [k.id for k in REGISTER.contradictions] == [f"K{i}" for i in range(1, 23)]


def test_words_are_plain():
    """No formulas that a table would show raw, no stray markup."""
    for claim in REGISTER.claims:
        for words in filter(None, (claim.claim, claim.condition)):
            assert not re.search(r"[$\\`*]|<[a-z]", words), claim.id
            assert unescape(words) == words
        assert claim.claim.endswith("."), claim.id
        if claim.verdict == "true if":
            assert not claim.condition.endswith("."), claim.id
        elif claim.condition:
            assert claim.condition.endswith((".", ".)")), claim.id


def test_sources_are_in_the_bibliography():
    keys = set(re.findall(r"^@\w+\{([\w-]+),", (ROOT / "references.bib").read_text(), re.M))
    assert set(SOURCES) <= keys
    assert {source for claim in REGISTER.claims for source in claim.sources} == set(SOURCES)
