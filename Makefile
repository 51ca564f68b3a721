# The commands that everyone uses. `make setup` needs Python 3.11 or later and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The Elasticsearch of the tests: 8 is the 8.19 that CI requires; `make services ES=9`, then `make test ES=9`.
ES = $(or $(COPYDESK_TEST_ES),8)

.PHONY: setup demo test lint bench lock clean services

setup: $(VENV)/.installed

$(VENV)/.installed: requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Copydesk needs Python 3.11 or later; name one with: make setup PYTHON=python3.12"; exit 1; }
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup
	@$(BIN)/copydesk demo $(ARGS)

test: setup
	COPYDESK_TEST_ES=$(ES) $(BIN)/python -m pytest -n 2 $(ARGS)

# The real servers that the tests run against: Redis, Java 17, Elasticsearch. Debian's packages and Maven.
services:
	@tests/support/install.sh $(ES)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: setup
	@$(BIN)/python -m bench $(ARGS)

# What an installation runs on, and what its developers use beside it, with hashes. After a change to pyproject.toml;
# needs uv.
LOCK := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
lock:
	$(LOCK) -o requirements.lock
	$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock

# What users ingested stays: only what `make setup` and `make demo` made goes.
clean:
	rm -rf $(VENV) data/demo
