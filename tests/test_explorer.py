"""One object, two faces: ipywidgets in a live notebook, a form over frames on the page."""

import json
import re
import time
from xml.etree import ElementTree

import ipywidgets as widgets
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from initlab import style
from initlab.explorer import Explorer, explorer
from initlab.pictures import describe

SVG = "{http://www.w3.org/2000/svg}"
pytestmark = pytest.mark.usefixtures("house_style")

# HTML that XML does not know: attributes without a value, and elements that do not close.
BARE = re.compile(r" (hidden|checked)(?=[ />])")


class Drawing:
    """A function to explore that counts what it draws."""

    def __init__(self):
        self.calls = []

    def __call__(self, step=10, start="random"):
        self.calls.append((step, start))
        figure, ax = style.new_figure(steady=True)
        ax.plot(np.arange(5) ** (1 + step / 10), color=style.COLORS["blue"])
        ax.set_title(start)
        return describe(
            figure, f"At step {step} the {start} line ends at {4 ** (1 + step / 10):.1f}."
        )


VALUES = {"step": [0, 5, 10], "start": ["equal", "random"]}


@pytest.fixture
def drawing():
    return Drawing()


@pytest.fixture
def example(drawing):
    return explorer(drawing, caption="A line & its <end>.", **VALUES)


def parse(page):
    page = BARE.sub(r' \1=""', page)
    return ElementTree.fromstring(
        re.sub(r"(<input[^>]*[^/])>", r"\1/>", page).join(["<b>", "</b>"])
    )


def controls_of(box):
    return {c.description: c for c in box.children[0].children}


def screen_of(box):
    return box.children[1].value


# ------------------------------------------------------------------ frames


def test_defaults_of_draw_choose_the_first_frame(example, drawing):
    assert example.start == {"step": 10, "start": "random"}
    assert repr(example) == "At step 10 the random line ends at 16.0."
    assert drawing.calls == [(10, "random")]


def test_without_defaults_the_first_values_are_shown():
    made = explorer(lambda a, b=2: Figure(), caption="c", a=[3, 1], b=[1, 2])
    assert made.start == {"a": 3, "b": 2}


def test_a_frame_is_drawn_once(example, drawing):
    assert example.frame(step=5, start="equal") is example.frame(start="equal", step=5)
    assert drawing.calls == [(5, "equal")]


def test_frames_come_in_order_with_the_last_control_fastest(example, drawing):
    frames = example.frames()
    expected = [(s, t) for s in VALUES["step"] for t in VALUES["start"]]
    assert [(values["step"], values["start"]) for values, _ in frames] == expected
    assert drawing.calls == expected
    assert all(f"step {values['step']} " in picture.description for values, picture in frames)


def test_titles_say_the_values():
    assert Explorer.title({"step": 10, "hidden_units": "two"}) == "step 10, hidden units two"


def test_a_plain_figure_is_accepted_and_described_by_its_values():
    made = explorer(lambda hidden_units: Figure(), caption="c", hidden_units=[1, 2])
    assert made.frame(hidden_units=2).description == "hidden units 2"
    assert repr(made) == "hidden units 1"


@pytest.mark.parametrize("bad", [None, "figure", 3])
def test_what_is_no_picture_is_refused(bad):
    made = explorer(lambda a: bad, caption="c", a=[1])
    with pytest.raises(
        TypeError, match=r"^draw must return a matplotlib Figure, or a Picture"
    ) as e:
        made.frame(a=1)
    assert str(e.value).endswith(f"got {bad!r}")


# ------------------------------------------------------------------ the page's face


def test_the_page_has_all_frames_and_shows_the_first(on_site, example, drawing):
    bundle = example._repr_mimebundle_()
    assert bundle.keys() == {"text/plain", "text/html"}
    assert bundle["text/plain"] == repr(example)
    assert sorted(drawing.calls) == sorted((s, t) for s in VALUES["step"] for t in VALUES["start"])
    frames = parse(bundle["text/html"]).findall(".//div[@class='frame']")
    titles = [frame.find(f"{SVG}svg/{SVG}title").text for frame in frames]
    expected = [f"step {s}, start {t}" for s in VALUES["step"] for t in VALUES["start"]]
    assert titles == expected
    shown = [title for title, f in zip(titles, frames, strict=True) if f.get("hidden") is None]
    assert shown == ["step 10, start random"]


def test_frames_are_described_one_by_one(on_site, example):
    page = parse(example.to_html())
    pictures = page.findall(f".//{SVG}svg")
    words = [svg.find(f"{SVG}desc").text for svg in pictures]
    assert len(set(words)) == len(words) == 6
    assert all(svg.get("role") == "img" for svg in pictures)
    assert (
        page.find(".//p[@class='frame-words']").text == "At step 10 the random line ends at 16.0."
    )
    assert page.find(".//figcaption").text == "A line & its <end>."


def test_ids_are_unique_across_frames_and_every_reference_resolves(on_site, example):
    page = parse(example.to_html())
    ids = [e.get("id") for e in page.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    text = ElementTree.tostring(page, encoding="unicode")
    pointed = {*re.findall(r"url\(#([^)]+)\)", text), *re.findall(r'href="#([^"]+)"', text)}
    for name in ("aria-labelledby", "aria-describedby", "for"):
        pointed |= {e.get(name) for e in page.iter() if e.get(name)}
    assert pointed <= set(ids)
    assert len(pointed) > 6 * 3
    # Each frame points only at ids of its own.
    for svg in page.findall(f".//{SVG}svg"):
        own = {e.get("id") for e in svg.iter() if e.get("id")}
        assert set(re.findall(r"#(f[0-9a-f]{8}\w*)", ElementTree.tostring(svg).decode())) <= own


def test_the_form_is_made_of_native_controls_with_names(on_site, example):
    page = parse(example.to_html())
    form = page.find(".//form")
    assert form.get("hidden") is not None  # scripts show it; without them it would do nothing
    assert form.get("aria-label")
    slider, buttons = form.findall("*")
    rail = slider.find("input")
    assert (rail.get("type"), rail.get("min"), rail.get("max"), rail.get("value")) == (
        "range", "0", "2", "2",
    )  # fmt: skip
    assert rail.get("aria-valuetext") == slider.find("output").text == "10"
    assert slider.find("label").text == "step"
    assert slider.find("label").get("for") == rail.get("id") == slider.find("output").get("for")
    assert json.loads(slider.get("data-values")) == ["0", "5", "10"]
    assert (slider.get("data-size"), buttons.get("data-size")) == ("3", "2")
    assert buttons.tag == "fieldset"
    assert buttons.find("legend").text == "start"
    radios = buttons.findall("label/input")
    assert [r.get("value") for r in radios] == ["0", "1"]
    assert [r.get("checked") is not None for r in radios] == [False, True]
    assert len({r.get("name") for r in radios}) == 1
    assert [span.text for span in buttons.findall("label/span")] == ["equal", "random"]


def test_strange_words_are_escaped(on_site):
    made = explorer(lambda kind: Figure(), caption='<b>"&', kind=['a<b>&"', "c'd"])
    page = parse(made.to_html())
    assert page.find(".//figcaption").text == '<b>"&'
    assert [span.text for span in page.findall(".//fieldset/label/span")] == ['a<b>&"', "c'd"]
    made = explorer(lambda n: Figure(), caption="c", n=[1e-3, 0.5, 2])
    page = parse(made.to_html())
    assert json.loads(page.find(".//div[@data-values]").get("data-values")) == ["0.001", "0.5", "2"]


def test_explorers_do_not_share_ids(on_site):
    pages = [
        parse(explorer(lambda a: Figure(), caption=caption, a=values).to_html())
        for caption, values in [("one", [1, 2]), ("two", [1, 2]), ("one", [1, 3])]
    ]
    figures = [page.find(".//figure").get("id") for page in pages]
    sliders = [page.find(".//input").get("id") for page in pages]
    assert len(set(figures + sliders)) == 6


def test_the_page_is_the_same_every_time(on_site):
    first, second = (explorer(Drawing(), caption="c", **VALUES).to_html() for _ in range(2))
    assert first == second
    assert explorer(Drawing(), caption="c", step=[0, 10]).to_html() != first


# ------------------------------------------------------------------ the notebook's face


def test_showing_a_live_explorer_draws_one_frame(live, example, drawing):
    bundle = example._repr_mimebundle_()
    assert drawing.calls == [(10, "random")]
    assert bundle.keys() == {
        "text/plain", "image/png", "application/vnd.jupyter.widget-view+json",
    }  # fmt: skip
    assert bundle["text/plain"] == repr(example)
    assert bundle["image/png"].startswith("iVBOR")


def test_moving_a_control_draws_the_frame_it_asks_for(live, example, drawing):
    box = example.to_widget()
    controls = controls_of(box)
    assert isinstance(controls["step"], widgets.SelectionSlider)
    assert isinstance(controls["start"], widgets.ToggleButtons)
    assert (controls["step"].value, controls["start"].value) == (10, "random")
    assert "At step 10 the random line" in screen_of(box)
    controls["step"].value = 5
    assert "At step 5 the random line" in screen_of(box)
    assert "At step 10" not in screen_of(box)
    controls["start"].value = "equal"
    assert "At step 5 the equal line" in screen_of(box)
    assert "<title" in screen_of(box)
    assert "step 5, start equal" in screen_of(box)
    assert drawing.calls == [(10, "random"), (5, "random"), (5, "equal")]
    controls["start"].value = "random"  # seen before: remembered, not drawn again
    assert "At step 5 the random line" in screen_of(box)
    assert len(drawing.calls) == 3


def test_two_views_of_one_explorer_move_apart(live, example):
    one, two = example.to_widget(), example.to_widget()
    controls_of(one)["step"].value = 0
    assert "At step 0 " in screen_of(one)
    assert "At step 10 " in screen_of(two)


def test_the_live_face_has_its_words_and_a_caption(live, example):
    box = example.to_widget()
    assert "A line &amp; its &lt;end&gt;." in box.children[2].value
    assert style.stylesheet() in screen_of(box)
    body = re.sub(r"<style>.*?</style>", "", screen_of(box), count=1)
    ElementTree.fromstring(f"<b>{body}</b>")


# ------------------------------------------------------------------ progress and speed


def test_progress_goes_where_the_build_says(on_site, example, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("INITLAB_PROGRESS", str(tmp_path / "terminal"))
    example.frames()
    assert "6/6" in (tmp_path / "terminal").read_text()
    assert "A line & its <end>." in (tmp_path / "terminal").read_text()
    assert capsys.readouterr() == ("", "")


def test_on_the_site_without_a_terminal_there_is_no_bar(on_site, example, capsys):
    example.frames()
    assert capsys.readouterr() == ("", "")


def test_elsewhere_the_bar_is_on_standard_error(live, example, capsys):
    example.frames()
    out, err = capsys.readouterr()
    assert out == ""
    assert "6/6" in err


def test_benchmark_of_24_frames(on_site, monkeypatch, benchmark):
    values = {"step": list(range(12)), "start": ["equal", "random"]}
    began = time.perf_counter()
    page = explorer(Drawing(), caption="c", **values).to_html()
    benchmark("24 frames for the site", f"{time.perf_counter() - began:.2f} s")
    assert page.count("<svg ") == 24
    monkeypatch.delenv("INITLAB_SITE")
    began = time.perf_counter()
    explorer(Drawing(), caption="c", **values)._repr_mimebundle_()
    benchmark("first picture of a live explorer", f"{time.perf_counter() - began:.2f} s")


# ------------------------------------------------------------------ refusals


def figure_of(a=1):
    return Figure()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"draw": "draw"}, TypeError, "draw must be a function that returns a figure, got 'draw'"),
        ({"caption": "  "}, ValueError, "caption must be a sentence, got '  '"),
        ({"caption": None}, ValueError, "caption must be a sentence, got None"),
        ({"a": None}, TypeError, "control a must be a list of values, got None"),
        ({"a": "abc"}, TypeError, "control a must be a list of values, got 'abc'"),
        ({"a": 5}, TypeError, "control a must be a list of values, got 5"),
        ({"a": []}, ValueError, "control a must have at least one value, got an empty list"),
        ({"a": [1, "x"]}, TypeError,
         "control a must be all numbers or all strings, got [1, 'x']"),
        ({"a": [True, False]}, TypeError,
         "control a must be all numbers or all strings, got [True, False]"),
        ({"a": [1, 2, 1]}, ValueError, "control a has a value twice: [1, 2, 1]"),
        ({"a": ["x", "x"]}, ValueError, "control a has a value twice: ['x', 'x']"),
        ({"a": [2, 3]}, ValueError, "draw starts with a=1, which is not among [2, 3]"),
        ({"b": [1]}, TypeError, "draw does not take the controls ['a', 'b']: "),
        ({"draw": lambda a, c: Figure()}, TypeError, "draw does not take the controls ['a']: "),
    ],
)  # fmt: skip
def test_refusals(arguments, error, message):
    arguments = {"draw": figure_of, "caption": "c", "a": [1, 2], **arguments}
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        explorer(arguments.pop("draw"), **arguments)


def test_an_explorer_needs_a_control():
    with pytest.raises(ValueError, match=r"^an explorer needs at least one control, such as step="):
        explorer(figure_of, caption="c")
    with pytest.raises(TypeError, match="caption"):
        explorer(figure_of, a=[1])


@pytest.mark.parametrize("values", [range(1, 4), (1, 2, 3), np.array([1, 2, 3]), iter([1, 2, 3])])
def test_values_may_come_in_any_order_keeping_container(values, live):
    made = explorer(figure_of, caption="c", a=values)
    assert made.controls == {"a": [1, 2, 3]}
    assert all(type(value) is int for value in made.controls["a"])


def test_drawing_does_not_touch_the_callers_figures(live, example):
    before = plt.get_fignums()
    example.to_widget()
    assert plt.get_fignums() == before
