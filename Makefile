# dancu - a simulator of the link to Vietnam's national population database.
# `make run` and `make test` are all a newcomer needs; the venv is made on first use.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
DIRS   := gateway mock_population_db clients tests

# a test starts many processes, and none should compile what the one before compiled already
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test torture check proto demo bench clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 12

# Two stamps: running needs far less than testing.
$(VENV)/.run: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "dancu needs Python 3.11 or newer; name one: make PYTHON=python3.12 run"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing dancu into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --editable .
	@$(BIN)/python -m compileall -q gateway mock_population_db clients protos/gen
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "installing the developers' tools into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

run: $(VENV)/.run  ## the gateway with a population of 100,000, on 127.0.0.1:50051
	@exec $(BIN)/dancu dev $(ARGS)

test: $(VENV)/.dev  ## the whole test suite, or what ARGS choose of it
ifdef ARGS
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)
else
	@$(BIN)/python -m pytest -n auto --dist worksteal -m 'not alone'
	@$(BIN)/python -m pytest -m alone $$(grep -rl --include='test_*.py' 'mark\.alone' tests)
endif

torture: $(VENV)/.dev  ## three minutes of kills and cuts at random, then a model checker
	@$(BIN)/python -m tests.torture $(ARGS)

check: $(VENV)/.dev  ## format, lint, types, proto lint, generated code up to date
	$(BIN)/ruff format --check $(DIRS)
	$(BIN)/ruff check $(DIRS)
	$(BIN)/mypy --num-workers auto
	cd protos && ../$(BIN)/buf lint
	@PATH="$(abspath $(BIN)):$$PATH" sh protos/breaking.sh
	@PATH="$(abspath $(BIN)):$$PATH" sh protos/generate.sh --check
	$(BIN)/python -m pytest -q tests/architecture

proto: $(VENV)/.dev  ## regenerate protos/gen from the contract
	@PATH="$(abspath $(BIN)):$$PATH" sh protos/generate.sh

demo: $(VENV)/.run  ## a question, and a morning at the counter of a commune, proved offline
	@PATH="$(abspath $(BIN)):$$PATH" sh docs/demo.sh

bench: $(VENV)/.dev  ## ratios against a bare gRPC echo, from one run
	@$(BIN)/python -m tests.bench $(ARGS)

clean:  ## remove what make made, but no data directory
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
