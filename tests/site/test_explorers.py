"""Explorers on the page: every control changes the picture, however it is worked."""

import itertools
import json
import re

import numpy as np
import pytest
from website import EXPLORER, html, pages, soup

EXPLORERS = [
    (page, i) for page in pages(EXPLORER) for i in range(max(1, html(page).count(EXPLORER)))
]
#: For what costs time and depends on the script alone: the first explorer of each page.
FIRST = [where for where in EXPLORERS if where[1] == 0]
LABEL = "legend, :scope:not(fieldset) > label"
THUMB = 16  # px, the handle of a slider in Chromium
PRESSES = 20

READ = """explorer => {
  const frames = [...explorer.querySelectorAll(".frame")].filter(f => f.checkVisibility());
  const words = explorer.querySelector(".frame-words");
  return {
    shown: frames.map(f => f.querySelector("title").textContent),
    description: frames[0]?.querySelector("desc").textContent,
    words: words.checkVisibility() ? words.textContent : null,
    outputs: [...explorer.querySelectorAll("output")].map(o => o.innerText),
    texts: [...explorer.querySelectorAll("input[type=range]")].map(i => i.ariaValueText),
  };
}"""

LATENCIES = """explorer => {
  let pressed;
  window.latencies = [];
  addEventListener("keydown", event => { pressed = event.timeStamp; }, true);
  explorer.addEventListener("input", () => {
    const start = pressed;
    requestAnimationFrame(() => requestAnimationFrame(
      () => latencies.push(performance.now() - start)));
  });
}"""


class Control:
    """One control of an explorer, worked as a person would."""

    def __init__(self, root):
        self.root, self.page = root, root.page
        values = root.get_attribute("data-values")
        self.is_slider = values is not None
        self.input = root.locator("input" if self.is_slider else "input:checked")
        self.values = json.loads(values) if values else root.locator("span").all_inner_texts()
        self.label = root.locator(LABEL).inner_text()
        self.start = int(self.input.get_attribute("value"))

    def place(self, i: int) -> tuple[float, float]:
        """Where on the screen the value ``i`` is chosen."""
        target = self.input if self.is_slider else self.root.locator("label").nth(i)
        target.evaluate("e => e.scrollIntoView({block: 'center'})")
        box = target.bounding_box()
        share = i / (len(self.values) - 1) if self.is_slider else 0.5
        x = box["x"] + THUMB / 2 + share * (box["width"] - THUMB)
        return x, box["y"] + box["height"] / 2

    def choose_by_mouse(self, i: int):
        if self.is_slider:  # drag the handle from where it is
            self.page.mouse.move(*self.place(int(self.input.input_value())))
            self.page.mouse.down()
            self.page.mouse.move(*self.place(i), steps=4)
            self.page.mouse.up()
        else:
            self.page.mouse.click(*self.place(i))

    def choose_by_touch(self, i: int):
        self.page.touchscreen.tap(*self.place(i))

    def next_by_keyboard(self):
        """The next value, after the last the first."""
        at_end = self.is_slider and int(self.input.input_value()) == len(self.values) - 1
        self.page.keyboard.press("Home" if at_end else "ArrowRight")


class Face:
    """An explorer on a page, and the values its controls should have."""

    def __init__(self, root):
        self.root, self.page = root, root.page
        self.controls = [Control(c) for c in root.locator(".control").all()]
        self.at = [control.start for control in self.controls]

    def title(self) -> str:
        return ", ".join(
            f"{c.label} {c.values[i]}" for c, i in zip(self.controls, self.at, strict=True)
        )

    def check(self):
        """One frame is shown, the one that the values name, and all the words follow."""
        seen = self.root.evaluate(READ)
        assert seen["shown"] == [self.title()]
        assert seen["words"] == seen["description"]
        sliders = [c.values[i] for c, i in zip(self.controls, self.at, strict=True) if c.is_slider]
        assert seen["outputs"] == seen["texts"] == sliders

    def picture(self) -> bytes:
        return self.root.locator(".frames").screenshot()

    def try_all(self, number: int, choose) -> int:
        """Choose every value of one control, the first one last; 2 where the picture changed."""
        start, pictures = self.at[number], {self.picture()}
        for i in [*range(len(self.controls[number].values) - 1, -1, -1), start]:
            choose(self.controls[number], i)
            self.at[number] = i
            self.check()
            if i != start and len(pictures) == 1:  # seen by eye once, then by its title
                pictures.add(self.picture())
        return len(pictures)


@pytest.fixture(params=EXPLORERS, ids=lambda where: f"{where[0]}#{where[1]}")
def find(request, visit):
    """``find(**options)`` opens the page of an explorer, with the options of ``visit``."""
    path, index = request.param
    return lambda **options: Face(
        visit(path, formulas=False, **options).locator(".initlab-explorer").nth(index)
    )


on_first = pytest.mark.parametrize(
    "find", FIRST, indirect=True, ids=lambda where: f"{where[0]}#{where[1]}"
)


@on_first
def test_mouse_changes_the_picture(find):
    """And every control has a name of its own, the words are announced."""
    face = find()
    assert face.root.locator(".frame-words").get_attribute("aria-live") == "polite"
    names = [control.label for control in face.controls]
    assert len(set(names)) == len(names)
    for control in face.controls:
        role = "slider" if control.is_slider else "group"
        assert face.root.get_by_role(role, name=control.label, exact=True).count() == 1
    face.check()
    for number, control in enumerate(face.controls):
        assert face.try_all(number, Control.choose_by_mouse) > 1, control.label


@on_first
def test_touch_changes_the_picture(find):
    """And every target is as large as a finger needs."""
    face = find(width=390, touch=True)
    for control in face.controls:
        targets = control.input if control.is_slider else control.root.locator("label")
        for target in targets.all():
            box = target.bounding_box()
            assert min(box["width"], box["height"]) >= 24, (control.label, box)
    face.check()
    for number, control in enumerate(face.controls):
        assert face.try_all(number, Control.choose_by_touch) > 1, control.label


FOCUS_BEFORE = """explorer => [...document.querySelectorAll(
  "a[href], button, input, summary, [tabindex]")].filter(e => e.checkVisibility() &&
    e.tabIndex >= 0 && !explorer.contains(e) &&
    e.compareDocumentPosition(explorer) & Node.DOCUMENT_POSITION_FOLLOWING).pop().focus()"""

FOCUS = """explorer => {
  const it = document.activeElement;
  const ring = getComputedStyle(it.type === "radio" ? it.nextElementSibling : it);
  return {
    control: [...explorer.querySelectorAll(".control")].findIndex(c => c.contains(it)),
    ring: ring.outlineStyle === "none" ? 0 : parseFloat(ring.outlineWidth),
  };
}"""


def test_keyboard_changes_the_picture(find):
    face = find()
    press = face.page.keyboard.press
    face.root.evaluate(FOCUS_BEFORE)
    for number, control in enumerate(face.controls):
        press("Tab")
        focus = face.root.evaluate(FOCUS)
        assert focus["control"] == number, "Tab does not lead from control to control"
        assert focus["ring"] >= 2, "the focus cannot be seen"
        last, pictures = len(control.values) - 1, {face.picture()}

        def expect(i, number=number, pictures=pictures, control=control):
            face.at[number] = i
            face.check()
            if i != control.start and len(pictures) == 1:  # seen by eye once, then by its title
                pictures.add(face.picture())

        if control.is_slider:
            for key, i in (("End", last), ("ArrowLeft", last - 1), ("Home", 0), ("ArrowDown", 0)):
                press(key)
                expect(i)
            for i in range(1, last + 1):
                press("ArrowUp" if i % 2 else "ArrowRight")
                expect(i)
        else:
            for step in range(1, last + 2):
                press("ArrowDown" if step % 2 else "ArrowRight")
                expect((control.start + step) % (last + 1))
        assert len(pictures) > 1, control.label
    press("Tab")
    assert face.root.evaluate(FOCUS)["control"] == -1, "Tab does not lead out again"


def test_every_combination_shows_its_own_frame(find):
    face = find()
    sizes = [len(control.values) for control in face.controls]
    for number, control in enumerate(face.controls):
        control.input.focus()
        while face.at[number]:
            control.next_by_keyboard()
            face.at[number] = (face.at[number] + 1) % sizes[number]
    titles = []
    for combination in itertools.product(*map(range, sizes)):
        for number, i in enumerate(combination):
            if face.at[number] != i:
                face.controls[number].input.focus()
                face.controls[number].next_by_keyboard()
                face.at[number] = i
        face.check()
        titles.append(face.title())
    assert len(set(titles)) == len(titles) == face.root.locator(".frame").count()


@pytest.mark.parametrize(("path", "index"), EXPLORERS)
def test_frames_that_differ_are_described_differently(site, path, index):
    frames = soup(path).select(".initlab-explorer")[index].select(".frame svg")
    drawn = [parts(frame) for frame in frames]
    titles, descriptions, _ = zip(*drawn, strict=True)
    assert len(set(titles)) == len(titles)
    assert all(len(words.split()) >= 8 for words in descriptions)
    pictures = {}
    for title, words, markup in drawn:
        pictures.setdefault(words, {}).setdefault(markup, title)
    shared = {words: [*others.values()] for words, others in pictures.items() if len(others) > 1}
    assert not shared, "one description for pictures that differ"


def parts(svg) -> tuple[str, str, str]:
    """Title, description, and the drawing itself, without the ids that are made from the words."""
    title, description = (svg.find(name, recursive=False) for name in ("title", "desc"))
    drawing = "".join(str(part) for part in svg.contents if part not in (title, description))
    return title.get_text(), description.get_text(), re.sub(r"f[0-9a-f]{8}", "", drawing)


@on_first
def test_without_scripts_the_first_frame_stays(find):
    root = find(scripts=False).root
    assert not root.locator("form").is_visible()
    visible = [frame for frame in root.locator(".frame").all() if frame.is_visible()]
    assert len(visible) == 1
    assert visible[0].bounding_box()["height"] > 50
    words = root.locator(".frame-words")
    assert words.is_visible()
    assert words.inner_text() == visible[0].locator("desc").text_content()
    assert root.locator("figcaption").is_visible()
    assert root.locator("figcaption").inner_text().strip()


@on_first
def test_time_from_key_to_picture(find, benchmark, request):
    """A benchmark: from a key press to the second animation frame after it, in the page."""
    face = find()
    face.root.evaluate(LATENCIES)
    sliders = [control for control in face.controls if control.is_slider]
    control = max(sliders or face.controls, key=lambda c: len(c.values))
    control.input.focus()
    for count in range(1, PRESSES + 1):
        control.next_by_keyboard()
        face.page.wait_for_function("n => latencies.length === n", arg=count)
    p50, p95 = np.percentile(face.page.evaluate("latencies"), [50, 95])
    where = request.node.callspec.params["find"]
    benchmark(
        f"key press to changed picture, {where[0]}#{where[1]}, {PRESSES} presses",
        f"p50 {p50:.1f} ms, p95 {p95:.1f} ms",
    )
