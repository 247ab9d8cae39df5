"""Self-check questions that answer at once: plain HTML and CSS, no script, no kernel."""

import html
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

_STYLE = """<style>
.initlab-quiz{border:0;border-left:3px solid currentColor;margin:1.5em 0;padding:.2em 0 .2em 1em}
.initlab-quiz legend{font-size:1em;font-weight:600;padding:0;float:left;width:100%}
.initlab-quiz .option{clear:both;display:grid;grid-template-columns:auto 1fr;gap:0 .6em}
.initlab-quiz label{cursor:pointer;padding:.3em 0}
.initlab-quiz .feedback{display:none;grid-column:2;margin:0 0 .6em}
.initlab-quiz input:checked~.feedback{display:block}
</style>"""


@dataclass(frozen=True)
class Quiz:
    """One question; ``options`` maps each answer to (is it right, why).

    Raises ``ValueError`` unless there are two options or more and just one is right.
    """

    question: str
    options: Mapping[str, tuple[bool, str]]

    def __post_init__(self):
        right = [answer for answer, (holds, _) in self.options.items() if holds]
        if len(self.options) < 2 or len(right) != 1:
            raise ValueError(
                f"a quiz needs two options or more, just one of them right; {self.question!r} "
                f"has {len(self.options)}, right are {right}"
            )

    def __repr__(self) -> str:
        return "\n".join([self.question, *(f"  ( ) {answer}" for answer in self.options)])

    def _repr_html_(self) -> str:
        mark = "q" + sha256(self.question.encode()).hexdigest()[:8]
        options = "".join(
            f'<div class="option"><input type="radio" name="{mark}" id="{mark}{i}">'
            f' <label for="{mark}{i}">{html.escape(answer)}</label>'
            f'<p class="feedback"><strong>{"Right." if holds else "Not so."}</strong> '
            f"{html.escape(why)}</p></div>"
            for i, (answer, (holds, why)) in enumerate(self.options.items())
        )
        return (
            f'{_STYLE}<form autocomplete="off"><fieldset class="initlab-quiz">'
            f"<legend>{html.escape(self.question)}</legend>{options}</fieldset></form>"
        )


def load(path: str | Path) -> dict[str, Quiz]:
    """Read questions from a TOML file: one table a question, by name.

    Each has a ``question`` and a list ``options`` of ``[answer, is it right, why]``. Raises
    ``ValueError`` for a file that is not of this form.
    """
    with open(path, "rb") as file:
        tables = tomllib.load(file)
    questions = {}
    for name, table in tables.items():
        try:
            options = {answer: (right, why) for answer, right, why in table["options"]}
            if len(options) < len(table["options"]):
                raise ValueError("two options have the same answer")
            questions[name] = Quiz(table["question"], options)
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"question {name!r} in {path} is not well-formed: {error}") from error
    return questions
