"""What is committed: pinned, free of third-party files, and the same on every machine."""

import json
import re
import subprocess
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from helpers import ROOT

REGISTRIES = (
    "registry.npmjs" + ".org",
    "pypi.org" + "/simple",
    "files.pythonhosted" + ".org",
    "unpkg" + ".com",
    "cdn.jsdelivr" + ".net",
    "cdnjs.cloudflare" + ".com",
)
OWN_CODE = re.compile(r"(assets|tests|tools|code|templates)/")


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Files that git knows or would add: what a clone has, or will have."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files = [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]
    assert len(files) > 20
    return files


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def read(name: str) -> str:
    return text(ROOT / name)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_file_names_this_machine(tracked):
    """Neither the folder of the working copy nor anybody's home."""
    here = re.escape(str(ROOT))
    traces = re.compile(rf"(?<![\w./:-]){here}(?![\w-])|/(?:home|Users)/\w+/|file:///\w")
    found = {name(path): m[0] for path in tracked if (m := traces.search(text(path)))}
    assert not found


def test_no_file_names_a_registry(tracked):
    """Locks say what, not where from: a mirror serves as well. Nothing comes from a CDN."""
    found = [(name(path), host) for path in tracked for host in REGISTRIES if host in text(path)]
    assert not found


def test_requirements_are_a_lock():
    lines = [line.split("#")[0].strip() for line in read("requirements.txt").splitlines()]
    *pins, last = filter(None, lines)
    assert last == "-e ."
    pinned = re.compile(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==[\w.!+]+(\s*;.*)?")
    assert not [pin for pin in pins if not pinned.fullmatch(pin)]
    assert len(pins) > 50, "indirect dependencies are pinned too"


def test_requirements_hold_every_dependency():
    """Of pyproject.toml, extras included: `make lock` was not forgotten."""
    project = tomllib.loads(read("pyproject.toml"))["project"]
    asked = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    bare = re.compile(r"^[A-Za-z0-9._-]+")
    normal = [re.sub(r"[-_.]+", "-", bare.match(line)[0]).lower() for line in asked]
    locked = {
        re.sub(r"[-_.]+", "-", m[0]).lower()
        for line in read("requirements.txt").splitlines()
        if (m := bare.match(line))
    }
    assert set(normal) <= locked


def test_package_lock_is_a_lock():
    lock = json.loads(read("package-lock.json"))
    assert '"resolved"' not in read("package-lock.json")
    packages = {key: value for key, value in lock["packages"].items() if key}
    assert packages
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    asked = json.loads(read("package.json"))
    exact = {**asked.get("dependencies", {}), **asked.get("devDependencies", {})}
    assert {f"node_modules/{n}": v for n, v in exact.items()}.items() <= {
        key: package["version"] for key, package in packages.items()
    }.items()


def test_no_third_party_front_end_is_tracked(tracked):
    scripts = [path for path in tracked if path.suffix in {".js", ".css", ".mjs", ".woff2"}]
    assert not [name(path) for path in scripts if not OWN_CODE.match(name(path))]
    # Bundles betray themselves: by name, by long lines, by a license comment.
    bundles = [
        name(path)
        for path in scripts
        if ".min." in path.name
        or re.search(r"/\*!|@license|sourceMappingURL", text(path))
        or max(len(re.sub(r'url\("data:[^"]*"\)', "", line)) for line in text(path).split("\n"))
        > 200
    ]
    assert not bundles


@pytest.mark.parametrize("folder", ["_static", "_build", "node_modules", "vendor", ".venv"])
def test_folder_is_not_tracked(tracked, folder):
    assert not [name(path) for path in tracked if folder in path.relative_to(ROOT).parts]


def test_no_folder_is_called_static():
    """Jupyter Book would load every script in it on every page."""
    assert not (ROOT / "_static").exists()
    assert "_static" not in re.findall(r"html_static_path: \[(.*)\]", read("_config.yml"))[0]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):(?!=)", read("Makefile"), re.M))


@pytest.mark.parametrize("paper", ["README.md", "CONTRIBUTING.md"])
def test_commands_in_the_papers_exist(paper):
    commands = re.findall(r"(?:`|^)(?:[A-Z]+=\S+ )?make ([a-z-]+)", read(paper), re.M)
    assert commands
    assert set(commands) <= targets()


@pytest.mark.parametrize("paper", ["README.md", "CONTRIBUTING.md"])
def test_files_in_the_papers_exist(paper):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", read(paper))
    quoted = re.findall(r"`((?:\.?[\w-]+/)*[\w-]*\.?[\w-]+/?)`", read(paper))
    made = {"vendor/", "node_modules", "_static", ".venv"}
    paths = [q for q in quoted if ("/" in q or "." in q) and q not in made]
    assert links or paths
    assert not [path for path in {*links, *paths} if not (ROOT / path).exists()]


def test_targets_are_all_there_and_explained():
    wanted = {"book", "pdf", "test", "serve", "lab", "notebooks", "lint", "lock", "clean"}
    wanted |= {"assignments", "bench", "bench-grading", "lock-bench"}
    assert wanted <= targets()
    explained = set(re.findall(r"^([a-z-]+):.*## \S", read("Makefile"), re.M))
    assert wanted <= explained


def test_ci_runs_what_a_person_runs(tracked):
    script = read(".ci/run")
    commands = re.findall(r"^make (?:-\S+ )*([\w-]+)", script, re.M)
    assert "test" in commands
    assert set(commands) <= targets()
    workflows = [path for path in tracked if name(path).startswith(".github/workflows/")]
    assert any("bash .ci/run" in text(path) for path in workflows)


def test_tests_need_the_book_and_nbval():
    """`make test` builds first: the browser tests see the site of these sources."""
    needed = re.search(r"^test:(.*?)(##|$)", read("Makefile"), re.M)[1].split()
    assert {"book", "nbval"} <= set(needed)
    assert re.search(r"--nbval\b(?!-lax)", read("Makefile"))
