"""The lab's own tests, by the test runner of Node: generators, runs, rewinds, memory, settings."""

import re

import pytest
from helpers import ROOT
from node import LAB, node

FLAGS = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=64", "--test"]


def test_everything_the_test_runner_of_node_finds():
    files = sorted(LAB.glob("*.test.js"))
    said = node(*FLAGS, "--test-reporter=spec", *files).decode()
    passed, failed, skipped = (
        int(re.search(rf"{word} (\d+)", said)[1]) for word in ("pass", "fail", "skipped")
    )
    written = [len(re.findall(r"^ *test\(", path.read_text(), re.M)) for path in files]
    assert (failed, skipped) == (0, 0)
    assert all(written)
    assert passed >= sum(written) > 0  # tests in loops are written once


def test_a_failure_under_node_is_a_failure_here(tmp_path):
    path = tmp_path / "bad.test.js"
    path.write_text('import { test } from "node:test"; test("no", () => { throw Error("why"); });')
    with pytest.raises(AssertionError, match="why"):
        node(*FLAGS, path)


def test_modules_are_short_and_know_no_page():
    """The engine runs anywhere: nothing in it names a document, a window or a worker."""
    paths = [*(ROOT / "assets" / "lab").glob("*.js")]
    engine = {"activations", "batches", "checks", "config", "data", "history", "initializers",
              "keyframes", "losses", "matmul", "measures", "network", "orthogonal", "random", "run",
              "special", "units"}  # fmt: skip
    assert engine <= {path.stem for path in paths}
    for path in paths:
        if path.stem in engine:
            source = path.read_text()
            assert len(source.splitlines()) <= 260, path.name
            assert not re.search(
                r"\b(document|window|self|postMessage|Math\.random|Date)\b\W", source
            )
            imports = re.findall(r'^(?:import|} from) .*?"(.*)";|from "(.*)";', source, re.M)
            assert {f"./{name}.js" for name in engine} >= {a or b for a, b in imports}
