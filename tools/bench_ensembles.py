"""Measure ensembles and initializers beside PyTorch and JAX, on the same weights and data.

    make bench                                     all of it; some minutes on a quiet machine
    make bench BENCHING="--clock processor"        on one that has other work to do
    python tools/bench_ensembles.py --only 64-10   the cases whose sizes begin so; writes nothing

Before a case is timed, the contenders' gradients are compared; then they take turns. The
result, with the machine it was measured on, is written to chapters/speed.json.

The clock on the wall is what a reader waits for, and means little while others use the
processors. Then processor time says more: all contenders get one processor, and what is counted
is their own time on it.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

os.environ.setdefault("JAX_PLATFORMS", "cpu")
if "processor" in sys.argv:  # before anything counts the processors
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})

import bench_draws
import bench_memory
import jax
import numpy as np
import torch
from bench_agreement import TOLERANCES, check, in_turn
from bench_contenders import CONTENDERS, Case
from threadpoolctl import threadpool_info

from initlab.blocks import thread_count
from initlab.speed import OURS, Measurements

CLOCKS = {"wall": perf_counter, "processor": process_time}
RESULT = Path(__file__).resolve().parent.parent / "chapters" / "speed.json"
CASES = [
    Case(64, 10, 64), Case(64, 10, 64, "float64"), Case(16, 50, 100),
    *(Case(16, depth, members) for depth in (2, 10) for members in (1, 30, 1000)),
    *(Case(64, 2, members) for members in (1, 30, 1000)), Case(64, 10, 1), Case(64, 10, 500),
    Case(64, 50, 1), Case(64, 50, 30), Case(128, 10, 30),
    *(Case(256, depth, members) for depth, members in ((2, 100), (10, 1), (10, 10))),
    *(Case(512, depth, members) for depth, members in ((2, 10), (10, 1), (10, 8), (50, 2))),
]  # fmt: skip
#: Seconds that the steps of one turn should take, by our package: enough for all that happens only
#: once in a training to weigh little.
TURN = 0.25
#: How few and how many these steps may be.
FEWEST, MOST = 4, 100
GEMM = 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the tables, write the file unless only some cases were asked for."""
    asked = _parser().parse_args(arguments)
    jax.config.update("jax_enable_x64", True)
    torch.set_num_threads(thread_count())
    torch.manual_seed(1)
    chosen = [case for case in CASES if f"{case.width}-{case.depth}".startswith(asked.only)]
    clock, rounds = CLOCKS[asked.clock], asked.rounds
    found = {"machine": {"clock": asked.clock, **_machine()}}
    found["steps"] = [_step(case, rounds, clock) for case in chosen]
    laws = [] if asked.only else [(law, d) for law in bench_draws.LAWS for d in TOLERANCES]
    found["draws"] = [_draw(law, dtype, rounds, clock) for law, dtype in laws]
    found["memory"] = {} if asked.only else bench_memory.curve()
    if not asked.only:
        RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(Measurements(**found).step_table())
    if laws:
        print(Measurements(**found).draw_table())
        print(found["memory"])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="width-depth of the cases, or its beginning")
    parser.add_argument("--rounds", type=int, default=9, help="turns of each contender (9)")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="what is counted (wall)")
    return parser


def _step(case: Case, rounds: int, clock: Callable) -> dict:
    start = case.start()
    ready = {name: made(*start) for name, made in CONTENDERS.items()}
    off = check({name: c.gradients() for name, c in ready.items()}, case.dtype)
    ready[OURS].train(1)
    own = median(in_turn({OURS: lambda: ready[OURS].train(1)}, 3, clock)[OURS])
    repeats = max(FEWEST, min(MOST, round(TURN / own)))
    turns = {name: lambda c=c: c.train(repeats) for name, c in ready.items()}
    for turn in turns.values():
        turn()  # compiled and warm
    product = np.random.default_rng(1).standard_normal((2, GEMM, GEMM)).astype(case.dtype)
    turns["GEMM"] = lambda: product[0] @ product[1]
    seconds = in_turn(turns, rounds, clock)
    rate = [2 * GEMM**3 / s for s in seconds.pop("GEMM")]
    print(case, repeats, {n: f"{median(s):.3f}" for n, s in seconds.items()}, file=sys.stderr)
    found = {"flops": case.flops, "repeats": repeats, "disagreement": float(f"{off:.1e}")}
    found |= {"seconds": _rounded(seconds), "gemm_rate": [float(f"{r:.4g}") for r in rate]}
    return asdict(case) | found


def _draw(law: str, dtype: str, rounds: int, clock: Callable) -> dict:
    ready = bench_draws.contenders(law, dtype)
    bench_draws.check(law, dtype, {name: draw() for name, draw in ready.items()})
    seconds = in_turn(ready, min(rounds, 5), clock)
    print(law, dtype, {n: f"{median(s):.3f}" for n, s in seconds.items()}, file=sys.stderr)
    return {"law": law, "width": bench_draws.LAWS[law][-1], "dtype": dtype, "repeats": 1,
            "seconds": _rounded(seconds)}  # fmt: skip


def _rounded(seconds: dict[str, list[float]]) -> dict[str, list[float]]:
    return {name: [float(f"{s:.4g}") for s in times] for name, times in seconds.items()}


def _machine() -> dict:
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), model)
    return {
        "processor": model,
        "processors used": thread_count(),
        "load before": round(os.getloadavg()[2], 1),
        "system": platform.system(),
        "Python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "scipy", "torch", "jax")},
        "BLAS": ", ".join(
            sorted({f"{x['internal_api']} {x['version']}" for x in threadpool_info()})
        ),
    }


if __name__ == "__main__":
    sys.exit(main())
