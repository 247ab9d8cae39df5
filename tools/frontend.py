"""Copy the part of MathJax that the book uses from node_modules to vendor/mathjax.

MathJax comes from npm, pinned by package-lock.json, and is never committed. Its ready-made bundle
``tex-chtml.js`` weighs 262 kB gzipped, 108 kB of which is the right-click menu. The book loads the
components one by one instead (``mathjax3_config`` in ``_config.yml``): TeX in, CHTML out, MathML
for screen readers; 164 kB gzipped, and the few fonts that a page needs.

    python tools/frontend.py
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "node_modules" / "mathjax"
TARGET = ROOT / "vendor" / "mathjax"

# What a page loads first; and what MathJax fetches by itself when a formula asks for it.
COMPONENTS = (
    "startup.js",
    "core.js",
    "input/tex.js",
    "output/chtml.js",
    "output/chtml/fonts/tex.js",
    "a11y/assistive-mml.js",
)
ON_DEMAND = ("input/tex/extensions", "output/chtml/fonts/woff-v2")


def main() -> None:
    """Replace vendor/mathjax by a fresh copy, its license included."""
    if not SOURCE.is_dir():
        sys.exit(f"{SOURCE} is missing: run `npm ci` (or `make book`, which does) first")
    shutil.rmtree(TARGET, ignore_errors=True)
    for name in COMPONENTS:
        copy = TARGET / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SOURCE / "es5" / name, copy)
    for name in ON_DEMAND:
        shutil.copytree(SOURCE / "es5" / name, TARGET / name)
    shutil.copyfile(SOURCE / "LICENSE", TARGET / "LICENSE")
    files = [path for path in TARGET.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    print(f"vendor/mathjax: {len(files)} files, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
