"""Colors that can be read, told apart, and found again in every face of a figure."""

import re

import matplotlib
import numpy as np
import pytest
from helpers import PACKAGE, contrast, linear
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from initlab import style
from initlab.style import COLORS, PALETTE

LIGHT_PAGE, DARK_PAGE = "#ffffff", "#14181f"
PAGES = [LIGHT_PAGE, DARK_PAGE]
DATA = ["blue", "orange", "green", "pink"]
MEANING = sorted(PALETTE.keys() - {"grid", "paper"})  # grid carries none, paper is the page

# Machado, Oliveira & Fernandes 2009, severity 1.0; applied to linear RGB.
COLOR_BLIND = {
    "none": np.eye(3),
    "protanopia": np.array([
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]),
    "deuteranopia": np.array([
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]),
}  # fmt: skip


def lab(rgb):
    """CIE Lab, D65, from linear RGB."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.asarray(to_xyz) @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def difference(a, b, sight):
    """CIE 1976 color difference as a reader sees it; just noticeable is about 2.3."""
    return float(
        np.linalg.norm(np.subtract(*(lab(COLOR_BLIND[sight] @ linear(c)) for c in (a, b))))
    )


def test_the_measures_themselves():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # the known near miss
    np.testing.assert_allclose(lab(linear("#ff0000")), [53.24, 80.09, 67.20], atol=0.05)
    for matrix in COLOR_BLIND.values():
        np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=2e-6)  # grays stay gray


@pytest.mark.parametrize("name", MEANING)
@pytest.mark.parametrize("side", [0, 1])
def test_colors_can_be_read_on_their_page(name, side):
    assert contrast(PALETTE[name][side], PAGES[side]) >= 4.5
    assert contrast(PALETTE[name][side], PAGES[1 - side]) < 4.5  # which is why there are two


@pytest.mark.parametrize("sight", COLOR_BLIND)
@pytest.mark.parametrize("side", [0, 1])
def test_data_colors_can_be_told_apart(sight, side):
    # 15 is more than six just noticeable differences, and twice that of the pairs that are known
    # to be confused (the control below). Dashes and fillings set lines and dots apart, too.
    gaps = {
        (a, b): difference(PALETTE[a][side], PALETTE[b][side], sight)
        for i, a in enumerate(DATA)
        for b in DATA[:i]
    }
    assert min(gaps.values()) > 15, gaps


@pytest.mark.parametrize(
    ("a", "b", "sight"),
    [
        ("#2ca02c", "#d62728", "deuteranopia"),  # green, red
        ("#2ca02c", "#ff7f0e", "protanopia"),  # green, orange
        ("#1f77b4", "#9467bd", "protanopia"),  # blue, purple
    ],
)
def test_a_poor_palette_would_be_seen(a, b, sight):
    # Control: pairs of matplotlib's default colors, far apart for most readers.
    assert difference(a, b, "none") > 30
    assert difference(a, b, sight) < 10


def test_every_color_is_a_lower_case_hex_value():
    # The SVG writer prints colors so, and pictures look for them as text.
    every = [color for pair in PALETTE.values() for color in pair]
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in every)
    assert len(set(every)) == len(every)
    assert {name: pair[0] for name, pair in PALETTE.items()} == COLORS


def test_the_style_sheet_uses_the_light_palette_and_no_other_color():
    text = (PACKAGE / "initlab.mplstyle").read_text(encoding="utf-8")
    rows = [line.split("#")[0] for line in text.splitlines()]
    used = {f"#{hexa}" for row in rows for hexa in re.findall(r"\b[0-9a-f]{6}\b", row)}
    assert used == set(COLORS.values()) - {COLORS["paper"]}


def test_use_sets_the_house_style(house_style):
    colors = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]
    wanted = [COLORS[name] for name in (*DATA, "muted")]
    assert [to_hex(f"#{c.lstrip('#')}") for c in colors] == wanted
    assert to_hex(matplotlib.rcParams["text.color"]) == COLORS["ink"]
    assert to_hex(matplotlib.rcParams["grid.color"]) == COLORS["grid"]
    assert matplotlib.rcParams["svg.fonttype"] == "none"
    assert matplotlib.rcParams["svg.hashsalt"] == "initlab"


def test_figures_belong_to_the_caller():
    before = plt.get_fignums()
    figure, ax = style.new_figure()
    assert plt.get_fignums() == before
    assert figure.get_size_inches().tolist() == [5.6, 3.0]
    assert ax.figure is figure
    _, axes = style.new_figure(4.5, nrows=2, ncols=3, sharex=True)
    assert axes.shape == (2, 3)
    assert axes[0, 0].figure.get_size_inches().tolist() == [5.6, 4.5]


@pytest.mark.parametrize("steady", [True, False])
def test_steady_figures_keep_their_margins(steady, house_style):
    boxes = []
    for label in ("a", "a label\nof\nmany lines"):
        figure, ax = style.new_figure(steady=steady)
        ax.set_ylabel(label)
        figure.draw_without_rendering()
        boxes.append(ax.get_position().bounds)
    assert (boxes[0] == boxes[1]) == steady


def test_the_css_gives_each_color_its_two_values():
    css = style.stylesheet()
    rules = dict(re.findall(r"([^{}]+)\{([^{}]*)\}", css))
    assert len(rules) == 2
    for (selector, body), page in zip(rules.items(), (0, 1), strict=True):
        assert ("dark" in selector) == (page == 1)
        values = dict(item.split(":") for item in body.split(";"))
        assert values == {f"--initlab-{name}": pair[page] for name, pair in PALETTE.items()}
