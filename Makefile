# Each target does its own set-up; a second call finds it done. README.md shows the two to begin with: demo and test.
# Another Python: make PYTHON=/path/to/python3.11 setup. Mirrors: PIP_INDEX_URL and pip's other settings are respected.

PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
BIN := .venv/bin
READY := .venv/ready
# Processes are many here, so each has one thread, and modules are compiled once for all, whatever the shell says
TEST_SETTINGS := OMP_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false PYTHONDONTWRITEBYTECODE=
RUN_TESTS := $(TEST_SETTINGS) $(BIN)/pytest --numprocesses 2

.PHONY: help setup check test test-all flaky demo docs bench messages lock upgrade clean

help:
	@echo 'make demo     build, measure and serve a classifier of Chinese and English reviews'
	@echo 'make test     run the everyday tests'
	@echo 'make test-all run the slow ones too: whole builds, kills, 20,000 metered events'
	@echo 'make flaky    run the everyday tests ten times, in other orders with other draws, and name those that failed once'
	@echo 'make check    run every linter, the type checker, the walls and the strict build of the docs'
	@echo 'make bench    measure every claim that does not stand, and write the table; again: make bench AGAIN=serving'
	@echo 'make docs     build the docs into docs/_build/html'
	@echo 'make messages gather the messages into the Chinese catalogue, name those without a translation, and compile it'
	@echo 'make lock     write requirements/*.lock anew from pyproject.toml (make upgrade: with the newest versions)'
	@echo 'make setup    only make .venv, which all of the above do when it is missing'

setup: $(READY)

$(READY): pyproject.toml scripts/setup.py $(wildcard requirements/*.lock)
	@test -n "$(PYTHON)" || { echo 'Argosy needs Python 3.11 or newer, and none was found.' \
		'On Debian and Ubuntu: apt-get install python3 python3-venv'; exit 1; }
	$(PYTHON) scripts/setup.py
	@touch $@

demo: $(READY)
	$(BIN)/python examples/reviews/demo.py

test: $(READY)
	$(RUN_TESTS) -m 'not slow'

test-all: $(READY)
	$(RUN_TESTS)

flaky: $(READY)
	$(TEST_SETTINGS) $(BIN)/python scripts/flaky.py --times 10

check: $(READY) docs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(BIN)/vulture
	$(BIN)/codespell
	$(BIN)/python scripts/check_locks.py

docs: $(READY)
	$(BIN)/sphinx-build -W --keep-going --quiet --builder html docs docs/_build/html

bench: demo
	$(BIN)/python -m benchmarks $(if $(AGAIN),--again $(AGAIN)) $(if $(DATA),--data $(DATA))
	$(BIN)/python docs/measured.py examples/reviews

messages: $(READY)
	$(BIN)/python scripts/messages.py

lock: $(READY)
	$(BIN)/python scripts/lock.py

upgrade: $(READY)
	$(BIN)/python scripts/lock.py --upgrade

clean:
	rm -rf .venv build dist docs/_build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
