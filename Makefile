# The whole interface of the project. Every target is idempotent and sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo run test lint types bench chaos docs clean

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

setup: $(STAMP)  ## make .venv with the product and its tools

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: setup  ## replay a conversation against a fresh server and show what it remembers
	$(BIN)/memos demo

run: setup  ## start the server on the default folder and port
	$(BIN)/memos serve

test: setup  ## run every test
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 tests

lint: setup  ## style rules, formatting, layers
	$(BIN)/ruff check src tests bench scripts examples
	$(BIN)/ruff format --check src tests bench scripts examples
	$(BIN)/lint-imports

types: setup  ## static types
	$(BIN)/mypy

bench: setup  ## measure: acknowledgement, search, erasure, size
	$(BIN)/python -m bench

chaos: setup  ## kill the server at random moments, many times
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m bench.chaos

docs: setup  ## write the generated pages
	$(BIN)/python scripts/generate_docs.py

clean:  ## remove what the targets made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache src/*.egg-info
