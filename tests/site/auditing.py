"""What axe finds on a page, and the state that it is asked about: everything unfolded."""

from functools import cache

import pytest
from helpers import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

OPEN = """() => {
  for (const details of document.querySelectorAll("details")) details.open = true;
}"""

ANSWER = """() => {
  for (const quiz of document.querySelectorAll(".initlab-quiz")) {
    const inputs = quiz.querySelectorAll("input");
    inputs[inputs.length - 1].click();
  }
}"""

# Less to look at, in a third of the time. Hidden frames axe passes over (their words have a test of
# their own); in code, words of one kind on one ground look alike: three of each are enough.
LIGHTEN = """() => {
  for (const frame of document.querySelectorAll(".frame[hidden]")) frame.remove();
  const seen = {};
  const words = [...document.querySelectorAll(".highlight span[class]")].filter(word => {
    const ground = getComputedStyle(word.closest(".highlight")).backgroundColor;
    const kind = `${word.className} ${ground} ${word.closest(".admonition")?.className}`;
    return (seen[kind] = (seen[kind] ?? 0) + 1) > 3;
  });
  for (const word of words) word.replaceWith(...word.childNodes);
}"""

RUN = """async where => {
  const { violations } = await axe.run(where || document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, help, nodes }) => nodes.map(
      ({ target, any }) => `${id} (${help}): ${target} ${any.map(a => a.message).join("; ")}`));
}"""


@cache
def source() -> str:
    if not AXE.is_file():
        pytest.fail(f"{AXE} is missing: run `make book` or `npm ci` first", pytrace=False)
    return AXE.read_text(encoding="utf-8")


def unfold(page) -> None:
    """Open every fold, and give every quiz an answer, so that its feedback shows."""
    page.evaluate(OPEN)
    page.evaluate(ANSWER)


def faults(page, where: str | None = None) -> list[str]:
    """What axe calls serious or critical, on the whole page or in one part of it."""
    page.evaluate(LIGHTEN)
    page.evaluate(source())
    return page.evaluate(RUN, where)
