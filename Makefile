# The ways in. Each can be run on a fresh checkout, in any order, and again: what is there is not made twice.
# PYTHON chooses the interpreter the environment is built with, PORT where the demonstration listens.

PYTHON ?= python3
PORT ?= 5000
# One worker a core; -n 0 runs the tests in one process, for a debugger.
TESTFLAGS ?= -n auto --dist worksteal
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
COMPILE := $(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --generate-hashes --no-emit-index-url --no-annotate \
	--custom-compile-command "make constraints" pyproject.toml

.DELETE_ON_ERROR:
.PHONY: help install demo test check format bench wheel constraints clean

help: ## Say what there is
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 20

install: .venv/.installed ## Build .venv and what the pages load
	@$(BIN)/python .ci/vendor.py
	@$(BIN)/python .ci/translations.py compile

demo: install ## Serve a demonstration, PORT=5000
	@$(BIN)/python -m tracker demo --port $(PORT)

test: install .venv/.tools ## Run all tests
	@PYTHON=$(PYTHON) sh .ci/system-packages test
	$(BIN)/python -m pytest $(TESTFLAGS)

check: install .venv/.tools ## Format, lint, types, import contracts, translations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/translations.py check

format: .venv/.tools ## Format, and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: install .venv/.tools ## Measure pages, moves, labels
	$(BIN)/python -m tests.bench

wheel: install ## Build dist/*.whl
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

constraints: .venv/.tools ## Take new versions into the constraints files
	$(COMPILE) --upgrade --extra build --extra s3 --output-file constraints.txt
	$(COMPILE) --upgrade --all-extras --constraints constraints.txt --output-file .ci/constraints.txt

clean: ## Take away what was built; var/ with its data stays
	rm -rf .venv node_modules tracker/static/vendor dist build

.venv/.made:
	@PYTHON=$(PYTHON) sh .ci/system-packages run
	$(PYTHON) -m venv --clear .venv
	@touch $@

.venv/.installed: .venv/.made constraints.txt pyproject.toml
	$(PIP) --require-hashes --requirement constraints.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.tools: .venv/.installed .ci/constraints.txt
	$(PIP) --require-hashes --requirement .ci/constraints.txt
	@touch $@
