# Before the First Step. `make` alone lists what there is.
#
# Every target makes the environment it needs, from the two locks: requirements.txt (Python) and
# package-lock.json (MathJax, axe-core and fonts; Node itself comes as a Python wheel). The files named
# *.stamp remember what is already there, so that nothing is made twice.

PYTHON ?= python3
PORT ?= 8000

VENV := .venv
BIN := $(VENV)/bin
PIP_STAMP := $(VENV)/python.stamp
NPM_STAMP := $(VENV)/frontend.stamp
LAB_STAMP := $(VENV)/lab.stamp
SITE := _build/html

# Node and npm live in the environment; whatever Python the shell has active must not leak in.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
unexport PYTHONPATH PYTHONHOME
# Notebooks run side by side, one to a processor; the matrices in them are small.
export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help book pdf test nbval serve lab notebooks assignments lint lock clean \
  elsewhere how-far bench bench-grading bench-lab lock-bench

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---------------------------------------------------------------- the environment

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
	  echo "This book needs Python 3.11, 3.12 or 3.13; $(PYTHON) is not." >&2; \
	  echo "Name another one:  make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	  echo "$(PYTHON) cannot make environments (on Debian: apt install python3-venv)." >&2; \
	  exit 1; }
	$(PYTHON) -m venv $(VENV)

# JupyterLab starts a script of its own by Node. The book's package.json would make it a module, which
# it is not, and every start of JupyterLab would begin with a page of errors.
$(PIP_STAMP): requirements.txt pyproject.toml | $(BIN)/python
	@echo '{}' > $(VENV)/package.json
	$(BIN)/python -m pip install --quiet "$$(grep '^uv==' requirements.txt)"
	$(BIN)/uv pip install --quiet --requirement requirements.txt
	@touch $@

$(NPM_STAMP): package-lock.json tools/frontend.py $(PIP_STAMP)
	$(BIN)/npm ci --no-progress --loglevel=error
	$(BIN)/python tools/frontend.py
	@touch $@

$(LAB_STAMP): $(wildcard assets/lab/*.js) assets/lab.css tools/lab_bundle.mjs $(NPM_STAMP)
	$(BIN)/node tools/lab_bundle.mjs
	@touch $@

# ---------------------------------------------------------------- the book

book: $(LAB_STAMP) assignments ## build the website
	$(BIN)/jupyter-book build -W -n --keep-going .
	@echo
	@echo "Open  file://$(CURDIR)/$(SITE)/index.html"
	@echo "or run  make serve"

pdf: book ## print the book as one PDF (needs Chromium)
	$(BIN)/python tools/pdf.py

serve: book ## build, then serve the website on this machine (PORT=8000)
	@echo "http://localhost:$(PORT)  (Ctrl+C ends it)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(SITE) $(PORT)

lab: $(LAB_STAMP) ## open the chapters in JupyterLab
	$(BIN)/jupyter lab chapters

notebooks: $(PIP_STAMP) ## run the committed notebooks again and normalize them
	$(BIN)/python tools/notebooks.py

how-far: $(PIP_STAMP) ## compute the results of the page How far does it train? anew
	rm -f chapters/how-far.jsonl
	$(BIN)/python tools/how_far.py

# ---------------------------------------------------------------- the assignments

assignments: $(PIP_STAMP) ## build the assignments that changed, for students and for grading
	$(BIN)/python tools/assignments.py

bench-grading: assignments ## measure the grader on 300 submissions, beside otter run
	$(BIN)/python tools/bench_grading.py

# ---------------------------------------------------------------- the lab

bench-lab: $(PIP_STAMP) ## measure the engine of the lab
	@$(BIN)/node tools/bench_lab.mjs

# ---------------------------------------------------------------- speed

BENCH := _build/bench-env
BENCH_STAMP := $(BENCH)/python.stamp

# An environment of its own: PyTorch and JAX are there to be compared with, and nowhere else. pip takes
# PyTorch as it finds it: the large build for GPUs, unless it is told where builds for CPUs are.
$(BENCH_STAMP): tools/bench-requirements.txt | $(BIN)/python
	$(BIN)/python -m venv $(BENCH)
	$(BENCH)/bin/python -m pip install --quiet --requirement tools/bench-requirements.txt
	@touch $@

bench: $(BENCH_STAMP) ## measure ensembles beside PyTorch and JAX, for chapters/speed.json
	env -u OPENBLAS_NUM_THREADS PYTHONPATH=code $(BENCH)/bin/python tools/bench_ensembles.py \
	  $(BENCHING)

# ---------------------------------------------------------------- checks

test: book nbval ## build the book strictly, then run every test
	$(BIN)/python -m pytest -n 2 --dist worksteal

nbval: $(PIP_STAMP) assignments ## compare the outputs stored in the notebooks with a fresh run
	$(BIN)/python -m pytest -n 2 --dist loadscope --nbval --durations=3 -p no:playwright chapters

# Sums in another order, and another tanh: those of a processor from before 2013, which each of today
# still can do. What a notebook prints must hang on neither.
ELSEWHERE := OPENBLAS_CORETYPE=Nehalem \
  NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4 AVX512_ICL AVX512_SPR"

elsewhere: $(PIP_STAMP) ## compare those outputs with a run in the arithmetic of an older processor (x86 only)
	@env $(ELSEWHERE) $(BIN)/python -W error -c "import numpy, threadpoolctl as t; \
	  found = [x.get('architecture') for x in t.threadpool_info()]; \
	  assert 'Nehalem' in found, f'these settings did nothing: {found}'"
	env $(ELSEWHERE) $(MAKE) nbval

lint: $(PIP_STAMP) ## ruff, both its checks and its format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# ---------------------------------------------------------------- upkeep

lock: $(PIP_STAMP) ## compile requirements.txt from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	  --no-annotate --no-emit-index-url --no-header --upgrade --quiet --output-file $@.tmp
	@{ echo "# Made by make lock from pyproject.toml: every package the book needs, pinned."; \
	   cat $@.tmp; echo "-e ."; } > requirements.txt
	@rm $@.tmp

# Compiled for macOS, where PyTorch needs nothing that is made for GPUs.
lock-bench: $(PIP_STAMP) ## compile tools/bench-requirements.txt
	grep == requirements.txt > $@.tmp
	MACOSX_DEPLOYMENT_TARGET=14.0 $(BIN)/uv pip compile tools/bench-requirements.in \
	  --constraints $@.tmp --python-platform aarch64-apple-darwin --python-version 3.11 \
	  --no-annotate --no-emit-index-url --no-header --upgrade --quiet --output-file $@.txt
	@{ echo "# Made by make lock-bench from bench-requirements.in: what make bench needs, pinned."; \
	   cat $@.txt; } > tools/bench-requirements.txt
	@rm $@.tmp $@.txt

clean: ## remove what was built and installed
	rm -rf _build $(VENV) node_modules vendor code/initlab/static .pytest_cache .ruff_cache code/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
