# Two commands on a fresh machine do everything: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup demo test test-fast upstream lint types format bench docs lock build clean

help:  ## what there is to make
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## a virtual environment with everything for development

$(READY): requirements/dev.txt pyproject.toml activation/otel_provenance.pth $(wildcard speedups/src/* speedups/*.toml)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --reinstall-package otel-provenance -e .
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --reinstall-package otel-provenance-speedups ./speedups \
		2>$(VENV)/speedups.log || echo "No C compiler builds the speedups ($(VENV)/speedups.log): Python does their work."
	@touch $@

demo: $(READY)  ## run a small shop under the instrumentation, and show what was recorded
	@$(BIN)/python -m demo

test: $(READY)  ## all tests: real processes, real servers, real databases
	@$(BIN)/python -m pytest

test-fast: $(READY)  ## the tests that take no servers, no other environments and little time
	@$(BIN)/python -m pytest -m "not slow and not server"

upstream: $(READY)  ## the test suites of Flask, SQLAlchemy, requests … without us and with us (twenty minutes)
	@$(BIN)/python tests/upstream.py

lint: $(READY)  ## format, style and who may import whom
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports

types: $(READY)  ## mypy, strict
	@$(BIN)/mypy

format: $(READY)  ## rewrite in the project's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(READY)  ## cost as ratios: server, start-up, matching, storage, egress, store
	@$(BIN)/python -m benchmarks

docs: $(READY)  ## write the generated pages of docs/reference again
	@$(BIN)/python -m docs.generate

lock: $(READY)  ## pin what development installs, for every supported Python
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.10 --upgrade --no-emit-index-url --no-header \
		--extra otlp --group dev pyproject.toml -o requirements/dev.txt

build: $(READY)  ## wheel and sdist in dist/
	@$(BIN)/python -m build --installer uv

clean:  ## everything that was made here
	rm -rf $(VENV) .venvs dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
