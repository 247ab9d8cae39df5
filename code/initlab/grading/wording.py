"""Texts from the student's side, made fit to be shown: the same at every run, on any machine."""

import re

_PATHS = re.compile(r"(?<![\w/])(?:/[\w.@+-]+){2,}/?")
_ADDRESSES = re.compile(r"\b0x[0-9a-fA-F]+")
_LONGEST = 300


def described(answer: dict, cell: int = 0) -> str:
    """An exception in words: its type, its text, and the line where it came up."""
    name, text = clean(answer.get("type", "")), clean(answer.get("text", ""))
    line, at = answer.get("line", 0), answer.get("cell", 0)
    words = (name if name.isidentifier() else "an error") + (f": {text}" if text else "")
    if 0 < line < 10**6 and 0 < at < 10**6:
        words += f" (line {line})" if at == cell else f" (line {line} of code cell {at})"
    return words + ("" if words.endswith((".", "!", "?")) else ".")


def clean(text: str) -> str:
    """A student's text on one line, without addresses in memory and paths, not too long."""
    text = _ADDRESSES.sub("0x…", _PATHS.sub("…", text[: 10 * _LONGEST]))
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
