"""The lab on an open page, worked and read as a test needs it."""

import math

LAB = "chapters/lab.html"

#: Whether the lab has answered: not training, nothing under way, and at the step asked for.
_RESTS = """step => {
  const { lab } = document.querySelector(".initlab-lab");
  return lab.frame && lab.trainer.resting && (step === null || lab.frame.step === step);
}"""
_SIDES = """() => document.querySelector(".initlab-lab").lab.frame.sides.map(
  ({ shares, history, histogram, ...side }) => Object.fromEntries(Object.entries(side).map(
    ([name, value]) => [name, ArrayBuffer.isView(value) ? [...value] : value])))"""
_PARAMETERS = """async () => {
  const sides = await document.querySelector(".initlab-lab").lab.trainer.parameters();
  return sides.map(side => [...side.now]);
}"""
_FOLLOW = """hash => new Promise(done => {
  addEventListener("hashchange", done, { once: true });
  location.hash = hash;
})"""


class LabPage:
    """``sides()`` and ``parameters()`` read; the rest does what a reader does."""

    def __init__(self, page):
        self.page = page
        self.root = page.locator(".initlab-lab")
        self.scrubber = self.root.get_by_label("step", exact=True)

    def settle(self, step=None) -> "LabPage":
        """Wait until training rests, at a step if one is given."""
        self.page.wait_for_function(_RESTS, arg=step, timeout=60_000)
        return self

    def follow(self, fragment: str, step=None) -> "LabPage":
        """Another address of the page, as by a link on it."""
        self.page.evaluate(_FOLLOW, f"#{fragment}")
        return self.settle(step)

    def press(self, name: str, step=None) -> "LabPage":
        self.root.get_by_role("button", name=name, exact=True).click()
        return self.settle(step)

    def sides(self) -> list[dict]:
        """What is shown of each network: its measures."""
        return self.page.evaluate(_SIDES)

    def parameters(self) -> list[list[float]]:
        """Every weight and bias of each network."""
        return self.page.evaluate(_PARAMETERS)

    @property
    def notices(self) -> str:
        return self.root.locator(".lab-notices").inner_text()

    @property
    def address(self) -> str:
        return self.page.evaluate("decodeURIComponent(location.hash.slice(1))")


# ------------------------------------------------------------------ what presets promise

# For each preset: what its sentence says, of both networks at step 0 and at its end.


def equal_units(start, end):
    left, right = end
    yield start[0]["distinct"] == left["distinct"] == [1, 1]
    yield right["distinct"] == [8, 8]
    yield left["accuracy"] < 0.9 < 0.97 < right["accuracy"]


def one_shared_vector(start, end):
    yield start[0]["distinct"] == end[0]["distinct"] == [1, 1]
    yield end[1]["distinct"] == [8, 8]
    yield end[1]["loss"] < 0.1 * end[0]["loss"]


def round_off(start, end):
    left, right = end
    yield left["distinct"] == [1, 1]
    yield right["distinct"] == [2, 2]
    yield right["distinct_rounded"] == [1, 1]


def four_zeros(start, end):
    left, right = end
    yield left["lit"] == [0, 0, 0]
    yield 0 < right["lit"][2] < right["lit"][1] < right["lit"][0]
    yield right["distinct"] == [1, 1]
    yield right["loss"] < 0.5 < 0.69 < left["loss"]


def wavefront(start, end):
    yield end[0]["lit"] == [5, 4, 3, 2, 1]  # layer l at step L - l + 1
    yield end[1]["lit"] == [1] * 5


def bias_only(start, end):
    left, right = end
    yield left["distinct"] == [8, 8]
    yield min(left["lit"]) > 0
    yield abs(left["loss"] - math.log(3)) < 0.01
    yield right["loss"] < 0.5


def saturation(start, end):
    left, right = start
    yield min(left["saturated"][1:5]) > 0.5
    yield left["rms_delta"][0] > 10 * left["rms_delta"][4]
    yield max(right["saturated"][:5]) == 0
    yield end[1]["loss"] < end[0]["loss"]


def logistic(start, end):
    left, right = start
    yield left["rms_delta"] == sorted(left["rms_delta"])
    yield right["rms_delta"][0] > 10 * left["rms_delta"][0]
    yield end[1]["loss"] < 0.2 * end[0]["loss"]


def vanishing(start, end):
    left, right = (side["rms_delta"] for side in start)
    for delta in (left, end[0]["rms_delta"]):
        yield delta == sorted(delta)
        yield delta[0] < 1e-6 * delta[-1]
    yield max(right[:-1]) < 2 * min(right[:-1])
    yield abs(end[0]["loss"] - math.log(2)) < 1e-3
    yield end[1]["loss"] < 0.1


def standard_normal(start, end):
    left, right = (side["rms_delta"] for side in start)
    yield left[:-1] == sorted(left[:-1], reverse=True)
    yield left[0] > 10 * left[-2]
    yield 0.1 < right[0] / right[-2] < 10
    yield end[1]["loss"] < 0.5 * end[0]["loss"]


def glorot_he(start, end):
    left, right = (side["rms_h"][:-1] for side in start)
    yield left == sorted(left, reverse=True)
    yield left[-1] < 0.2 * left[0]
    yield 0.5 < right[-1] / right[0] < 2
    yield end[1]["loss"] < 0.7 * end[0]["loss"]


def orthogonal(start, end):
    left, right = (side["rms_delta"][:-1] for side in start)
    yield max(right) - min(right) < 1e-12
    yield max(left) > 1.5 * min(left)


PROMISES = {
    function.__name__.replace("_", "-"): function
    for function in (
        *(equal_units, one_shared_vector, round_off, four_zeros, wavefront, bias_only),
        *(saturation, logistic, vanishing, standard_normal, glorot_he, orthogonal),
    )
}
