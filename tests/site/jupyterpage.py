"""A JupyterLab of the test's own: folders that nobody else has, any free port, no network."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import nbformat
import psutil
from helpers import ROOT

FOLDERS = (
    *("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"),
    *("JUPYTERLAB_SETTINGS_DIR", "JUPYTERLAB_WORKSPACES_DIR"),
)
OPTIONS = (
    *("--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"),
    "--LabApp.expose_app_in_browser=True",
    *("--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.news_url="),
    "--LabApp.extension_manager=readonly",
)
PATIENCE = 60  # seconds for a server to start, on a machine that has much else to do

_READY = """() => {
  const shown = window.jupyterapp?.shell?.currentWidget;
  const kernel = shown?.sessionContext?.session?.kernel;
  return kernel?.status === "idle" && shown.content.widgets.length > 0;
}"""
_RUN = """async index => {
  const { commands, shell } = window.jupyterapp;
  const notebook = shell.currentWidget.content;
  notebook.activeCellIndex = index;
  await commands.execute("notebook:run-cell");
  return notebook.widgets[index].model.sharedModel.outputs
    .map(output => [output.text ?? output.traceback ?? ""].flat().join("\\n")).join("");
}"""


@contextmanager
def jupyter_lab(folder: Path):
    """The address, with ``{}`` for a file, of a JupyterLab in ``folder``.

    It and its kernels end with the context.
    """
    runtime = folder / "own" / "JUPYTER_RUNTIME_DIR"
    own = {name: str(folder / "own" / name) for name in FOLDERS}
    # Its scripts and kernels are those of this environment.
    own |= {"JUPYTER_PREFER_ENV_PATH": "1", "PYTHONPATH": str(ROOT / "code")}
    with (folder / "log.txt").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *OPTIONS, f"--ServerApp.root_dir={folder}"],
            cwd=folder, env=os.environ | own, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield _address(server, runtime, folder / "log.txt")
    finally:
        family = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
        server.terminate()  # it ends its kernels
        _, alive = psutil.wait_procs(family, timeout=10)
        for process in alive:
            process.kill()
        server.wait()


def _address(server, runtime: Path, log: Path) -> str:
    for _ in range(10 * PATIENCE):
        found = list(runtime.glob("jpserver-*.json"))
        if found or server.poll() is not None:
            break
        time.sleep(0.1)
    else:
        raise TimeoutError(f"JupyterLab did not start:\n{log.read_text()}")
    if not found:
        raise RuntimeError(f"JupyterLab ended:\n{log.read_text()}")
    known = json.loads(found[0].read_text())
    return f"{known['url']}lab/tree/{{}}?reset&token={known['token']}"


class Notebook:
    """A notebook of code cells, open in a page of JupyterLab."""

    def __init__(self, page, address: str, folder: Path, cells: list[str]):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, folder / "lab.ipynb")
        self.page = page
        page.goto(address.format("lab.ipynb"))
        page.wait_for_function(_READY, timeout=1000 * PATIENCE)

    def run(self, cell: int) -> str:
        """Run one cell, as Ctrl+Enter does; returns the text it put out, errors included."""
        return self.page.evaluate(_RUN, cell)
