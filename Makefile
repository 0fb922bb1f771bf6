# `make` lists what there is. Everything works from a fresh clone: what needs .venv makes it first.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup check test test-fast soak demo bench results serve docs lock clean

PYTHON ?= python3
WORKERS ?= auto
BIN := .venv/bin
READY := .venv/.stamp
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 4 --dist loadfile

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## .venv with the locked packages and the `arrisk` command

$(READY): requirements.lock pyproject.toml tools/setup.sh
	@PYTHON="$(PYTHON)" sh tools/setup.sh

check: $(READY) ## style, types, layers, generated pages: all that reads without running
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.build_docs --check

test: $(READY) ## every test but `make soak`
	$(PYTEST)

test-fast: $(READY) ## every test but the slow ones
	$(PYTEST) -m "not slow and not soak"

soak: $(READY) ## kills, crowds and long runs against real servers on both databases; SOAK_SECONDS shortens them
	$(BIN)/python -m pytest -n 2 --dist load -m soak tests/soak

demo: $(READY) ## the whole way on the shipped portfolio; its models go to models/
	@ARRISK_HOME="$(CURDIR)/models" $(BIN)/arrisk demo

bench: $(READY) ## side by side with what one would use instead
	$(BIN)/python -m benchmarks

results: $(READY) ## measure docs/results*.md again; needs ARRISK_REALDATA
	$(BIN)/python -m tools.measure_results
	$(BIN)/python -m tools.measure_limits
	$(BIN)/python -m tools.measure_allowance
	$(BIN)/python -m tools.measure_default

serve: $(READY) ## the HTTP service on this machine, with the shipped portfolio; its database goes to models/
	@ARRISK_HOME="$${ARRISK_HOME:-$(CURDIR)/models}" $(BIN)/arrisk serve --demo

docs: $(READY) ## write the pages that are generated from the code
	$(BIN)/python -m tools.build_docs

lock: $(READY) ## renew requirements.lock after a change of pyproject.toml (LOCK=--upgrade: newest versions)
	$(BIN)/python -m pip install -qq --disable-pip-version-check uv
	LOCK="$(LOCK)" sh tools/lock.sh

clean: ## remove what the tools made; .venv and models/ stay
	rm -rf build dist .hypothesis .import_linter_cache .mypy_cache .numba_cache .pytest_cache .ruff_cache
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +
