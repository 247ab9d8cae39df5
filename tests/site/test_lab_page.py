"""The lab in the browser: every preset keeps its word, and nothing is lost on the way.

One page serves a whole test where only the settings change: another address is followed, as by a
link, and the lab goes along.
"""

import gzip
import re

import numpy as np
import pytest
import yaml
from heaps import Heaps
from helpers import PACKAGE, ROOT
from labpage import LAB, PROMISES, LabPage
from website import SITE, html, pages, soup

from initlab.initializers import glorot_normal
from initlab.lab import Lab
from initlab.network import MLP

BUDGET = 60e3  # bytes, gzipped: the page and its own script and style


@pytest.fixture
def open_lab(visit):
    def open_at(fragment="preset=wavefront", step=None, **options) -> LabPage:
        return LabPage(visit(f"{LAB}#{fragment}", formulas=False, **options)).settle(step)

    return open_at


def presets() -> list[str]:
    return [card["id"].split("=")[1] for card in soup(LAB).select(".lab-preset")]


# ---------------------------------------------------------------- experiments


def test_every_preset_keeps_its_word(open_lab):
    lab = open_lab("preset=wavefront&step=1")
    steps = lab.page.evaluate("() => document.querySelector('.initlab-lab').lab.presetSteps")
    assert set(presets()) == set(PROMISES) == set(steps)
    broken = {}
    for name, promise in PROMISES.items():
        start = lab.follow(f"preset={name}", 0).sides()
        end = lab.follow(f"preset={name}&step={steps[name]}", steps[name]).sides()
        assert lab.notices == ""
        kept = list(promise(start, end))
        if not all(kept):
            broken[name] = kept
    assert broken == {}


def test_the_wave_goes_down_one_lamp_a_step(open_lab):
    lab = open_lab()
    lamps = lab.root.locator(".lab-layers-of.lab-left .lab-lamp")
    shown = []
    for step in range(6):
        shown.append(lamps.evaluate_all("found => found.map(e => +e.classList.contains('lit'))"))
        lab.press("One step", step + 1)
    # The last layer is on top.
    assert shown == [[1] * step + [0] * (5 - step) for step in range(6)]
    said = lab.root.locator(".lab-status")
    lab.page.wait_for_function(
        "status => /Step \\d/.test(status.textContent)", arg=said.element_handle()
    )
    assert said.get_attribute("aria-live") == "polite"


def test_rewind_restores_the_very_weights_and_the_way_forward(open_lab):
    lab = open_lab("preset=glorot-he&batch_size=16")
    first, shown = lab.parameters(), lab.sides()
    lab.follow("preset=glorot-he&batch_size=16&step=40", 40)
    later = lab.parameters()
    assert later != first
    lab.press("Rewind to step 0", 0)
    assert lab.parameters() == first
    assert lab.sides()[0]["loss"] == shown[0]["loss"]
    lab.scrubber.evaluate("e => { e.value = e.max; e.dispatchEvent(new Event('input')) }")
    lab.settle(40)
    assert lab.parameters() == later


def test_play_pause_and_the_curve_grow_together(open_lab):
    lab = open_lab("preset=equal-units&speed=most")
    lab.root.get_by_role("button", name="Play", exact=True).click()
    lab.page.wait_for_function("document.querySelector('.initlab-lab').lab.frame.step > 30")
    lab.press("Pause")
    step = lab.sides()[0]["step"]
    history = "document.querySelector('.initlab-lab').lab.chart.histories[0].steps"
    assert lab.page.evaluate(f"{history}[0]") == 0
    assert 0.5 * step < lab.page.evaluate(f"{history}.at(-1)") <= step
    assert lab.address.endswith(f"step={step}")


# ---------------------------------------------------------------- the address


def test_an_address_restores_the_very_state(open_lab):
    own = (
        "data=spirals&n_samples=120&n_classes=3&depth=4&width=5&activation=gelu"
        "&loss=softmax_cross_entropy&weights=equal_columns(normal(0.7))&biases=uniform(0.1)"
        "&learning_rate=0.05&batch_size=30&seed=4294967295&right.weights=orthogonal(1.5)"
        "&speed=4&step=7"
    )
    lab = open_lab(own, 7)
    assert lab.notices == ""
    assert sorted(lab.address.split("&")) == sorted(own.split("&"))
    before = lab.parameters(), lab.sides()
    again = open_lab(lab.address, 7)
    assert (again.parameters(), again.sides()) == before
    # What a reader chooses is written there, too, and is what the networks then are.
    again.page.locator(".lab-settings summary").click()
    again.root.get_by_label("activation", exact=True).select_option("relu")
    again.settle(0)
    assert "activation=relu" in again.address
    assert again.sides()[0]["dead"][0] >= 0


def test_the_setting_that_differs_stands_once_for_each_network(open_lab):
    lab = open_lab("data=xor&right.weights=zeros")
    lab.page.locator(".lab-settings summary").click()
    weights = lab.root.get_by_label(re.compile("^weights")).locator("visible=true")
    assert weights.evaluate_all("found => found.map(e => e.labels[0].textContent)") == [
        "weights, left",
        "weights, right",
    ]
    # A box that holds the default 0 is not an empty one.
    assert lab.root.get_by_label("lower input", exact=True).input_value() == "0"
    lab.root.get_by_label("weights, left", exact=True).select_option("he_normal")
    lab.settle(0)
    assert "data=xor&weights=he_normal&right.weights=zeros" in lab.address
    lab.root.get_by_label("setting that differs", exact=True).select_option("")
    lab.settle(0)
    assert lab.root.get_by_label("weights", exact=True).input_value() == "he_normal"
    assert lab.root.locator(".lab-loss .lab-readout").inner_text().startswith("step 0: 0.")


def test_a_button_goes_to_the_step_at_which_a_sentence_is_true(open_lab):
    lab = open_lab("preset=vanishing&step=2", 2)
    chosen = lab.root.get_by_label("Experiment", exact=True)
    chosen.select_option("orthogonal")
    lab.settle(0)
    # Whoever asked for little motion gets little by choosing, too.
    assert lab.root.get_by_label("speed", exact=True).input_value() == "1"
    chosen.select_option("wavefront")
    lab.press("Go to step 6", 6)
    assert lab.sides()[0]["lit"] == [5, 4, 3, 2, 1]
    lab.root.get_by_label("learning rate", exact=True).evaluate(
        "e => { e.value = 1; e.dispatchEvent(new Event('change')) }"
    )
    lab.settle(0)
    assert lab.root.get_by_role("button", name=re.compile("^Go to step")).count() == 0


def test_a_network_that_diverges_says_where_it_stopped(open_lab):
    lab = open_lab(
        "learning_rate=1e6&loss=squared_error&activation=identity&weights=normal(2)"
        "&right.learning_rate=0.001&step=10"
    )
    stopped = lab.sides()[0]["diverged"]
    assert 0 < stopped < 10
    lab.press("One step", 11)
    said = lab.root.locator(".lab-status")
    lab.page.wait_for_function(
        "status => status.textContent.startsWith('Step 11.')", arg=said.element_handle()
    )
    assert f"Loss: left not finite at step {stopped}, where training ends, right " in (
        said.inner_text()
    )
    assert lab.root.locator(".lab-loss .lab-readout").inner_text().startswith("step 11: left –, ")


def test_absurd_addresses_are_answered_and_repaired(open_lab):
    lab = open_lab(
        "depth=1e9&width=NaN&activation=<script>alert(1)</script>&weights=normal(-1)"
        "&right.data=xor&speed=warp&step=-1&preset=nonsense&nonsense=1&batch_size=" + "9" * 5000
    )
    told = lab.notices.splitlines()
    assert told[0].startswith("This address asks for something that the lab does not have.")
    assert "depth must be a whole number of at least 1 and at most 8, got 1000000000" in told
    assert "width must be a whole number of at least 1 and at most 32, got nan" in told
    for start in (
        "unknown activation: got '<script>alert(1)</script>', allowed are 'identity', ",
        "std must be a finite number and at least 0, got -1",
        "the networks cannot differ in 'data'; allowed are 'weights', ",
        "unknown speed: got 'warp', allowed are '1', ",
        "step must be a whole number of at least 0 and at most 20000, got -1",
        "unknown preset: got 'nonsense', allowed are 'equal-units', ",
        "unknown setting: got 'nonsense', allowed are 'data', ",
        "batch_size must be ",
    ):
        assert any(line.startswith(start) for line in told), (start, told)
    assert max(map(len, told)) < 500
    assert lab.root.locator(".lab-notices").get_attribute("role") == "alert"
    settings = lab.page.evaluate("document.querySelector('.initlab-lab').lab.state.settings")
    assert (settings["depth"], settings["width"], settings["activation"]) == (3, 8, "tanh")
    lab.press("One step", 1)
    assert lab.sides()[0]["loss"] > 0
    lab.follow("preset=wavefront", 0)
    assert lab.notices == ""


def test_a_bad_number_in_a_box_is_refused_where_it_stands(open_lab):
    lab = open_lab("preset=vanishing")
    box = lab.root.get_by_label("weights, left: std", exact=True)
    box.fill("-3")
    box.press("Enter")
    assert "std must be a finite number and at least 0, got -3" in lab.notices
    assert box.get_attribute("aria-invalid") == "true"
    assert "vanishing" in lab.address
    box.fill("0.5")
    box.press("Enter")
    lab.settle(0)
    assert (lab.notices, box.get_attribute("aria-invalid")) == ("", None)
    assert "weights=normal(0.5)" in lab.address


# ---------------------------------------------------------------- for everybody


def test_without_scripts_each_preset_is_a_picture_and_a_sentence(visit):
    page = visit(LAB, scripts=False)
    assert page.locator(".lab-without").bounding_box()["y"] < 500  # seen without scrolling
    assert page.locator("h2").first.bounding_box()["y"] < 844
    cards = page.locator(".lab-preset")
    assert cards.count() == len(PROMISES)
    for card in cards.all():
        assert card.locator("svg").is_visible()
        assert len(card.locator("p").first.inner_text().split()) > 20
        assert len(card.locator("desc").text_content().split()) > 10


def test_every_chapter_leads_to_its_preset():
    linked = {
        path: re.findall(r'href="lab\.html#preset=([\w-]+)"', html(path))
        for path in pages()
        if re.search(r'href="lab\.html#preset', html(path)) and path != LAB
    }
    first = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"][0]
    assert {f"{chapter['file']}.html" for chapter in first["chapters"]} == set(linked)
    assert all(set(names) <= set(presets()) for names in linked.values())


def test_it_is_worked_by_keyboard_alone(open_lab):
    lab = open_lab()
    lab.root.get_by_role("button", name="Rewind to step 0").focus()
    for _ in range(3):
        lab.page.keyboard.press("Tab")
    for _ in range(3):
        lab.page.keyboard.press("Enter")
    lab.settle(3)
    lab.page.keyboard.press("Tab")
    assert lab.scrubber.evaluate("e => e === document.activeElement")
    lab.page.keyboard.press("ArrowLeft")
    lab.settle(2)
    lab.page.keyboard.press("Home")
    lab.settle(0)
    layer = lab.root.get_by_role("button", name=re.compile("^layer 5")).first
    layer.focus()
    words = lab.root.locator(".lab-layers .lab-readout").first.inner_text()
    assert re.match(r"layer 5: rms of activations [\d.]+, drawn from ", words)
    plane = lab.root.locator(".lab-plane").first
    plane.focus()
    said = lab.root.locator(".lab-regions .lab-readout").first
    assert said.inner_text() == "50 % of the samples right"
    shares = set()
    for _ in range(2):
        lab.page.keyboard.press("ArrowUp")
        shares.add(said.inner_text())
    assert said.get_attribute("aria-live") == "polite"
    assert len(shares) == 2
    assert all(re.match(r"at \(.*\): ● \d+ %, ■ \d+ %$", words) for words in shares)
    lab.press("One step", 1)
    assert said.inner_text() == "50 % of the samples right"
    assert said.get_attribute("aria-live") is None
    # The link of a card sets its experiment up, and the next key plays it.
    # So does a link to what is set up already.
    link = lab.page.locator('.lab-preset a[href="#preset=vanishing"]').element_handle()
    link.evaluate("link => link.setAttribute('href', '#preset=vanishing&speed=1')")
    for _ in range(2):
        link.focus()
        lab.page.keyboard.press("Enter")
        lab.settle(0)
        assert lab.address == "preset=vanishing&speed=1"
        assert lab.page.evaluate("document.activeElement.ariaLabel") == "Play"


def test_a_finger_can_do_everything(open_lab):
    lab = open_lab("preset=wavefront", width=390, touch=True)
    lab.page.locator(".lab-settings summary").tap()
    targets = lab.root.locator("button, select, input, summary, a")
    small = targets.evaluate_all(
        """found => found.filter(e => e.checkVisibility()).map(e => {
             const { width, height } = e.getBoundingClientRect();
             return [e.outerHTML.slice(0, 80), width, height];
           }).filter(([, width, height]) => Math.min(width, height) < 44)"""
    )
    assert small == []
    lab.root.get_by_role("button", name="One step", exact=True).tap()
    lab.settle(1)
    # What a finger tapped stays to be read when it is gone.
    lab.root.locator(".lab-layers tbody canvas").first.tap()
    assert lab.root.locator(".lab-layers .lab-readout").first.inner_text().startswith("layer 5:")
    lab.root.locator(".lab-plane").last.tap()
    assert lab.root.locator(".lab-regions .lab-readout").last.inner_text().startswith("at (")
    unnamed = lab.root.locator("select, input").evaluate_all(
        "found => found.filter(e => !e.labels.length || !e.labels[0].textContent.trim()).length"
    )
    assert unnamed == 0


def test_it_works_from_a_folder(browser, site):
    page = browser.new_page()
    page.goto((site / LAB).as_uri() + "#preset=wavefront&step=5")
    assert LabPage(page).settle(5).sides()[0]["lit"] == [5, 4, 3, 2, 1]
    page.close()


# ---------------------------------------------------------------- memory

# A frame asked for and drawn, `steps` further on: what playing does, without waiting for a screen.
DRIVE = """async ([frames, steps]) => {
  const { lab } = document.querySelector(".initlab-lab");
  for (let i = 0; i < frames; i += 1) {
    const drawn = new Promise(done => { lab.onFrame = done; });
    lab.trainer.send({ kind: "tick", most: steps, budget: 1000, history: i % 12 === 0 });
    await drawn;
  }
}"""


def test_ten_minutes_of_training_leak_nothing(open_lab):
    """36,000 steps, what ten minutes at 60 a second take; the first part fills the caches."""
    lab = open_lab("data=xor&depth=3&width=3&right.weights=glorot_normal")
    heaps = Heaps(lab.page)
    lab.page.evaluate(DRIVE, [80, 180])
    page, worker = heaps.page(), heaps.worker()
    lab.page.evaluate(DRIVE, [120, 180])
    assert lab.sides()[0]["step"] == 36_000
    # Planted to try the test: the loss of each step, kept, was 339 kB of the worker's; eight shares
    # of each frame 41 kB.
    assert heaps.worker() - worker < 25e3
    assert heaps.page() - page < 250e3


# ---------------------------------------------------------------- a notebook's widget

STUB = """async ([source, state]) => {
  const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const values = { ...state };
  const listeners = {};
  const bytes = list => new DataView(new Uint8Array(list).buffer);
  for (const side of ["left", "right"]) values[`${side}_start`] = bytes(state[`${side}_start`]);
  const model = window.model = {
    get: name => values[name],
    set: (name, value) => { values[name] = value; },
    save_changes: () => { model.saved = (model.saved ?? 0) + 1; },
    on: (event, act) => { (listeners[event] ??= []).push(act); },
    tell: (event, content) => (listeners[event] ?? []).forEach(act => act(content)),
    list: name => [...new Float64Array(values[name].buffer, values[name].byteOffset)],
  };
  const place = document.createElement("div");
  document.body.append(place);
  window.stop = module.default.render({ model, el: place });
  window.widget = place.firstChild.lab;
}"""


def test_the_widget_takes_weights_and_gives_them_back(visit):
    module = PACKAGE / "static" / "lab.js"
    assert module.is_file(), "run `make book` first"
    lab = Lab(depth=3, width=4, learning_rate=0, difference=("learning_rate", 0.1))
    start = MLP([2, 4, 4, 1]).initialize(glorot_normal(), rng=np.random.default_rng(0))
    lab.start_from("left", start)
    lab.start_from("right", start)
    names = [*lab.settings, "difference", "speed", "step"]
    state = {name: getattr(lab, name) for name in names}
    state |= {f"{side}_start": list(getattr(lab, f"{side}_start")) for side in ("left", "right")}
    page = visit("genindex.html")
    page.evaluate(STUB, [module.read_text(encoding="utf-8"), state])
    page.wait_for_function("model.get('left_now')?.byteLength > 0")
    sent = [float(x) for array in start.arrays() for x in array.ravel()]
    assert page.evaluate("[model.list('left_now'), model.list('right_now')]") == [sent, sent]
    page.evaluate("model.tell('msg:custom', { act: 'step', step: 3 })")
    page.wait_for_function("model.get('step') === 3")
    left, right = page.evaluate("[model.list('left_now'), model.list('right_now')]")
    assert left == sent != right  # with learning rate 0 nothing moves
    history = np.reshape(page.evaluate("model.list('right_history')"), (-1, 2 + 3 * 3))
    assert history[:, 0].tolist() == [0, 1, 2]  # a row a step
    page.evaluate("model.set('depth', 5); model.tell('change:depth')")
    page.wait_for_function("widget.frame?.sides[0].lit.length === 5 && widget.trainer.resting")
    page.evaluate("stop()")
    assert page.locator(".lab-panels").count() == 0


# ---------------------------------------------------------------- size and speed


def test_the_lab_is_small_and_on_its_page_alone(site, benchmark):
    own = [site / LAB, site / "_static" / "initlab-lab.js", site / "_static" / "lab.css"]
    sizes = [len(gzip.compress(path.read_bytes(), 6)) for path in own]
    benchmark("the lab's page, script and style, kB gzipped", f"{sum(sizes) / 1e3:.1f}")
    assert sum(sizes) <= BUDGET
    assert [path for path in pages() if "initlab-lab.js" in html(path)] == [LAB]
    assert not list((SITE / "_static").glob("lab/*"))


PLAY = """async milliseconds => {
  const { lab } = document.querySelector(".initlab-lab");
  const wait = ms => new Promise(done => setTimeout(done, ms));
  lab.trainer.speed = "most";
  lab.trainer.play();
  await wait(400);
  let frames = 0;
  lab.onFrame = () => { frames += 1; };
  const [from, began] = [lab.frame.step, performance.now()];
  await wait(milliseconds);
  const seconds = (performance.now() - began) / 1000;
  const steps = lab.frame.step - from;
  lab.trainer.pause();
  return [steps / seconds, frames / seconds];
}"""


def test_speed_of_the_lab(open_lab, benchmark):
    """A benchmark, not a test: steps and pictures a second, and the time to the first paint."""
    lab = open_lab("seed=1")
    paint = lab.page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    benchmark("the lab, first paint, ms", f"{paint:.0f}")
    rate, frames = lab.page.evaluate(PLAY, 1500)
    benchmark(
        "the lab, one 2-8-8-1 tanh net, 256 points", f"{rate:.0f} steps/s, {frames:.0f} frames/s"
    )
    lab.settle().follow("right.weights=zeros", 0)
    rate, frames = lab.page.evaluate(PLAY, 1500)
    benchmark("the lab, two of them", f"{rate:.0f} steps/s each, {frames:.0f} frames/s")
    lab.settle()
    assert rate > 0
