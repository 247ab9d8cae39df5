"""Compute the results behind the page *How far does it train?*: a quarter of an hour on two cores.

    python tools/how_far.py [FILE]          default: chapters/how-far.jsonl

A file that is there is continued: what it holds is not computed again. Delete it to begin anew.
"""

import argparse
from pathlib import Path

from initlab.sweep import sweep
from initlab.trainability import CONTROL, MAP, trained_accuracy

RESULTS = Path(__file__).parents[1] / "chapters" / "how-far.jsonl"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="?", type=Path, default=RESULTS)
    store = parser.parse_args().file
    for axes in (MAP, CONTROL):
        sweep(trained_accuracy, axes, store=store, progress=True)


if __name__ == "__main__":
    main()
