"""Two faces of a figure; the one for the page is taken apart as XML."""

import io
import re
from base64 import b64decode
from xml.etree import ElementTree

import matplotlib.image
import numpy as np
import pytest
from matplotlib.figure import Figure

from initlab import style
from initlab.pictures import PNG_DPI, Picture, describe, on_site
from initlab.style import COLORS

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
pytestmark = pytest.mark.usefixtures("house_style")


def example(height=3.0, power=2.0):
    figure, (left, right) = style.new_figure(height, ncols=2)
    x = np.linspace(0, 1, 20)
    left.plot(x, x**power, label="curve")
    left.scatter(x, x, color=COLORS["orange"])
    left.set_title("A <title> & more")
    left.legend()
    right.imshow(np.outer(x, x))
    return figure


def words(element):
    return [t for e in element.iter(f"{SVG}text") for t in ["".join(e.itertext()).strip()] if t]


def references(element):
    """Every id that anything in the element points at."""
    text = ElementTree.tostring(element, encoding="unicode")
    linked = [e.get(HREF)[1:] for e in element.iter() if (e.get(HREF) or "").startswith("#")]
    named = [e.get(k) for e in element.iter() for k in ("aria-labelledby", "aria-describedby")]
    return {*re.findall(r"url\(#([^)]+)\)", text), *linked, *filter(None, named)}


def ids(element):
    return [e.get("id") for e in element.iter() if e.get("id")]


@pytest.fixture
def svg():
    return ElementTree.fromstring(describe(example(), 'x < y & "z"').svg("Frame <1>"))


def test_the_svg_is_well_formed_and_described(svg):
    assert svg.tag == f"{SVG}svg"
    assert svg.get("role") == "img"
    title, desc = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert (title.text, desc.text) == ("Frame <1>", 'x < y & "z"')
    assert svg.get("aria-labelledby") == title.get("id")
    assert svg.get("aria-describedby") == desc.get("id")
    assert [child.tag for child in svg][:2] == [f"{SVG}title", f"{SVG}desc"]
    assert "A <title> & more" in words(svg)


def test_ids_are_unique_and_every_reference_resolves(svg):
    assert len(ids(svg)) == len(set(ids(svg)))
    assert references(svg) == set(ids(svg))  # none dangling, none that nobody points at
    assert len(references(svg)) > 3


def test_ids_differ_between_pictures():
    # Equal figures with other words, too: a page may show the same frame in two places.
    def marked(description, title, power=2):
        figure = example(power=power)
        return set(ids(ElementTree.fromstring(describe(figure, description).svg(title))))

    own = marked("one", "Figure")
    assert own == marked("one", "Figure")
    others = [marked("two", "Figure"), marked("one", "Other"), marked("one", "Figure", power=3)]
    assert all(own.isdisjoint(other) for other in others)


def test_the_svg_scales_with_the_page(svg):
    assert svg.get("width") is None
    assert svg.get("height") is None
    x, y, width, height = map(float, svg.get("viewBox").split())
    assert (x, y) == (0, 0)
    assert width / height == pytest.approx(5.6 / 3.0)


def test_palette_colors_became_variables(svg):
    text = ElementTree.tostring(svg, encoding="unicode")
    for name in ("ink", "muted", "grid", "blue", "orange"):
        assert f"var(--initlab-{name},{COLORS[name]})" in text
    bare = re.sub(r"var\(--initlab-\w+,#[0-9a-f]{6}\)", "", text)
    assert not [color for color in COLORS.values() if color in bare]


def test_a_color_that_is_not_of_the_palette_stays():
    figure, ax = style.new_figure()
    ax.plot([0, 1], color="#123456")
    assert "#123456" in describe(figure, "d").svg("t")


def test_text_follows_the_page(svg):
    texts = [e for e in svg.iter(f"{SVG}text") if "".join(e.itertext()).strip()]
    assert len(texts) > 5
    for element in texts:
        declared = dict(re.findall(r"([\w-]+):\s*([^;]+)", element.get("style")))
        assert re.fullmatch(r"calc\(var\(--initlab-text,1\)\*[\d.]+px\)", declared["font-size"])
        assert declared.keys().isdisjoint({"font", "font-family"})
    title = next(e for e in texts if "title" in "".join(e.itertext()))
    assert re.search(r"font-weight:\s*(bold|700)", title.get("style"))


def test_numbers_in_words_keep_their_digits():
    figure, ax = style.new_figure()
    ax.plot([0, 1], [0.001, 0.002])
    ax.set_title("rate 0.00125")
    shown = words(ElementTree.fromstring(describe(figure, "d").svg("t")))
    assert "rate 0.00125" in shown
    assert "0.0010" in shown


def test_words_in_the_picture_may_look_like_anything():
    figure, ax = style.new_figure()
    ax.set_title("a > b & \"c\" 'd' <e>")
    svg = describe(figure, "a > b & \"c\" 'd' <e>").svg("a > b & \"c\" 'd' <e>")
    root = ElementTree.fromstring(svg)
    assert "a > b & \"c\" 'd' <e>" in words(root)
    assert root.find(f"{SVG}title").text == root.find(f"{SVG}desc").text


def test_nothing_of_the_file_is_left(svg):
    text = describe(example(), "d").svg("t")
    assert text.startswith("<svg ")
    assert text.endswith("</svg>")
    for foreign in ("<?xml", "<!DOCTYPE", "<metadata", "<!--", "Matplotlib"):
        assert foreign not in text


def test_output_is_the_same_every_time():
    def both():
        picture = describe(example(), "d")
        return picture.svg("t"), picture.png()

    assert both() == both()
    assert describe(example(power=3), "d").svg("t") != describe(example(), "d").svg("t")


def test_a_steady_picture_is_the_same_at_every_look():
    # (A layout that fits itself around labels moves by a hair when it is drawn again.)
    figure, ax = style.new_figure(steady=True)
    ax.plot([1, 3, 2])
    picture = describe(figure, "d")
    first = picture.svg("t")
    picture.png()
    assert picture.svg("t") == first


def test_the_png_is_sharp_and_on_white():
    image = matplotlib.image.imread(io.BytesIO(describe(example(), "d").png()))
    assert image.shape[:2] == (round(3.0 * PNG_DPI), round(5.6 * PNG_DPI))
    assert (image[[0, 0, -1, -1], [0, -1, 0, -1]] == 1).all()
    assert image.min() < 0.2  # and something is drawn on it


@pytest.mark.parametrize(
    ("value", "expected"), [(None, False), ("", False), ("0", False), ("1", True)]
)
def test_the_environment_says_whether_the_site_is_built(value, expected, monkeypatch):
    monkeypatch.delenv("INITLAB_SITE", raising=False)
    if value is not None:
        monkeypatch.setenv("INITLAB_SITE", value)
    assert on_site() is expected


def test_the_face_in_a_notebook(live):
    picture = describe(example(), "what is seen")
    bundle = picture._repr_mimebundle_()
    assert bundle.keys() == {"text/plain", "image/png"}
    assert bundle["text/plain"] == repr(picture) == "what is seen"
    assert b64decode(bundle["image/png"]) == picture.png()


def test_the_face_on_the_page(on_site):
    picture = describe(example(), "what is seen")
    bundle = picture._repr_mimebundle_()
    assert bundle.keys() == {"text/plain", "text/html"}
    assert bundle["text/plain"] == "what is seen"
    root = ElementTree.fromstring(f"<body>{bundle['text/html']}</body>")
    assert root.find("style").text == style.stylesheet()
    assert root.find(f"div[@class='initlab-picture']/{SVG}svg/{SVG}desc").text == "what is seen"


@pytest.mark.parametrize("bad", [None, "figure", 3])
def test_only_figures_are_pictures(bad):
    with pytest.raises(TypeError, match=r"^figure must be a matplotlib Figure, got ") as caught:
        describe(bad, "words")
    assert str(caught.value).endswith(repr(bad))


@pytest.mark.parametrize("bad", ["", "  \n", None, 3])
def test_a_picture_needs_words(bad):
    with pytest.raises(ValueError, match=r"^description must say what is seen, got ") as caught:
        Picture(Figure(), bad)
    assert str(caught.value).endswith(repr(bad))
