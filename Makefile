# Two commands do everything on a fresh machine: `make demo` and `make test`.
# Needed beforehand: Python 3.11 or newer with venv and pip, and a way to the package registry.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TORCH ?= torch==2.13.0

.DEFAULT_GOAL := help
.PHONY: help install demo browser test lint docs clean

help:            ## Say what there is
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

install: $(VENV)/.installed  ## Make the environment and install Earful in it

# torch comes first and by its exact version, so that nothing else can pull a build with CUDA in.
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Earful needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; set PYTHON=...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet $(TORCH)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

demo: install    ## Analyse the bundled sample and say where the report is
	$(BIN)/earful demo -o runs/demo

# Report and dashboard are opened in a real browser, where one is there or can be had.
browser:
	@if [ -n "$$EARFUL_CHROMIUM" ] || command -v chromium || command -v chromium-browser || command -v google-chrome; then :; \
	elif command -v apt-get && [ "$$(id -u)" = 0 ] && apt-get update && apt-get install -y --no-install-recommends chromium; then :; \
	else echo "*** NO CHROMIUM HERE, and none can be installed: the browser tests are left out ***" >&2; fi >/dev/null

test: install browser  ## Run all tests, in a real browser too where one can be had
	$(BIN)/python -m pytest

lint: install    ## Check style, types and which room imports which
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: install    ## Write the generated pages of docs/ again
	$(BIN)/python scripts/write_docs.py

clean:           ## Remove the environment and what was built
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache
