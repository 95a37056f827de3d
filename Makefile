# `make demo` and `make test` need Python 3.10+ and nothing else; the first one makes .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# Tests of one file share real parts: an engine, a server. More workers start more of them.
WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: demo test test-fast test-kubernetes check docs dist wheels coordinates bench bench-action bench-company bench-contracts chaos statements clean help

help: ## Show the targets.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(INSTALLED) ## Ship a shop of four services, then a major that breaks two of them.
	$(BIN)/python examples/shop/demo.py .cache/demo

test: $(INSTALLED) ## Run all checks and all tests.
	$(BIN)/python -m compileall -q ci_steps
	$(MAKE) --no-print-directory check
	$(PYTEST)

test-fast: $(INSTALLED) ## Run the tests that take less than two seconds each.
	$(PYTEST) -q -x -m "not slow"

test-kubernetes: $(INSTALLED) ## Build an API server once, and prove the target and the balancer on it.
	tests/parts/kubernetes/build
	$(BIN)/python -m pytest -k kubernetes tests/targets tests/balancers tests/steps/test_shift_traffic.py tests/test_each_target.py

check: $(INSTALLED) ## Run ruff, mypy and import-linter.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(INSTALLED) ## Write the generated pages anew.
	PYTHONPATH=. $(BIN)/python docs/generate.py

dist: $(INSTALLED) ## Build what a release ships: the folder the action runs from, an archive, hashes.
	$(BIN)/python -m release.build

wheels: $(INSTALLED) ## Pin the wheels of a release anew, as constraints.txt says.
	$(BIN)/python -m release.build --lock

coordinates: $(INSTALLED) ## Say once where releases are: REPOSITORY=shop/ci-steps.
	$(BIN)/python -m release.coordinates '$(REPOSITORY)'

bench: $(INSTALLED) ## Measure against the named peers.
	$(BIN)/python bench/run.py

bench-action: dist ## Measure how long the action takes to reach its step.
	$(BIN)/python bench/action.py

bench-company: $(INSTALLED) ## Measure the dictionary of a large company, on both databases.
	PYTHONPATH=bench:. $(BIN)/python -m company

chaos: $(INSTALLED) ## Send thousands of notices while jobs are killed and receivers misbehave.
	PYTHONPATH=bench:. $(BIN)/python -m chaos

bench-contracts: $(INSTALLED) ## Compare two releases of a large API, beside oasdiff where it is installed.
	PYTHONPATH=bench:. $(BIN)/python -m contracts

statements: $(INSTALLED) ## Write the baseline of the dictionary's statements and plans anew.
	PYTHONPATH=bench:. $(BIN)/python -m company --statements

clean: ## Remove the environment, the demo and what tools left.
	rm -rf $(VENV) .cache build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
		{ echo 'ci-steps needs Python 3.10 or later: make PYTHON=python3.12 …'; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo 'This Python cannot make an environment: install its venv package (python3-venv).'; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@
