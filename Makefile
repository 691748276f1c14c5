# Two commands matter: `make demo` opens the console on a simulated fleet, `make test` passes all tests. Both set up what they need.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# Slow parts run side by side; more workers than cores only fight for them.
WORKERS ?= 2

# Hundreds of processes start in the tests; where this is set, each compiles the whole program anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test lint drills bench snapshots bed lock clean

demo: $(VENV)/.runtime
	$(BIN)/fleetui demo

test: lint bed
	$(BIN)/python -m tests.twice -n $(WORKERS) --dist loadgroup -m "not drill"

# Long fault runs, and the benchmarks in short form; of these only bytes and memory are held to their bounds, as a busy
# machine changes neither.
drills: $(VENV)/.dev bed
	$(BIN)/python -m tests.twice -n $(WORKERS) --dist loadgroup -m drill
	$(BIN)/python -m bench.run --short --strict

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The real servers of the tests: built once into a cache.
bed: $(VENV)/.dev
	$(BIN)/python -m tests.bed.build

# In full; the table is written first, then any missed bound fails it.
bench: $(VENV)/.dev bed
	$(BIN)/python -m bench.run --strict --write docs/benchmarks.md

snapshots: $(VENV)/.dev
	FLEETUI_UPDATE_SNAPSHOTS=1 $(BIN)/pytest -q tests/console -k snapshot

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install -q --require-hashes -r requirements.lock
	$(BIN)/pip install -q --no-deps -e .
	touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/pip
	$(BIN)/pip install -q --require-hashes -r requirements-dev.lock
	$(BIN)/pip install -q --no-deps --no-build-isolation -e .
	touch $@ $(VENV)/.runtime

# After a change of pyproject.toml's dependencies.
lock: $(VENV)/bin/pip
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --no-emit-index-url --no-emit-find-links -q -o requirements-dev.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache dist build
