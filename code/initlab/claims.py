"""The register of claims: what the sources of the book state, in which chapter it is judged, how.

A register is a TOML file of tables ``[[claim]]`` and ``[[contradiction]]``; the chapters show
parts of it as tables, and experiments (``initlab.trials``) confirm every verdict.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from tabulate import tabulate

from initlab import _checks
from initlab._site import on_site
from initlab.tables import Table

#: Files of the chapters, and what they are called in a link.
CHAPTERS = {
    "symmetry": "Symmetry",
    "zero-weights": "Zero weights",
    "bias-only": "Bias only",
    "saturation": "Saturation",
    "vanishing-exploding": "Vanishing and exploding",
    "xavier-he": "Xavier and He",
}
#: What the labels of a chapter begin with, after ``sec-``, ``cell-`` or ``ex-``.
PREFIXES = dict(zip(CHAPTERS, ["", "zero", "bias", "sat", "grad", "he"], strict=True))
#: Verdicts, and the class of the tag that the website's style sheet draws for each.
VERDICTS = {"true": "true", "false": "false", "true if": "true-if", "not testable": "open"}
#: Keys of the bibliography, and what its four discussions are called in a table.
SOURCES = {
    "aistackexchange-random": "AI Stack Exchange",
    "crossvalidated-danger": "Cross Validated",
    "fastai-bias": "fast.ai forum",
    "medium-zero": "Medium",
}


@dataclass(frozen=True)
class Claim:
    """A statement and its verdict.

    ``condition`` completes a "true if", and explains another verdict; ``cell`` is the anchor of
    the cell or section of the chapter that decides. Raises ``ValueError`` for anything that is
    not of the allowed form.
    """

    id: str
    chapter: str
    claim: str
    verdict: str
    sources: Sequence[str]
    condition: str = ""
    cell: str = ""

    def __post_init__(self):
        _identifier(self.id, "C[0-9]{2,3}", "C01")
        _text(self.claim, "claim")
        _checks.choose(CHAPTERS, self.chapter, "chapter")
        _checks.choose(VERDICTS, self.verdict, "verdict")
        for source in _list(self.sources, "sources"):
            _checks.choose(SOURCES, source, "source")
        if self.verdict == "true if" or self.condition:
            _text(self.condition, f"condition of a claim that is {self.verdict!r}")
        if not isinstance(self.cell, str) or not re.fullmatch(
            r"((sec|cell|ex)-[\w-]+)?", self.cell
        ):
            raise ValueError(
                f"cell must be an anchor such as 'sec-roundoff' or 'cell-zero-wavefront', "
                f"got {self.cell!r}"
            )

    @property
    def place(self) -> str:
        """Chapter, and what its cell or section is about, in words."""
        words = self.cell.split("-")[1:]
        if words[:1] == [PREFIXES[self.chapter]]:
            words = words[1:]
        return ": ".join(filter(None, [CHAPTERS[self.chapter], " ".join(words)]))


@dataclass(frozen=True)
class Contradiction:
    """Two statements that cannot both be right as they stand, and what resolves them."""

    id: str
    question: str
    one: str
    other: str
    claims: Sequence[str]
    resolution: str

    def __post_init__(self):
        _identifier(self.id, "K[0-9]{1,2}", "K1")
        for name in ("question", "one", "other", "resolution"):
            _text(getattr(self, name), name)
        for claim in _list(self.claims, "claims"):
            _identifier(claim, "C[0-9]{2,3}", "C01")


@dataclass(frozen=True)
class Grid:
    """A table of words whose cells have two faces: plain text, and HTML that may hold links."""

    headings: Sequence[str]
    ids: Sequence[str]
    text: Sequence[Sequence[str]]
    html: Sequence[Sequence[str]]
    widths: Sequence[int | None]

    def __repr__(self) -> str:
        return tabulate(
            [[id, *row] for id, row in zip(self.ids, self.text, strict=True)],
            ["", *self.headings],
            tablefmt="simple",
            maxcolwidths=[None, *self.widths],
            disable_numparse=True,
        )

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(h)}</th>' for h in ["No.", *self.headings])
        rows = "".join(
            f'<tr id="{id}"><th scope="row">{id}</th>'
            + "".join(f"<td>{cell}</td>" for cell in row)
            + "</tr>\n"
            for id, row in zip(self.ids, self.html, strict=True)
        )
        return (
            f'<table class="initlab-table claims-table">\n<thead><tr>{head}</tr></thead>\n'
            f"<tbody>\n{rows}</tbody>\n</table>"
        )


@dataclass(frozen=True)
class Register:
    """All claims and contradictions, by id, in the order of the file.

    Raises ``ValueError`` for an id used twice or a contradiction about a claim that is not there.
    """

    claims: Sequence[Claim]
    contradictions: Sequence[Contradiction] = ()

    def __post_init__(self):
        ids = [entry.id for entry in (*self.claims, *self.contradictions)]
        if twice := sorted({id for id in ids if ids.count(id) > 1}):
            raise ValueError(f"every id must occur once, got {', '.join(twice)} more often")
        for contradiction in self.contradictions:
            if missing := sorted(set(contradiction.claims) - set(ids)):
                raise ValueError(f"{contradiction.id} names unknown claims {', '.join(missing)}")

    def __getitem__(self, id: str) -> Claim:
        return _checks.choose({claim.id: claim for claim in self.claims}, id, "claim")

    def table(self, chapter: str) -> Grid:
        """The claims of one chapter: text in a notebook's comparison, linked HTML on a page."""
        _checks.choose(CHAPTERS, chapter, "chapter")
        claims = [claim for claim in self.claims if claim.chapter == chapter]
        said_by = [", ".join(SOURCES[source] for source in claim.sources) for claim in claims]
        return Grid(
            ["The claim", "Verdict", "Decided in"],
            [claim.id for claim in claims],
            [
                [f"{claim.claim} ({who})", _verdict(claim), claim.place]
                for claim, who in zip(claims, said_by, strict=True)
            ],
            [
                [f"{escape(claim.claim)} <small>{escape(who)}</small>", _tag(claim),
                 self._link(claim)]
                for claim, who in zip(claims, said_by, strict=True)
            ],
            [56, 40, 22],
        )  # fmt: skip

    def contradictions_table(self) -> Grid:
        """Both sides of every contradiction and its resolution, with links to the claims."""
        return Grid(
            ["Question", "One side", "The other", "Resolution", "Claims"],
            [k.id for k in self.contradictions],
            [
                [k.question, f"“{k.one}”", f"“{k.other}”", k.resolution, ", ".join(k.claims)]
                for k in self.contradictions
            ],
            [
                [*map(escape, (k.question, f"“{k.one}”", f"“{k.other}”", k.resolution)),
                 ", ".join(f'<a href="#{id}">{id}</a>' if on_site() else id for id in k.claims)]
                for k in self.contradictions
            ],
            [20, 24, 24, 40, 12],
        )  # fmt: skip

    def counts(self) -> Table:
        """How many claims of each chapter got which verdict."""
        rows = [
            [title, *(sum((c.chapter, c.verdict) == (chapter, verdict) for c in self.claims)
                      for verdict in VERDICTS)]
            for chapter, title in CHAPTERS.items()
        ]  # fmt: skip
        totals = [sum(column) for column in list(zip(*rows, strict=True))[1:]]
        rows = [[*row, sum(row[1:])] for row in [*rows, ["All", *totals]]]
        return Table(rows, ["chapter", *VERDICTS, "all"])

    def _link(self, claim: Claim) -> str:
        address = f"{claim.chapter}.ipynb"
        if on_site():
            address = f"{claim.chapter}.html" + (f"#{claim.cell}" if claim.cell else "")
        return f'<a href="{address}">{escape(claim.place)}</a>'


def load(path: str | Path) -> Register:
    """Read a register. Raises ``ValueError`` that names the entry for a malformed one."""
    with open(path, "rb") as file:
        tables = tomllib.load(file)
    kinds = {"claim": Claim, "contradiction": Contradiction}
    for kind in tables:
        _checks.choose(kinds, kind, f"kind of entry in {path}")
    entries = {
        kind: [_entry(kind, make, table, path) for table in tables.get(kind, [])]
        for kind, make in kinds.items()
    }
    return Register(entries["claim"], entries["contradiction"])


def _entry(kind: str, make: type, table: Mapping, path):
    try:
        return make(**table)
    except (TypeError, ValueError) as error:
        name = table.get("id", "without id") if isinstance(table, Mapping) else table
        message = str(error).replace(f"{make.__name__}.__init__() ", "")
        raise ValueError(f"{kind} {name} in {path} is not well-formed: {message}") from error


def _verdict(claim: Claim) -> str:
    words = "TRUE IF " if claim.verdict == "true if" else f"{claim.verdict.upper()}. "
    return (words + claim.condition).strip()


def _tag(claim: Claim) -> str:
    tag = f'<span class="{VERDICTS[claim.verdict]}">{claim.verdict.upper()}</span>'
    return f"{tag} {escape(claim.condition)}".strip()


def _identifier(id, pattern: str, example: str) -> None:
    if not isinstance(id, str) or not re.fullmatch(pattern, id):
        raise ValueError(f"id must be like {example}, got {id!r}")


def _text(words, what: str) -> None:
    if not isinstance(words, str) or not words.strip():
        raise ValueError(f"{what} must be words, got {words!r}")


def _list(values, what: str) -> Sequence[str]:
    if not isinstance(values, list | tuple) or not values:
        raise ValueError(f"{what} must be a list of one or more, got {values!r}")
    return values
