# Anlan 安澜. `make demo` shows it, `make test` checks it; nothing needs to be installed or set before.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
DEMO ?= sqlite:///var/demo.sqlite3
HOUSEHOLDS ?= 70000
BIND ?= 127.0.0.1:8000
TESTS ?= -m "not long"

.PHONY: help demo serve setup test check bench coverage lock messages format docs clean

help: ## list what make can do
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: setup ## set up, run a June rainstorm through the whole plan, serve it on 127.0.0.1:8000
	@ANLAN_DATABASE=$(DEMO) $(BIN)/anlan demo --households $(HOUSEHOLDS) --bind $(BIND)

serve: setup ## serve this county (ANLAN_DATABASE names its database)
	@$(BIN)/anlan setup
	@$(BIN)/anlan serve --bind $(BIND)

setup: .venv/.run node_modules/.done $(BIN)/.messages ## install into .venv, so that .venv/bin/anlan works

test: setup .venv/.dev ## run the tests; TESTS= for the long ones too (browsers, killed processes, whole storms)
	@$(BIN)/pytest -n auto --dist loadgroup $(TESTS)

check: setup .venv/.dev ## format, lint, types, import contracts, templates, migrations, messages
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy
	@$(BIN)/djlint --check --lint --quiet src
	@DJANGO_SETTINGS_MODULE=anlan.county.config.settings $(BIN)/python -m django makemigrations --check --dry-run
	@$(BIN)/python tools/messages.py --check
	@$(BIN)/python tools/docs.py --check

coverage: setup .venv/.dev ## branch coverage of the engine and of every actions.py, without the long tests
	@rm -f .coverage*
	@$(BIN)/coverage run -m pytest -n auto --dist loadgroup -q -m "not long" --ignore tests/browser
	@$(BIN)/coverage combine -q
	@$(BIN)/coverage report --fail-under=100

bench: setup .venv/.dev ## measure speed and memory, and write docs/benchmarks.md; ONLY="drill clone" for some of it
	@$(BIN)/python -m tests.bench.run $(ONLY)

docs: setup .venv/.dev ## write the generated pages: traceability, states, roles
	@$(BIN)/python tools/docs.py

messages: setup .venv/.dev ## collect the texts that users see into the translation file
	@$(BIN)/python tools/messages.py

format: .venv/.dev ## lay out code and templates
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && $(BIN)/djlint --reformat --quiet src || true

lock: $(BIN)/uv ## pin the requirements, with hashes
	@for name in run dev uv node spark splink fast apprise; do $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	  --no-header -o requirements/$$name.txt requirements/$$name.in \
	  $$([ $$name = run ] || echo -c requirements/run.txt); done

clean: ## take away everything that make made
	@rm -rf .venv node_modules var build .pytest_cache .mypy_cache .ruff_cache .hypothesis

# --- the parts of setup --------------------------------------------------------------------------
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Anlan needs Python 3.11 or newer; try make PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv

$(BIN)/uv: requirements/uv.txt | $(BIN)/python
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

# uv where it runs; the slower pip where it does not.
.venv/.run: requirements/run.txt pyproject.toml | $(BIN)/uv
	@echo "installing what Anlan needs …"
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/run.txt \
	  || $(BIN)/pip install -q --require-hashes -r requirements/run.txt
	@$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e . \
	  || $(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements/dev.txt | .venv/.run
	@echo "installing what the checks need …"
	@$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/dev.txt \
	  || $(BIN)/pip install -q --require-hashes -r requirements/dev.txt
	@touch $@

# The map library. Without it (no npm registry in reach) the map is drawn as a plain picture.
node_modules/.done: package-lock.json | .venv/.run
	@command -v npm >/dev/null || $(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/node.txt
	@PATH="$$PWD/$(BIN):$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error \
	  && touch $@ || echo "the map library could not be fetched; maps will be plain pictures"

$(BIN)/.messages: src/anlan/county/locale/en/LC_MESSAGES/django.po | .venv/.run
	@$(BIN)/python -m anlan.county.config.messages
	@touch $@
