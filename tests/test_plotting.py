"""What is on the axes is what was measured: read back from matplotlib's own objects."""

import re

import numpy as np
import pytest
from helpers import contrast
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex, to_rgb

from initlab import plotting, style
from initlab.parameters import Parameters
from initlab.style import COLORS

pytestmark = pytest.mark.usefixtures("house_style")


@pytest.fixture
def ax():
    return style.new_figure()[1]


def hexes(colors):
    return [to_hex(color) for color in colors]


# ------------------------------------------------------------------ curves


def test_curves_of_one_run(ax, rng):
    steps, lines = [0, 10, 30], {"equal": rng.random(3), "random": rng.random(3)}
    assert plotting.curves(ax, steps, lines) is ax
    for line, (label, values) in zip(ax.lines, lines.items(), strict=True):
        np.testing.assert_array_equal(line.get_xydata(), np.stack([steps, values], axis=1))
        assert line.get_label() == label
    assert [text.get_text() for text in ax.get_legend().texts] == ["equal", "random"]
    assert not ax.collections


def test_curves_of_many_runs_are_medians_with_bands(ax, rng):
    values = rng.random((3, 21))
    plotting.curves(ax, [0, 1, 2], {"runs": values})
    ranked = np.sort(values, axis=1)  # of 21 values: the 3rd, 11th and 19th are the percentiles
    np.testing.assert_allclose(ax.lines[0].get_ydata(), ranked[:, 10])
    band = ax.collections[0].get_paths()[0].vertices
    for step in (0, 1, 2):
        edges = band[band[:, 0] == step][:, 1]
        assert edges.min() == pytest.approx(ranked[step, 2])
        assert edges.max() == pytest.approx(ranked[step, 18])


def test_curves_stay_apart_without_color(ax):
    names = [f"line {i}" for i in range(len(plotting.LINE_STYLES))]
    plotting.curves(ax, [0, 1], dict.fromkeys(names, (0, 1)))
    assert len({to_hex(line.get_color()) for line in ax.lines}) == len(names)
    assert len({str(line._dash_pattern) for line in ax.lines}) == len(names)
    assert {to_hex(line.get_color()) for line in ax.lines} <= set(COLORS.values())


def test_curves_refuse(ax):
    with pytest.raises(ValueError, match=r"^at most 5 lines can be told apart, got 6$"):
        plotting.curves(ax, [0], {str(i): [0] for i in range(6)})
    with pytest.raises(ValueError, match=r"^line 'loss' has 3 values for 2 steps$"):
        plotting.curves(ax, [0, 1], {"loss": [1, 2, 3]})


# ------------------------------------------------------------------ histograms, heat maps


def ridges(ax):
    """(baseline, height of every bin) of each ridge."""
    return [(p.get_data().baseline, p.get_data().values - p.get_data().baseline)
            for p in ax.patches]  # fmt: skip


def test_layer_histograms_count_and_stack(ax):
    layers = {"layer 1": np.array([[0.1, 0.1], [0.1, 0.6]]), "layer 2": np.array([0.3, 0.9])}
    assert plotting.layer_histograms(ax, layers, (0, 1), bins=4) is ax
    (top, first), (below, second) = ridges(ax)
    assert (top, below) == (0, -1)
    np.testing.assert_allclose(first / first.max(), [1, 0, 1 / 3, 0], atol=1e-12)
    np.testing.assert_allclose(second / second.max(), [0, 1, 0, 1], atol=1e-12)
    assert first.max() == pytest.approx(second.max())
    assert first.max() < 1  # a ridge stays under the next one
    assert [text.get_text() for text in ax.get_yticklabels()] == ["layer 1", "layer 2"]


def test_layer_histograms_keep_what_lies_outside(ax):
    plotting.layer_histograms(ax, {"a": np.array([-50.0, 0.1, 99.0, 99.0])}, (-1, 1), bins=2)
    ((_, heights),) = ridges(ax)
    np.testing.assert_allclose(heights / heights.max(), [1 / 3, 1])


def test_layer_histograms_of_one_value(ax):
    plotting.layer_histograms(ax, {"a": np.zeros(9)}, (-1, 1), bins=3)
    ((_, heights),) = ridges(ax)
    np.testing.assert_array_equal(heights > 0, [False, True, False])


def test_heat_map_writes_its_numbers(ax):
    values = np.array([[1.0, 2.0], [np.nan, 4.0], [np.inf, 0.0]])
    assert plotting.heat_map(ax, values, ["a", "b", "c"], [10, 20], "{:.1f}") is ax
    strength = {square.get_xy(): square.get_alpha() for square in ax.patches}
    assert strength == {(-0.5, -0.5): 0.125, (0.5, -0.5): 0.25, (0.5, 0.5): 0.5, (0.5, 1.5): 0}
    written = {text.get_position(): text.get_text() for text in ax.texts}
    assert written == {(0, 0): "1.0", (1, 0): "2.0", (0, 1): "nan", (1, 1): "4.0",
                       (0, 2): "inf", (1, 2): "0.0"}  # fmt: skip
    assert [text.get_text() for text in ax.get_xticklabels()] == ["10", "20"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["a", "b", "c"]


@pytest.mark.parametrize("page", [0, 1], ids=["light", "dark"])
def test_heat_map_is_legible_on_every_square(ax, page):
    plotting.heat_map(ax, np.linspace(0, 1, 20).reshape(4, 5), range(4), range(5), "{:.2f}")
    color = {name: np.array(to_rgb(pair[page])) for name, pair in style.PALETTE.items()}
    assert {to_hex(text.get_color()) for text in ax.texts} == {style.COLORS["ink"]}
    assert {to_hex(square.get_facecolor()) for square in ax.patches} == {style.COLORS["blue"]}
    for square in ax.patches:
        alpha = square.get_alpha()
        ground = alpha * color["blue"] + (1 - alpha) * color["paper"]
        assert contrast(to_hex(color["ink"]), to_hex(ground)) >= 4.5


def test_a_line_runs_over_the_squares_it_belongs_to(ax):
    rows, columns = [2, 4, 8, 16], [1.0, 1.5, 3.0]
    plotting.heat_map(ax, np.ones((4, 3)), rows, columns, "{:.0f}")
    at, values = [1.0, 1.5, 3.0, 1.5, 0.1], [2, 8, 16, 32, np.inf]
    assert plotting.border_line(ax, rows, columns, at, values) is ax
    x, y = ax.lines[0].get_data()
    np.testing.assert_allclose(x, [0, 1, 2, 1, -0.5])
    np.testing.assert_allclose(y, [0, 2, 3, 3.5, 3.5])
    plotting.border_line(ax, rows, columns, [1.0], [2**2.5])
    np.testing.assert_allclose(ax.lines[1].get_ydata(), [1.5])


def test_numbers_that_a_line_strikes_out_get_a_plate(ax):
    rows, columns = [2, 4, 8, 16], [1.0, 1.5, 3.0]
    plotting.heat_map(ax, np.ones((4, 3)), rows, columns, "{:.0f}")
    plotting.border_line(ax, rows, columns, [1.0, 3.0], [4, 4])
    plates = {text.get_position() for text in ax.texts if text.get_bbox_patch()}
    assert plates == {(0, 1), (1, 1), (2, 1)}


# ------------------------------------------------------------------ images


@pytest.mark.parametrize(("units", "grid"), [(1, (1, 1)), (3, (1, 3)), (5, (2, 3)), (7, (3, 3))])
def test_unit_images_tile_every_unit(ax, units, grid, rng):
    W = rng.standard_normal((6, units))
    assert plotting.unit_images(ax, W, (2, 3), columns=3) is ax
    sheet = np.ma.filled(ax.images[0].get_array().astype(float), np.nan)
    rows, columns = grid
    assert sheet.shape == (rows * 3 - 1, columns * 4 - 1)
    for unit in range(units):
        top, left = 3 * (unit // columns), 4 * (unit % columns)
        np.testing.assert_array_equal(sheet[top : top + 2, left : left + 3].ravel(), W[:, unit])
    assert np.isfinite(sheet).sum() == W.size  # between the tiles there is nothing


def test_unit_images_refuse_what_does_not_fill_the_image(ax):
    message = "W must have 8 x 8 rows, one for each pixel, got 63"
    with pytest.raises(ValueError, match=f"^{message}$"):
        plotting.unit_images(ax, np.zeros((63, 2)), (8, 8))


@pytest.mark.parametrize("sign", [1, -1])
def test_colors_of_weights_are_symmetric_about_zero(ax, sign):
    W = sign * np.array([[0.5, -0.1], [0.0, 0.2]])
    assert plotting.weight_map(ax, W) is ax
    image = ax.images[0]
    np.testing.assert_array_equal(image.get_array(), W)
    assert image.get_clim() == (-0.5, 0.5)
    color = image.to_rgba(np.array([-0.5, 0.0, 0.5]))[:, :3]
    assert color[0, 0] > color[0, 2] + 0.2  # red below zero
    assert color[2, 2] > color[2, 0] + 0.2  # blue above
    assert color[1].min() > 0.95  # white at zero


def test_weights_that_are_all_zero_are_white(ax):
    plotting.weight_map(ax, np.zeros((2, 2)))
    low, high = ax.images[0].get_clim()
    assert low == -high < 0


# ------------------------------------------------------------------ dots


def test_dots_are_filled_where_a_unit_is_new(ax):
    groups = {"layer 1": np.array([0, 0, 2, 0]), "layer 2": np.array([0, 1])}
    assert plotting.unit_dots(ax, groups) is ax
    for row, own in enumerate(groups.values()):
        new, copies = ax.collections[2 * row : 2 * row + 2]
        units = np.arange(len(own))
        for dots, chosen in [(new, own == units), (copies, own != units)]:
            expected = [[unit, -row] for unit in units[chosen]]
            np.testing.assert_array_equal(np.reshape(dots.get_offsets(), (-1, 2)),
                                          np.reshape(expected, (-1, 2)))  # fmt: skip
        assert hexes(new.get_facecolor()) == [COLORS["blue"]]
        assert len(copies.get_facecolor()) == 0
    said = [text.get_text() for text in ax.texts]
    assert said == ["different units in layer 1: 2 of 4", "different units in layer 2: 2 of 2"]
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    assert left < 0
    assert right > 3
    assert bottom < -1
    assert top > 0


# ------------------------------------------------------------------ diagrams


def diagram(ax, groups=(0, 0, 2)):
    parameters = Parameters(
        [np.array([[1.0, -2, 0.5], [3, 4, -0.5]]), np.array([[-1.0], [2], [0.25]])],
        [np.zeros(3), np.zeros(1)],
    )
    return parameters, plotting.network_diagram(ax, parameters, np.array(groups))


def test_a_diagram_has_one_line_for_each_weight(ax):
    parameters, result = diagram(ax)
    assert result is ax
    weights = np.concatenate([W.ravel() for W in parameters.W])
    assert len(ax.lines) == len(weights)
    widths = np.array([line.get_linewidth() for line in ax.lines])
    order = np.argsort(np.abs(weights), kind="stable")
    assert (np.diff(widths[order]) >= 0).all()
    assert widths[np.abs(weights) == 4] == widths.max() > 2 * widths.min()
    for line, weight in zip(ax.lines, weights, strict=True):
        expected = (COLORS["blue"], "-") if weight > 0 else (COLORS["orange"], "--")
        assert (to_hex(line.get_color()), line.get_linestyle()) == expected


def test_lines_run_from_unit_to_unit(ax):
    diagram(ax)
    inputs, hidden, outputs = (dots.get_offsets() for dots in ax.collections)
    assert [len(dots) for dots in (inputs, hidden, outputs)] == [2, 3, 1]
    pairs = [(a, b) for a in inputs for b in hidden] + [(a, b) for a in hidden for b in outputs]
    for line, (a, b) in zip(ax.lines, pairs, strict=True):
        np.testing.assert_allclose(line.get_xydata(), [a, b])


@pytest.mark.parametrize(
    ("groups", "numbers", "distinct"),
    [((0, 0, 2), ["1", "1", "2"], 2), ((0, 0, 0), ["1"] * 3, 1), ((0, 1, 2), ["1", "2", "3"], 3)],
)
def test_units_of_one_group_share_color_and_number(ax, groups, numbers, distinct):
    diagram(ax, groups)
    colors = hexes(ax.collections[1].get_facecolor())
    if len(colors) == 1:
        colors = colors * 3
    assert len(set(colors)) == distinct
    for i in range(3):
        for j in range(3):
            assert (colors[i] == colors[j]) == (groups[i] == groups[j])
    texts = [text.get_text() for text in ax.texts]
    assert texts == [*numbers, "inputs", "hidden units", "outputs"]


def test_a_diagram_shows_one_hidden_layer(ax):
    deep = Parameters([np.ones((2, 2))] * 3, [np.zeros(2)] * 3)
    message = "the diagram shows one hidden layer, got 2"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        plotting.network_diagram(ax, deep, np.array([0, 1]))


# ------------------------------------------------------------------ manners


def test_plots_draw_no_random_numbers_and_touch_no_other_figure(ax):
    state, figures = np.random.get_state()[1].copy(), plt.get_fignums()
    diagram(ax)
    plotting.curves(ax, [0, 1], {"a": np.ones((2, 3))})
    plotting.unit_images(ax, np.eye(4), (2, 2))
    assert np.array_equal(np.random.get_state()[1], state)
    assert plt.get_fignums() == figures


# ------------------------------------------------------------------ whole figures


def test_a_units_figure_has_images_and_dots(rng):
    W, layers = rng.standard_normal((6, 4)), {"layer 1": np.array([0, 0, 2, 0])}
    figure = plotting.units_figure(W, (2, 3), layers)
    image = next(axes.images[0] for axes in figure.axes if axes.images)
    shown = np.ma.compressed(np.ma.masked_invalid(image.get_array()))
    np.testing.assert_array_equal(np.sort(shown), np.sort(W.ravel()))
    said = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert "different units in layer 1: 2 of 4" in said


def test_a_network_figure_shows_the_diagram(ax):
    parameters, drawn = diagram(ax)
    figure = plotting.network_figure(parameters, np.array([0, 0, 2]))
    (own,) = figure.axes
    assert [len(line.get_xydata()) for line in own.lines] == [2] * 9
    for line, expected in zip(own.lines, drawn.lines, strict=True):
        np.testing.assert_array_equal(line.get_xydata(), expected.get_xydata())
    assert figure is not drawn.figure


# ------------------------------------------------------------------ descent


@pytest.mark.parametrize("w", [[1.0, -0.5, 0.25], [1.0, -3.0]])
def test_descent_shows_every_step_on_the_parabola(w):
    w = np.array(w)
    axes = style.new_figure(ncols=2)[1]
    assert plotting.descent(*axes, w, 4.0) == tuple(axes)
    (floor, steps), (path,) = axes[0].lines, axes[1].lines
    np.testing.assert_allclose(floor.get_ydata(), 2 * floor.get_xdata() ** 2)
    assert abs(floor.get_xdata()).max() >= abs(w).max()  # no step lies outside the valley
    np.testing.assert_array_equal(steps.get_xydata(), np.stack([w, 2 * w**2], axis=1))
    np.testing.assert_array_equal(path.get_xydata(), np.stack([np.arange(len(w)), w], axis=1))
    assert axes[0].get_xlabel() == path.axes.get_ylabel() == "w"
