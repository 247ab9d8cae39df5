"""The lab in a notebook: two networks that train in the page, their settings in Python.

The widget is the same module as the book's page *The lab* (``assets/lab/``), carried by
anywidget. It trains in the browser; a kernel is needed only to talk to it. Layer names,
initializers and refusals are those of the package.
"""

import inspect
from itertools import pairwise
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from initlab import _checks
from initlab.lab_settings import DEFAULTS
from initlab.lab_state import check, check_difference, check_speed, layer_sizes
from initlab.parameters import Parameters
from initlab.style import stylesheet
from initlab.tables import Table

SIDES = ("left", "right")
SIZES = ("rms_h", "rms_delta", "rms_grad_W")
_STATIC = Path(__file__).with_name("static")


def _built(name: str) -> str:
    path = _STATIC / name
    if not path.is_file():
        raise FileNotFoundError(
            f"initlab/static/{name} has not been made: run `make lab` or `make book` in the folder "
            "of the book, or `npm ci` and then `node tools/lab_bundle.mjs`"
        )
    return path.read_text(encoding="utf-8")


def _setting(name: str) -> traitlets.Any:
    return traitlets.Any(DEFAULTS[name]).tag(sync=True)


def _numbers() -> traitlets.Bytes:
    # The page's bytes arrive as a memoryview. Not echoed: a long history, sent back at each rest,
    # would exceed what a Jupyter server lets through.
    return traitlets.Bytes(b"").tag(
        sync=True, echo_update=False, from_json=lambda value, _: bytes(value)
    )


class Lab(anywidget.AnyWidget):
    """Two networks side by side: same data, same seed, one difference.

    Each parameter is an attribute, too, that can be read and set while the lab is shown; what
    the reader changes on the page arrives there. So does ``step``, where training rests; setting it
    takes both networks there, back or forth.

    Parameters
    ----------
    difference : what the right network has instead, ``(setting, value)``; ``None`` shows one
        network.
    speed : steps a second while playing, a name of ``lab_state.SPEEDS``.
    settings : any of ``lab_settings.DEFAULTS``: data, depth, width, activation, loss, weights,
        biases, learning_rate and so on. A recipe may be text, ``"normal(0.5)"``.

    Raises
    ------
    ValueError
        For a bad value, in the package's words.
    FileNotFoundError
        Where the page's module has not been made yet.

    Examples
    --------
    >>> lab = Lab(depth=5, weights="zeros", biases="normal(1)",
    ...           difference=("weights", "glorot_normal"))
    >>> lab.difference
    {'setting': 'weights', 'value': {'name': 'glorot_normal'}}
    """

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)

    data = _setting("data")
    n_samples = _setting("n_samples")
    n_classes = _setting("n_classes")
    noise = _setting("noise")
    low = _setting("low")
    depth = _setting("depth")
    width = _setting("width")
    activation = _setting("activation")
    loss = _setting("loss")
    weights = _setting("weights")
    biases = _setting("biases")
    learning_rate = _setting("learning_rate")
    batch_size = _setting("batch_size")
    sum = _setting("sum")
    seed = _setting("seed")
    difference = traitlets.Any(None, allow_none=True).tag(sync=True)
    speed = traitlets.Any("20").tag(sync=True)
    step = traitlets.Any(0).tag(sync=True)

    # Float64 numbers as bytes. Start and now: all weights layer by layer, then all biases.
    # History: row by row, a row a recorded step.
    left_start = _numbers()
    right_start = _numbers()
    left_now = _numbers()
    right_now = _numbers()
    left_history = _numbers()
    right_history = _numbers()

    def __init__(self, *, difference=None, speed="20", **settings):
        for name in settings:
            _checks.choose(DEFAULTS, name, "setting")
        super().__init__(difference=difference, speed=speed, **settings)

    # For help() and the page of the package; traitlets would say (*args, **kwargs).
    __signature__ = inspect.Signature(list(inspect.signature(__init__).parameters.values())[1:])

    @traitlets.default("_esm")
    def _read_module(self):
        return _built("lab.js")

    @traitlets.default("_css")
    def _read_style(self):
        return stylesheet() + _built("lab.css")

    @traitlets.validate(*DEFAULTS)
    def _check_setting(self, proposal):
        name = proposal["trait"].name
        return check({**self.settings, name: proposal["value"]})[name]

    @traitlets.validate("difference")
    def _check_difference(self, proposal):
        return check_difference(proposal["value"], self.settings)

    @traitlets.validate("speed")
    def _check_speed(self, proposal):
        return check_speed(proposal["value"])

    @traitlets.validate("step")
    def _check_step(self, proposal):
        return _checks.whole(proposal["value"], "step", at_least=0)

    @traitlets.observe(*DEFAULTS, "difference")
    def _forget_parameters(self, change):
        # They belong to networks that are no more.
        with self.hold_sync():
            self.step = 0
            for side in SIDES:
                setattr(self, f"{side}_start", b"")
                setattr(self, f"{side}_now", b"")
                setattr(self, f"{side}_history", b"")

    @property
    def settings(self) -> dict:
        """The settings that both networks share."""
        return {name: getattr(self, name) for name in DEFAULTS}

    def layer_sizes(self, side: str = "left") -> list[int]:
        """Inputs, hidden widths, outputs of the network on one side, such as ``[2, 8, 8, 1]``."""
        settings = self.settings
        if self._side(side) == "right":
            settings[self.difference["setting"]] = self.difference["value"]
        return layer_sizes(check(settings))

    # ------------------------------------------------------------ weights, in and out

    def start_from(self, side: str, parameters: Parameters) -> None:
        """Begin training again, at step 0, with parameters of your own on one side.

        ``parameters`` have the shapes of ``layer_sizes(side)``. Raises ``ValueError`` for others,
        and for numbers that are not finite.
        """
        sizes = self.layer_sizes(side)
        wanted = _shapes(sizes)
        arrays = [_checks.finite(array, "parameters") for array in parameters.arrays()]
        shapes = [array.shape for array in arrays]
        if shapes != wanted:
            raise ValueError(f"parameters must have the shapes {wanted}, got {shapes}")
        packed = _pack(arrays)
        with self.hold_sync():
            self.step = 0
            setattr(self, f"{side}_start", packed)
            for each in SIDES:
                setattr(self, f"{each}_now", packed if each == side else b"")
                setattr(self, f"{each}_history", b"")
        self.go_to(0)  # equal parameters are no news to a page that has gone on from them

    def parameters(self, side: str = "left") -> Parameters:
        """The weights and biases at the step at which training rests, as new arrays.

        Raises ``ValueError`` while no page has shown the lab, for until then there are none. They
        arrive between two cells: *Run All* asks for them too early.
        """
        packed = getattr(self, f"{self._side(side)}_now")
        wanted = _shapes(self.layer_sizes(side))
        if len(packed) != 8 * _count(wanted):
            raise ValueError(
                "the lab has no parameters yet: show it in a cell of its own and, once it is "
                "there, run the next by itself (not by Run All)"
            )
        return Parameters.from_arrays(_unpack(packed, wanted))

    def history(self, side: str = "left") -> Table:
        """What was recorded of one side: a row a step, with loss and sizes.

        The columns: ``step``, ``loss``, then for each layer, counted from 1, the root mean squares
        of its activations (``rms_h 1``), of its delta and of the gradient of its weights. A long
        training keeps every second step, then every fourth, at most 1024 rows.
        """
        packed = getattr(self, f"{self._side(side)}_history")
        layers = range(1, len(self.layer_sizes(side)))
        headings = ["step", "loss", *(f"{name} {layer}" for name in SIZES for layer in layers)]
        rows = np.frombuffer(packed, dtype="<f8").reshape(-1, len(headings)).tolist()
        return Table([[int(step), *values] for step, *values in rows], headings, digits=3)

    # ------------------------------------------------------------ training, in the page

    def play(self) -> None:
        """Train until :meth:`pause`, in the page that shows the lab."""
        self.send({"act": "play"})

    def pause(self) -> None:
        """Stop training; parameters and history then arrive."""
        self.send({"act": "pause"})

    def advance(self, steps: int = 1) -> None:
        """Take steps of gradient descent with both networks."""
        self.send({"act": "step", "step": _checks.whole(steps, "steps")})

    def go_to(self, step: int) -> None:
        """Go back, or forth again, to any step that was taken."""
        self.send({"act": "goTo", "step": _checks.whole(step, "step", at_least=0)})

    def _side(self, side: str) -> str:
        _checks.choose(dict.fromkeys(SIDES), side, "side")
        if side == "right" and self.difference is None:
            raise ValueError("there is no right network: difference is None")
        return side


def _shapes(sizes: list[int]) -> list[tuple[int, ...]]:
    weights = list(pairwise(sizes))
    return [*weights, *((size,) for size in sizes[1:])]


def _count(shapes: list[tuple[int, ...]]) -> int:
    return int(np.sum([np.prod(shape) for shape in shapes]))


def _pack(arrays: list[np.ndarray]) -> bytes:
    return np.concatenate([np.ravel(array) for array in arrays]).astype("<f8").tobytes()


def _unpack(packed: bytes, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
    flat = np.frombuffer(packed, dtype="<f8")
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    pieces = np.split(flat, ends[:-1])
    return [piece.reshape(shape).copy() for piece, shape in zip(pieces, shapes, strict=True)]
