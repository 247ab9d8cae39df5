"""Make the sample class: what its students hand in, from ``assignments/sample-class/class.toml``.

    python tools/sample_class.py            write notebooks and roster beside class.toml
    python tools/sample_class.py --check    only say which are not what they should be

A notebook is the students' version of the assignment with the answers put in, without its tests and
with the headings of its text alone, so that it stays small. The same sources give the same bytes.
"""

import argparse
import json
import re
import sys
import tomllib
from pathlib import Path

import nbformat

from initlab.grading.assignment import Assignment
from initlab.grading.current import bring_up_to_date

ROOT = Path(__file__).resolve().parent.parent
ASSIGNMENTS = ROOT / "assignments"
FOLDER = ASSIGNMENTS / "sample-class"
DESCRIPTION, ROSTER, WORK = "class.toml", "roster.csv", "submissions"


def sample_class(built: Path) -> dict[str, bytes]:
    """Every file of the class by its path; ``built`` holds the built assignments."""
    about = tomllib.loads((FOLDER / DESCRIPTION).read_text(encoding="utf-8"))
    slug = about["assignment"]
    bank = tomllib.loads((ASSIGNMENTS / slug / "bank.toml").read_text(encoding="utf-8"))["answer"]
    key = Assignment.load(built / slug / "key")
    blank = nbformat.read(built / slug / "student" / f"{slug}.ipynb", as_version=4)
    files = {ROSTER: _roster(about["student"])}
    for student in about["student"]:
        for work in student.get("files", []):
            name = f"{WORK}/" + about["form"].format(**student | work)
            files[name] = _notebook(blank, key, {answer["name"]: answer for answer in bank}, work)
    return files


def _roster(students: list[dict]) -> bytes:
    rows = [f"{student['id']},{student['name']}\n" for student in students]
    return "".join(["student,file\n", *rows]).encode()


def _notebook(blank, key: Assignment, bank: dict[str, dict], work: dict) -> bytes:
    """One file: the blank notebook with the answers that ``work`` names."""
    answers = dict(key.solutions)
    answers |= {bank[name]["question"]: bank[name]["code"] for name in work.get("answers", [])}
    answers |= work.get("own", {})
    for question in work.get("left", []):
        del answers[question]
    stripped = work.get("stripped", False)
    notebook = nbformat.v4.new_notebook()
    notebook.metadata = (
        {} if stripped else {k: blank.metadata[k] for k in ("initlab", "kernelspec")}
    )
    questions = iter(key.solutions)
    for cell in blank.cells:
        if cell.cell_type == "markdown":
            _add(notebook, "markdown", "\n\n".join(re.findall(r"^#+ .+$", cell.source, re.M)))
        elif "otter_answer_cell" in cell.metadata.get("tags", []):
            question = next(questions)
            _add(notebook, "code", answers.get(question, cell.source))
            _add(notebook, "code", work.get("extra", {}).get(question, ""))
        elif not (stripped and "grader" in cell.source):
            _add(notebook, "code", cell.source)
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    return text[: int(work.get("kept", 1) * len(text))].encode()


def _add(notebook, kind: str, source: str) -> None:
    if source := source.strip("\n"):
        new = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[kind]
        notebook.cells.append(new(source, id=f"cell-{len(notebook.cells)}"))


def differences(files: dict[str, bytes]) -> list[str]:
    """The paths of files that are missing, too many, or not what they should be."""
    paths = [path for path in FOLDER.rglob("*") if path.is_file() and path.name != DESCRIPTION]
    there = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in paths}
    return sorted(name for name in files | there if files.get(name) != there.get(name))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 if needed")
    arguments = parser.parse_args()
    built = ROOT / "_build" / "assignments"
    bring_up_to_date(ASSIGNMENTS, built)
    files = sample_class(built)
    changed = differences(files)
    for name in changed:
        print(("not as it should be: " if arguments.check else "rewritten: ") + name)
        if arguments.check:
            continue
        (FOLDER / name).unlink(missing_ok=True)
        if name in files:
            (FOLDER / name).parent.mkdir(exist_ok=True)
            (FOLDER / name).write_bytes(files[name])
    return 1 if arguments.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
