"""Run the committed notebooks again and write them back in normal form.

    python tools/notebooks.py [NOTEBOOK ...]        default: all under chapters/
    python tools/notebooks.py --check [NOTEBOOK ...]  only say which are not in normal form

Normal form keeps what a reader sees and a comparison needs: sources, text, tables, pictures as
PNG. It leaves out what changes from run to run: timings, widget state, the pieces in which printed
text arrived, execution counts other than 1, 2, 3 from the top.
"""

import argparse
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from tqdm import tqdm

CHAPTERS = Path(__file__).parents[1] / "chapters"
WIDGET = "application/vnd.jupyter.widget-view+json"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def normalize(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Bring a notebook into normal form, in place; outputs are kept, not computed."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        cell.metadata.pop("trusted", None)
    for count, cell in enumerate((c for c in notebook.cells if c.cell_type == "code"), start=1):
        cell.execution_count = count
        cell.outputs = joined(cell.outputs)
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = count
            output.get("data", {}).pop(WIDGET, None)
    return notebook


def joined(outputs: list) -> list:
    """Printed text in one piece: a busy machine delivers what a cell prints in several."""
    kept = []
    for output in outputs:
        last = kept[-1] if kept else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            kept.append(output)
    return kept


def dumps(notebook: nbformat.NotebookNode) -> str:
    """The notebook as the text of its file."""
    return nbformat.writes(notebook) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--check", action="store_true", help="change nothing, exit 1 if needed")
    arguments = parser.parse_args()
    paths = arguments.notebooks or sorted(CHAPTERS.glob("*.ipynb"))
    if missing := [str(path) for path in paths if not path.is_file()]:
        parser.error(f"no such notebook: {', '.join(missing)}")
    changed = []
    for path in tqdm(paths, unit="notebook", disable=arguments.check):
        notebook = nbformat.read(path, as_version=4)
        if not arguments.check:
            NotebookClient(
                notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}
            ).execute()
        text = dumps(normalize(notebook))
        if text == path.read_text(encoding="utf-8"):
            continue
        changed.append(path)
        if not arguments.check:
            path.write_text(text, encoding="utf-8")
    for path in changed:
        print(("not in normal form: " if arguments.check else "rewritten: ") + str(path))
    return 1 if arguments.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
