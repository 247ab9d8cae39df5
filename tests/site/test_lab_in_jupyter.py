"""The lab's widget in a real JupyterLab: what its page shows and what Python reads are one."""

import json
import time

import numpy as np
import pytest
from jupyterpage import Notebook, jupyter_lab
from labpage import LabPage

from initlab.data import xor
from initlab.initializers import glorot_normal
from initlab.network import MLP
from initlab.parameters import Parameters
from initlab.training import train

SETTINGS = {"depth": 3, "width": 4, "data": "xor", "learning_rate": 0.5}
STEPS = 3
SHOW = f"""
from initlab.lab import Lab
lab = Lab(difference=("learning_rate", 0), **{SETTINGS})
lab
"""
SET = """
import numpy as np
from initlab.initializers import glorot_normal
from initlab.network import MLP
start = MLP(lab.layer_sizes()).initialize(glorot_normal(), rng=np.random.default_rng(0))
lab.start_from("left", start)
lab.start_from("right", start)
"""
ASK = """
import json
flat = lambda side: np.concatenate([a.ravel() for a in lab.parameters(side).arrays()]).tolist()
print(json.dumps([lab.step, flat("left"), flat("right"), lab.history().rows]))
"""
TURN = "lab.depth = 2"
REFUSED = """
other = MLP([2, 3, 1]).initialize(glorot_normal(), rng=np.random.default_rng(0))
lab.start_from("left", other)
"""


def flat(parameters: Parameters) -> list[float]:
    return np.concatenate([array.ravel() for array in parameters.arrays()]).tolist()


def until(found, wanted, patience=20):
    """What ``found()`` gives, asked again until it is as wanted: messages take their time."""
    end = time.monotonic() + patience
    while not wanted(value := found()) and time.monotonic() < end:
        time.sleep(0.1)
    assert wanted(value), value
    return value


@pytest.fixture
def notebook(browser, tmp_path):
    cells = [SHOW, SET, ASK, REFUSED, TURN]
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    try:
        with jupyter_lab(tmp_path) as address:
            yield Notebook(context.new_page(), address, tmp_path, cells)
    finally:
        context.close()


def test_page_and_python_have_the_same_weights_and_history(notebook):
    show, set_weights, ask, refused, turn = range(5)
    sizes = [2, 4, 4, 1]
    network, data = MLP(sizes), xor()
    start = network.initialize(glorot_normal(), rng=np.random.default_rng(0))
    trained = train(
        network, start, data.inputs, data.targets, loss="binary_cross_entropy",
        learning_rate=SETTINGS["learning_rate"], steps=STEPS, record_at=range(STEPS + 1),
    )  # fmt: skip

    # Weights set in Python are those of the page.
    assert "Error" not in notebook.run(show)
    lab = LabPage(notebook.page)
    lab.root.locator(".lab-panels").wait_for()
    lab.settle(0)
    assert notebook.run(set_weights) == ""
    until(lab.parameters, lambda found: found == [flat(start)] * 2)

    # Steps taken in the page are those of the package, and Python reads them.
    for step in range(1, STEPS + 1):
        lab.press("One step", step)
    answer = until(lambda: notebook.run(ask), lambda text: text.startswith(f"[{STEPS}, "))
    _, left, right, history = json.loads(answer)
    assert right == flat(start)  # at learning rate 0
    assert left == lab.parameters()[0]
    np.testing.assert_allclose(left, flat(trained.parameters), rtol=1e-10)
    assert [row[0] for row in history] == list(range(STEPS))
    np.testing.assert_allclose([row[1] for row in history], trained.loss[:STEPS], rtol=1e-10)

    # What is refused loses nothing; a setting changed in Python arrives.
    assert "parameters must have the shapes" in notebook.run(refused)
    assert notebook.run(ask) == answer
    assert notebook.run(turn) == ""
    until(lambda: lab.settle(0).sides()[0]["lit"], lambda lamps: len(lamps) == 2)

    # Keys pressed in the lab are the lab's: in JupyterLab, B would insert a cell.
    cells = "window.jupyterapp.shell.currentWidget.content.widgets.length"
    before = notebook.page.evaluate(cells)
    lab.root.get_by_role("button", name="One step", exact=True).focus()
    notebook.page.keyboard.press("b")
    assert notebook.page.evaluate(cells) == before
