"""From an assignment's master to what students get and what the grader keeps.

A master is a text notebook (jupytext's percent format) with otter's cells. ``otter assign`` takes
the solutions and the hidden tests out of it; this module feeds it, distrusts its verdict, and
writes both sides so that the same master always gives the same bytes.
"""

import json
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import jupytext
import nbformat
from otter import assign
from otter.api import grade_submission

from initlab.grading import assignment as keys
from initlab.grading.rules import complaints

#: What every assignment is worth.
POSSIBLE = 100
#: What students install, beside the folders of the assignments.
REQUIREMENTS = "requirements-student.txt"
#: These stay with the instructor: the master, and the answers that test the tests.
PRIVATE = ("master.py", "bank.toml")
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def build(master: str | Path, out: str | Path) -> Path:
    """Build the assignment of ``master`` into a folder of its own under ``out``, and return that.

    The folder is named like the master's. In it, ``student`` holds what may be handed out (the
    notebook, its files, a zip of all) and ``key`` what ``initlab.grading.assignment`` reads. Raises
    ``ValueError`` that lists all that is wrong with the master; then nothing is written.
    """
    master = Path(master).resolve()
    slug, requirements = master.parent.name, master.parent.parent / REQUIREMENTS
    for needed in (master, requirements):
        if not needed.is_file():
            raise FileNotFoundError(f"an assignment needs {needed}, and it is not there")
    notebook = jupytext.read(master)
    _refuse(slug, complaints(notebook))
    with TemporaryDirectory() as scratch:
        made = Path(scratch) / "made"
        source = Path(scratch) / "source" / f"{slug}.ipynb"
        shutil.copytree(master.parent, source.parent, ignore=shutil.ignore_patterns(*PRIVATE))
        notebook.metadata = {"kernelspec": KERNEL}
        nbformat.write(notebook, source)
        assign.main(str(source), str(made), no_pdfs=True, no_run_tests=True)
        solved = made / "autograder" / source.name
        key = _key(slug, nbformat.read(solved, as_version=4))
        _refuse(slug, _wrong_points(key))
        _refuse(slug, _failures(solved))
        folder = Path(scratch) / slug
        _write_student(slug, made / "student", folder / "student", requirements)
        _write_key(key, folder / "key", made / "student", source.name)
        target = Path(out) / slug
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(folder, target)
    return target


def _refuse(slug: str, wrong: list[str]) -> None:
    if wrong:
        raise ValueError(f"{slug} cannot be built:\n" + "\n".join(f"- {line}" for line in wrong))


def _key(slug: str, solved: nbformat.NotebookNode) -> dict:
    """What the grader keeps, out of otter's notebook with solutions and all tests."""
    tests = dict(solved.metadata["otter"]["tests"])
    key = {"slug": slug, "title": "", "possible": 0, "questions": [], "given": [],
           "solutions": {}, "order": [], "tests": tests}  # fmt: skip
    title, answer = "", []
    for cell in solved.cells:
        if cell.cell_type == "markdown":
            key["title"] = key["title"] or _heading(cell.source, r"# (.+)")
            title = _heading(cell.source, r"#+ Question \d+[.:] (.+)") or title
        elif cell.cell_type != "code" or cell.source.startswith("# Initialize Otter"):
            continue
        elif "otter_assign_solution_cell" in cell.metadata.get("tags", []):
            answer.append(_without_marks(cell.source))
        elif check := re.fullmatch(r'grader\.check\("(\w+)"\)', cell.source.strip()):
            name = check[1]
            worth = sum(case.points for case in keys.cases(tests[name]))
            key["questions"].append({"name": name, "title": title, "points": worth})
            key["possible"] += worth
            key["solutions"][name] = "\n\n\n".join(answer)
            key["order"].append(name)
            title, answer = "", []
        else:
            key["given"].append(cell.source)
            key["order"].append("")
    return key


def _heading(markdown: str, pattern: str) -> str:
    found = re.search(f"^{pattern}$", markdown, flags=re.MULTILINE)
    return found[1].strip() if found else ""


def _without_marks(source: str) -> str:
    """A solution as a student would write it, without otter's marks."""
    prompt = r'""" *# BEGIN PROMPT\n.*?\n""" *# END PROMPT\n?'
    source = re.sub(prompt, "", source, flags=re.DOTALL)
    lines = [re.sub(r"\s*# ?SOLUTION( NO PROMPT)?$", "", line) for line in source.splitlines()]
    kept = [line for line in lines if not re.search(r"# (BEGIN|END) SOLUTION", line)]
    return "\n".join(kept).strip("\n")


def _wrong_points(key: dict) -> list[str]:
    if key["possible"] == POSSIBLE:
        return []
    each = ", ".join(f"{question['name']} {question['points']}" for question in key["questions"])
    return [f"an assignment must be worth {POSSIBLE} points, got {key['possible']}: {each}"]


def _failures(solved: Path) -> list[str]:
    """What otter's own run finds wrong with the solutions; a run that crashed is not a pass."""
    (archive,) = solved.parent.glob("*.zip")
    results = grade_submission(str(solved), str(archive), quiet=True)
    if results.possible != POSSIBLE:
        return [
            f"otter could not grade the solutions: {results.possible} of {POSSIBLE} points possible"
        ]
    if results.total != POSSIBLE:
        return [f"the solutions earn {results.total} of {POSSIBLE} points:\n{results.summary()}"]
    return []


def _write_student(slug: str, made: Path, folder: Path, requirements: Path) -> None:
    shutil.copytree(made, folder)
    shutil.copy(requirements, folder)
    path = folder / f"{slug}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["initlab"] = {"assignment": slug}
    notebook.nbformat_minor = 5
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"  # otter's are new ones in every run
        cell.metadata.pop("lines_to_next_cell", None)  # jupytext's
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    with ZipFile(folder / f"{slug}.zip", "w") as archive:
        for file in files:
            entry = ZipInfo(f"{slug}/{file.relative_to(folder).as_posix()}", (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes(), ZIP_DEFLATED)


def _write_key(key: dict, folder: Path, made: Path, notebook: str) -> None:
    (folder / "tests").mkdir(parents=True)
    for name, source in key.pop("tests").items():
        (folder / "tests" / f"{name}.py").write_text(source.strip() + "\n", encoding="utf-8")
    (folder / "files").mkdir()
    for file in made.iterdir():
        if file.is_file() and file.name != notebook:
            shutil.copy(file, folder / "files")
    text = json.dumps(key, indent=1, ensure_ascii=False)
    (folder / "assignment.json").write_text(text + "\n", encoding="utf-8")
