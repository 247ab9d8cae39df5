"""The memory of one training step of many networks: run as a process of its own.

    python tools/bench_memory.py MEMBERS {blocks,whole}

Prints the most memory that the process had, in MiB. Linux only.
"""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np

from initlab.ensembles import train_members
from initlab.initializers import lecun_normal
from initlab.network import MLP
from initlab.training import gradients

COUNTS = [1, 100, 1000, 3000, 10_000]
SIZES, BATCH = [16] * 6, 128
SETTINGS = {"loss": "squared_error", "learning_rate": 0.01, "steps": 1, "record_at": [1]}


def one_step(members: int, way: str) -> None:
    """Draw the networks and take one step of gradient descent."""
    rng, network = np.random.default_rng(1), MLP(SIZES, "tanh")
    x, y = (rng.standard_normal((BATCH, SIZES[0])).astype("float32") for _ in range(2))
    if way == "blocks":
        train_members(
            network, lecun_normal(), members, x, y, rng=rng, dtype="float32",
            reduce=lambda run: {"loss": run.loss[-1]}, **SETTINGS,
        )  # fmt: skip
        return
    start = network.initialize(lecun_normal(), rng=rng, ensemble=(members,), dtype="float32")
    found = gradients(network, start, x, y, loss="squared_error")
    [a - 0.01 * g for a, g in zip(start.arrays(), found.arrays(), strict=True)]


def curve() -> dict[str, list]:
    """Peak memory in MiB for each number of networks, both ways, in processes of their own."""
    found = {"members": COUNTS, "blocks": [], "whole": []}
    for members in COUNTS:
        for way in ("blocks", "whole"):
            command = [sys.executable, __file__, str(members), way]
            ended = subprocess.run(command, capture_output=True, text=True, check=True)
            found[way].append(float(ended.stdout))
    return found


if __name__ == "__main__":
    one_step(int(sys.argv[1]), sys.argv[2])
    # Not getrusage: its maximum counts what the parent had, from before this program was loaded.
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    print(int(re.search(r"VmHWM:\s*(\d+) kB", status)[1]) / 1024)
