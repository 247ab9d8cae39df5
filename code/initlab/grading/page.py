"""HTML pages that stand alone: no network, no script, at home on a phone, by day and by night.

Everything that is put into a template is escaped, for students choose their names and write the
messages of their errors.
"""

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from initlab.grading.names import clean
from initlab.style import PALETTE

#: The longest message that a page shows.
LONGEST = 2000


def render(template: str, **values) -> str:
    """The page that ``templates/<template>`` makes of ``values``."""
    return _environment().get_template(template).render(figure_colors=_figure_colors(), **values)


def words(text: str) -> str:
    """A message from outside: its lines kept, what is invisible in them written out."""
    text = text if len(text) <= LONGEST else text[:LONGEST] + " …"
    return "\n".join(map(clean, text.split("\n")))


def prose(text: str) -> Markup:
    """:func:`words` as HTML, with what stands between backticks set as code."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(words(text)))))


def label(question: str) -> str:
    """``Question 3`` for ``q3``; any other name as it is."""
    number = question.removeprefix("q")
    return f"Question {number}" if number.isdecimal() and number != question else question


def number(value: float | None) -> str:
    """Points as people write them: 7, 7.5, and a dash for none."""
    return "–" if value is None else f"{value:.10g}"


def signed(value: float | None) -> str:
    """A correlation with two digits and a true minus sign, and a dash for none."""
    return "–" if value is None else f"{value:.2f}".replace("-", "−")


def percent(value: float) -> str:
    """A share as a whole percentage."""
    return f"{100 * value:.0f}%"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("initlab.grading"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        prose=prose, clean=clean, number=number, percent=percent, label=label, signed=signed
    )
    return environment


def _figure_colors() -> Markup:
    """The colors of figures, by day and by night, as CSS."""
    light, dark = (
        ";".join(f"--initlab-{name}:{pair[i]}" for name, pair in PALETTE.items()) for i in (0, 1)
    )
    night = f"@media screen and (prefers-color-scheme: dark){{:root{{{dark}}}}}"
    return Markup(f":root{{{light}}}{night}")
