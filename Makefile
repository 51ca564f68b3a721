# The commands for developers. `make setup` needs Python 3.11 or later; it installs everything else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The Elasticsearch version of the tests. CI requires 8 (8.19). For 9: `make services ES=9`, then `make test ES=9`.
ES = $(or $(COPYDESK_TEST_ES),8)
FAST := not service and not browser and not slow

.PHONY: setup demo test test-fast test-coverage lint docs bench train-check lock clean services

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

# The tests that need no server, no browser and no processes, for use while you write.
test-fast: setup
	COPYDESK_TEST_NO_SERVICES=1 $(BIN)/python -m pytest -q -n 2 -m "$(FAST)" $(ARGS)

# All tests; the fast ones measure coverage, because measuring all of them takes too long.
test-coverage: setup
	COPYDESK_TEST_NO_SERVICES=1 $(BIN)/python -m pytest -q -n 2 -m "$(FAST)" --cov --cov-report=term:skip-covered $(ARGS)
	COPYDESK_TEST_ES=$(ES) $(BIN)/python -m pytest -n 2 -m "not ($(FAST))" $(ARGS)

# The servers that the tests run against: Redis, Java 17, Chromium (Debian packages) and Elasticsearch (Maven).
services:
	@tests/support/install.sh $(ES)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/deptry .
	$(BIN)/codespell

# Write the reference pages from the code, then build the site into build/docs.
docs: setup
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/update_reasons.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# Train both models again and compare them with those of the repository: make train-check FOLDER=pages READINGS=file.
# PYTHON needs lightgbm, numpy and publicsuffixlist, which are no dependencies of the project.
train-check:
	$(PYTHON) -m bench.train_blocks $(FOLDER) --readings $(READINGS)
	$(PYTHON) -m bench.train_lines $(FOLDER)

bench: setup
	@$(BIN)/python -m bench $(ARGS)

# The packages of an installation and those of its developers, with hashes. Run it after a change of the dependencies.
LOCK := $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
lock:
	$(LOCK) -o requirements.lock
	$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock

# Remove what `make` created. Data that users ingested stays.
clean:
	rm -rf $(VENV) build data/demo
