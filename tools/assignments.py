"""Build the assignments into ``_build/assignments``: for students, and for the grader.

What is up to date is not built again.
"""

from pathlib import Path

from initlab.grading.current import bring_up_to_date

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Build the masters that need it, and say of all what was done."""

    def say(slug: str, anew: bool) -> None:
        print(f"{slug}: {'building' if anew else 'up to date'}", flush=True)

    bring_up_to_date(ROOT / "assignments", ROOT / "_build" / "assignments", say)


if __name__ == "__main__":
    main()
