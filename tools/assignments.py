"""Build every assignment into ``_build/assignments``: for students, and for the grader."""

from pathlib import Path

from initlab.grading.build import build

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Build all masters there are, and say where each went."""
    for master in sorted(ROOT.glob("assignments/*/master.py")):
        folder = build(master, ROOT / "_build" / "assignments")
        print(f"{master.parent.name}: {folder.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
