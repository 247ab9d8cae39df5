"""The emblem is drawn from a network, stays small, and is the same every time."""

import re
import struct
from xml.etree import ElementTree

import numpy as np
import pytest

from initlab import emblem
from initlab.network import MLP
from initlab.parameters import Parameters
from initlab.style import PALETTE
from initlab.training import gradients, train

SVG = "{http://www.w3.org/2000/svg}"


def test_landscape_is_the_loss_of_two_equal_weights():
    w = np.linspace(-2, 2, 9)
    np.testing.assert_allclose(emblem.landscape(w), (1 - w**2) ** 2 / 2)


@pytest.mark.parametrize(("start", "moves"), [(0.0, False), (0.01, True)])
def test_the_start_on_the_hill_never_moves(start, moves):
    """What the picture says: no gradient on top. Control: a hundredth aside, it rolls down."""
    network, one = MLP([1, 1, 1], "identity"), np.ones((1, 1))
    weights = Parameters([np.full((1, 1), start)] * 2, [np.zeros(1)] * 2)
    found = gradients(network, weights, one, one, loss="squared_error")
    assert all(g.any() for g in found.grad_W) is moves
    frozen = Parameters([0.1, 0.1], [0, 0])  # the biases stay out of it
    end = train(network, weights, one, one, loss="squared_error", learning_rate=frozen, steps=200)
    assert bool(end.loss[-1] < 1e-3) is moves


def test_the_emblem_is_a_small_square_with_a_title():
    text = emblem.emblem_svg()
    root = ElementTree.fromstring(text)
    assert root.get("viewBox") == f"0 0 {emblem.SIDE} {emblem.SIDE}"
    assert root.find(f"{SVG}title").text
    assert len(text) < 2000
    assert text == emblem.emblem_svg()


def test_the_curve_has_two_equal_valleys_and_a_dot_on_the_hill():
    root = ElementTree.fromstring(emblem.emblem_svg())
    numbers = re.findall(r"[\d.]+", root.find(f"{SVG}path").get("d"))
    x, y = np.array(numbers, float).reshape(-1, 2).T
    np.testing.assert_allclose(y, y[::-1], atol=0.011)  # printed to a hundredth
    middle = len(y) // 2
    assert y[middle] < y.max()  # y runs downward: the hill is above the valleys
    valleys = np.argmax(y[:middle]), middle + np.argmax(y[middle:])
    assert x[valleys[0]] < x[middle] < x[valleys[1]]
    np.testing.assert_allclose(y[valleys[0]], y[valleys[1]], atol=0.011)
    dot = root.find(f"{SVG}circle")
    assert float(dot.get("cx")) == emblem.SIDE / 2
    assert float(dot.get("cy")) < y[middle]
    radius = float(dot.get("r"))
    assert min(x) - 3 > 0 and max(x) + 3 < emblem.SIDE
    assert float(dot.get("cy")) - radius > 0


def test_its_colors_are_those_of_the_palette():
    colors = set(re.findall(r"#[0-9a-f]{6}", emblem.emblem_svg()))
    assert colors <= {color for pair in PALETTE.values() for color in pair}
    assert len(colors) == 3


def test_the_cover_is_a_png_of_the_size_that_previews_want():
    png = emblem.cover_png("Before the First Step", "How neural networks begin")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (1200, 630)
    assert len(png) < 150_000
    assert png != emblem.cover_png("Another title", "How neural networks begin")
