"""Pictures can be read, by eye in either theme and by ear."""

import re
from collections import Counter

import pytest
from website import pages, soup

THEMES = ("light", "dark")
PICTURE = "<svg xmlns"  # tables and questions bear the package's classes, too

# ---------------------------------------------------------------- words for pictures

FILE_NAME = re.compile(r"\S+\.(png|jpe?g|svg|gif|webp)", re.IGNORECASE)


@pytest.mark.parametrize("path", pages())
def test_every_image_has_alt_text(site, path):
    for image in soup(path).select("img"):
        alt = image.get("alt")
        assert alt is not None, image
        assert not alt.startswith("_images/"), image
        assert not FILE_NAME.fullmatch(alt.strip()), image
        # Empty alt text is for ornaments, which the book has only in its controls.
        assert alt.strip() or image.find_parent(["button", "a"]), image


@pytest.mark.parametrize("path", pages())
def test_every_drawing_has_title_and_description(site, path):
    for svg in soup(path).select("article svg"):
        if svg.get("aria-hidden") == "true" or svg.find_parent(attrs={"aria-hidden": "true"}):
            continue
        assert svg.get("role") == "img", str(svg)[:200]
        for part, attribute in (("title", "aria-labelledby"), ("desc", "aria-describedby")):
            words = svg.find(part, recursive=False)
            assert words and words.get_text(strip=True), str(svg)[:200]
            assert svg[attribute].split() == [words["id"]], str(svg)[:200]


@pytest.mark.parametrize("path", pages(PICTURE))
def test_no_caption_repeats_as_title(site, path):
    """Two pictures of a page that a screen reader cannot tell apart."""
    described = [svg.find("desc").get_text() for svg in soup(path).select(".initlab-picture svg")]
    assert len(set(described)) == len(described)


@pytest.mark.parametrize("path", pages())
def test_ids_are_unique(site, path):
    ids = Counter(tag["id"] for tag in soup(path).select("[id]"))
    assert not [name for name, count in ids.items() if count > 1]


# ---------------------------------------------------------------- figures and the theme

# Every text of every frame, with its color and the color of what lies below its middle.
TEXTS = """async () => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const layers = stack => {  // paint what lies there, from the bottom up
    canvas.clearRect(0, 0, 1, 1);
    for (const [color, alpha] of stack) {
      canvas.globalAlpha = alpha;
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const paint = element => {
    const style = getComputedStyle(element);
    if (!(element instanceof SVGElement)) return [style.backgroundColor, 1];
    if (element.matches("svg, g, image, text, tspan")) return ["transparent", 1];
    const kind = style.fill === "none" ? "stroke" : "fill";
    return style[kind] === "none" ? ["transparent", 1]
      : [style[kind], style[kind + "Opacity"] * style.opacity];
  };
  const found = [];
  for (const svg of document.querySelectorAll(".initlab-picture svg, .initlab-explorer svg")) {
    const frames = [...svg.closest("figure")?.querySelectorAll(".frame") ?? []];
    const hidden = frames.map(frame => frame.hidden);
    frames.forEach(frame => { frame.hidden = !frame.contains(svg); });
    svg.scrollIntoView({ block: "center" });
    for (const text of svg.querySelectorAll("text")) {
      if (!text.textContent.trim()) continue;
      const box = text.getBoundingClientRect();
      const stack = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      const below = stack.filter(e => e !== text && !text.contains(e)).reverse().map(paint);
      found.push({
        words: text.textContent.trim(),
        title: svg.querySelector("title").textContent,
        ink: layers([["white", 1], ...below, [getComputedStyle(text).fill, 1]]),
        ground: layers([["white", 1], ...below]),
        fill: getComputedStyle(text).fill,
      });
    }
    frames.forEach((frame, i) => { frame.hidden = hidden[i]; });
  }
  return found;
}"""


def luminance(rgb) -> float:
    parts = [c / 255 for c in rgb[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("path", pages(PICTURE))
def test_figures_follow_the_theme(visit, path):
    seen = {theme: visit(path, theme=theme, formulas=False).evaluate(TEXTS) for theme in THEMES}
    assert len(seen["light"]) == len(seen["dark"]) > 0
    pairs = list(zip(seen["light"], seen["dark"], strict=True))
    assert not [light for light, dark in pairs if light["fill"] == dark["fill"]]
    for texts in seen.values():
        assert not [text for text in texts if contrast(text["ink"], text["ground"]) < 4.5]


# Lines, dots and areas: the colors that carry a figure's meaning.
MARKS = ":is(.initlab-picture, .initlab-explorer) svg :is(path, use, rect)"
COLOR = re.compile(r"(?<![\w-])(?:fill|stroke): *([^;]+)")


@pytest.mark.parametrize("path", pages(PICTURE))
def test_figures_use_the_palette_alone(site, path):
    """A color written as a number would stay as it is when the page turns dark."""
    styles = [mark.get("style", "") for mark in soup(path).select(MARKS)]
    colors = [color for style in styles for color in COLOR.findall(style)]
    assert colors
    strange = [c for c in colors if c != "none" and not c.startswith("var(--initlab-")]
    assert Counter(strange) == {}
