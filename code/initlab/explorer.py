"""Explorers: pictures that change when a reader moves a control, with or without a kernel.

One object, two faces. In a live notebook an explorer is a set of ordinary ipywidgets that
draw a frame when it is asked for. On the published site (see ``pictures.on_site``) it is a
native HTML form over frames drawn in advance, swapped by ``assets/explorer.js``; the first
frame, its words and the caption stand there without scripts, too. A notebook saved without
widgets keeps the first frame as a PNG.
"""

import html
import inspect
import itertools
import json
import os
import sys
from base64 import b64encode
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from hashlib import sha256

import ipywidgets as widgets
from matplotlib.figure import Figure
from tqdm import tqdm

from initlab.pictures import Picture, on_site
from initlab.style import stylesheet


class Explorer:
    """See :func:`explorer`, which makes them."""

    def __init__(self, draw: Callable, caption: str, controls: dict[str, list]):
        self.draw = draw
        self.caption = caption
        self.controls = controls
        self.start = _start(draw, controls)
        self._drawn: dict[tuple, Picture] = {}

    def __repr__(self) -> str:
        return self.frame(**self.start).description

    def frame(self, **values) -> Picture:
        """The picture for one value of every control; drawn once, then remembered."""
        key = tuple(values[name] for name in self.controls)
        if key not in self._drawn:
            drawn = self.draw(**values)
            if isinstance(drawn, Figure):
                drawn = Picture(drawn, self.title(values))
            if not isinstance(drawn, Picture):
                raise TypeError(
                    "draw must return a matplotlib Figure, or a Picture made by "
                    f"describe(figure, words), got {drawn!r}"
                )
            self._drawn[key] = drawn
        return self._drawn[key]

    def frames(self) -> list[tuple[dict, Picture]]:
        """Every combination of values with its picture, the last control changing fastest.

        Shows a progress bar where a person can see it.
        """
        combinations = [
            dict(zip(self.controls, values, strict=True))
            for values in itertools.product(*self.controls.values())
        ]
        with _progress_stream() as stream:
            return [
                (values, self.frame(**values))
                for values in tqdm(combinations, desc=self.caption[:40], unit="frame", file=stream)
            ]

    @staticmethod
    def title(values: dict) -> str:
        """The values in words: ``step 10, start random``."""
        return ", ".join(f"{_words(name)} {value}" for name, value in values.items())

    # ---------------------------------------------------------------- the page's face

    def to_html(self) -> str:
        """The explorer as HTML for a page that loads ``explorer.js`` and ``explorer.css``."""
        mark = "e" + sha256((self.caption + repr(self.controls)).encode()).hexdigest()[:8]
        controls = "".join(
            _form_control(f"{mark}-{name}", name, values, values.index(self.start[name]))
            for name, values in self.controls.items()
        )
        frames = "".join(
            f'<div class="frame"{"" if values == self.start else " hidden"}>'
            f"{picture.svg(self.title(values))}</div>"
            for values, picture in self.frames()
        )
        return (
            f"<style>{stylesheet()}</style>"
            f'<figure class="initlab-explorer" id="{mark}">'
            f'<form hidden autocomplete="off" aria-label="Controls: {", ".join(self.controls)}">'
            f"{controls}</form>"
            f'<div class="frames">{frames}</div>'
            f'<p class="frame-words" aria-live="polite">{html.escape(repr(self))}</p>'
            f"<figcaption>{html.escape(self.caption)}</figcaption></figure>"
        )

    # ------------------------------------------------------------ the notebook's face

    def to_widget(self) -> widgets.Widget:
        """The explorer as ipywidgets, for a live kernel."""
        handles = {
            name: _widget_control(name, values, self.start[name])
            for name, values in self.controls.items()
        }
        screen = widgets.HTML()

        def show(_=None):
            values = {name: handle.value for name, handle in handles.items()}
            picture = self.frame(**values)
            screen.value = (
                f'<style>{stylesheet()}</style><div style="max-width:40rem">'
                f"{picture.svg(self.title(values))}</div>"
                f"<p>{html.escape(picture.description)}</p>"
            )

        for handle in handles.values():
            handle.observe(show, names="value")
        show()
        caption = widgets.HTML(f"<p><i>{html.escape(self.caption)}</i></p>")
        return widgets.VBox([widgets.VBox(list(handles.values())), screen, caption])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        first = self.frame(**self.start)
        if on_site():
            return {"text/plain": first.description, "text/html": self.to_html()}
        view = self.to_widget()._repr_mimebundle_()
        png = b64encode(first.png()).decode()
        return {**view, "image/png": png, "text/plain": first.description}


def explorer(draw: Callable, *, caption: str, **controls: Sequence) -> Explorer:
    """A picture with controls; as the last line of a cell it shows itself.

    Parameters
    ----------
    draw : called with one value for each control, by name; returns a figure or, better, a
        ``Picture`` made by ``describe(figure, words)``. Where a parameter has a default,
        that value is the one shown first, otherwise the first of the list.
    caption : what the reader looks at, one or two sentences.
    controls : for each control its values, numbers (a slider) or strings (buttons). The
        name becomes the label, with spaces for underscores.

    Raises
    ------
    TypeError, ValueError
        For a draw that is not callable or does not take the controls, an empty caption, a
        control without values, with values of mixed kinds or with one value twice, or a
        default that is not among the values.

    Examples
    --------
    >>> from initlab.style import new_figure
    >>> def draw(power):
    ...     figure, ax = new_figure()
    ...     ax.plot(range(5), [x**power for x in range(5)])
    ...     return figure
    >>> explorer(draw, caption="Powers of x.", power=[1, 2, 3])
    power 1
    """
    if not callable(draw):
        raise TypeError(f"draw must be a function that returns a figure, got {draw!r}")
    if not isinstance(caption, str) or not caption.strip():
        raise ValueError(f"caption must be a sentence, got {caption!r}")
    if not controls:
        raise ValueError("an explorer needs at least one control, such as step=[0, 1, 10]")
    controls = {name: _values(name, values) for name, values in controls.items()}
    try:
        inspect.signature(draw).bind(**{name: values[0] for name, values in controls.items()})
    except TypeError as error:
        raise TypeError(f"draw does not take the controls {list(controls)}: {error}") from error
    return Explorer(draw, caption, controls)


def _values(name: str, values) -> list:
    if isinstance(values, str) or not hasattr(values, "__iter__"):
        raise TypeError(f"control {name} must be a list of values, got {values!r}")
    values = [value.item() if hasattr(value, "item") else value for value in values]
    if not values:
        raise ValueError(f"control {name} must have at least one value, got an empty list")
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    if not numbers and not all(isinstance(v, str) for v in values):
        raise TypeError(f"control {name} must be all numbers or all strings, got {values!r}")
    if len(set(values)) < len(values):
        raise ValueError(f"control {name} has a value twice: {values!r}")
    return values


def _start(draw: Callable, controls: dict[str, list]) -> dict:
    start = {}
    parameters = inspect.signature(draw).parameters
    for name, values in controls.items():
        default = parameters[name].default if name in parameters else inspect.Parameter.empty
        if default is inspect.Parameter.empty:
            default = values[0]
        if default not in values:
            raise ValueError(f"draw starts with {name}={default!r}, which is not among {values!r}")
        start[name] = default
    return start


def _words(name: str) -> str:
    return name.replace("_", " ")


def _is_slider(values: list) -> bool:
    return not isinstance(values[0], str)


def _form_control(mark: str, name: str, values: list, chosen: int) -> str:
    label = html.escape(_words(name))
    shown = [str(value) for value in values]
    if _is_slider(values):
        return (
            f'<div class="control" data-size="{len(values)}" '
            f'data-values="{html.escape(json.dumps(shown))}">'
            f'<label for="{mark}">{label}</label>'
            f'<input type="range" id="{mark}" min="0" max="{len(values) - 1}" step="1" '
            f'value="{chosen}" aria-valuetext="{html.escape(shown[chosen])}">'
            f'<output for="{mark}">{html.escape(shown[chosen])}</output></div>'
        )
    options = "".join(
        f'<label><input type="radio" name="{mark}" value="{i}"'
        f"{' checked' if i == chosen else ''}><span>{html.escape(text)}</span></label>"
        for i, text in enumerate(shown)
    )
    return (
        f'<fieldset class="control" data-size="{len(values)}">'
        f"<legend>{label}</legend>{options}</fieldset>"
    )


def _widget_control(name: str, values: list, chosen) -> widgets.Widget:
    make = widgets.SelectionSlider if _is_slider(values) else widgets.ToggleButtons
    return make(
        options=[(str(value), value) for value in values],
        value=chosen,
        description=_words(name),
        style={"description_width": "initial"},
    )


@contextmanager
def _progress_stream():
    """Where a progress bar belongs: the terminal that builds the book, else standard error.

    A kernel's standard error would end up on the page, so there the bar is drawn only if
    the build named a terminal.
    """
    terminal = os.environ.get("INITLAB_PROGRESS")
    target = terminal or (os.devnull if on_site() else None)
    if target is None:
        yield sys.stderr
        return
    with open(target, "w") as stream:
        yield stream
