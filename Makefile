# Everything a person needs:   make run    make test
#
# The virtual environment and, when root, the Debian packages that the lab needs are
# installed on the way. PYTHON=python3.12 chooses another interpreter.

# The distribution's own interpreter comes first, where it is new enough: one built by hand,
# as pyenv does it, often lacks profile-guided optimisation and runs monlvs at half the speed.
PYTHON ?= $(shell /usr/bin/python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    2>/dev/null && echo /usr/bin/python3 || echo python3)
VENV   ?= .venv
BIN    := $(VENV)/bin
NATIVE := build/native
JOBS   ?= 6
SOAKS  ?= 2
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder -q
# What fails is run once more, with the machine to itself: bounds in time are claims about
# monlvs, not about a neighbour's load. What fails twice has failed.
AGAIN  := $(BIN)/python -m pytest -q --last-failed --last-failed-no-failures none

.PHONY: run test check lint types lab soak bench compared packages bytecode native clean

run: bytecode
	@$(BIN)/monlvs demo

test: packages $(VENV)/test.stamp bytecode
	$(PYTEST) -m "not soak" || $(AGAIN) -m "not soak"

check: packages $(VENV)/test.stamp bytecode lint types
	$(PYTEST) -m "not soak" || $(AGAIN) -m "not soak"

lint: $(VENV)/test.stamp
	$(BIN)/ruff format --check monlvs tests bench setup.py
	$(BIN)/ruff check monlvs tests bench setup.py
	$(BIN)/lint-imports
	$(BIN)/codespell README.md CHANGELOG.md docs etc monlvs bench

types: $(VENV)/test.stamp
	$(BIN)/mypy

lab: packages bytecode
	$(BIN)/monlvs lab demo

soak: packages $(VENV)/soak.stamp bytecode
	$(BIN)/python -m pytest -q -m soak -n $(SOAKS) tests/soak
	$(BIN)/python -m pytest -q -m soak --ignore tests/soak

bench: packages native
	cd $(NATIVE) && $(abspath $(BIN))/python -m bench

compared: packages native
	cd $(NATIVE) && $(abspath $(BIN))/python -m bench.compared --write-docs --check

packages:
	@sh tests/packages.sh

# Where PYTHONDONTWRITEBYTECODE is set each start would compile what it imports.
bytecode: $(VENV)/run.stamp
	@$(BIN)/python -m compileall -q monlvs

# What every check goes through, as machine code, in a tree of its own: the sources here
# are never hidden by what was made of them.
native: $(NATIVE)/stamp
	@$(BIN)/python -m compileall -q $(NATIVE)/monlvs

$(NATIVE)/stamp: $(VENV)/test.stamp setup.py $(shell find monlvs -name '*.py')
	@rm -rf $(NATIVE)/monlvs && mkdir -p $(NATIVE) && cp -R monlvs $(NATIVE)
	@for each in bench contrib docs etc tests LICENSE Makefile pyproject.toml setup.py *.md; do \
	    ln -sfn ../../$$each $(NATIVE); done
	@cd $(NATIVE) && MONLVS_COMPILE=1 $(abspath $(BIN))/python setup.py --quiet build_ext --inplace
	@touch $@

$(VENV)/run.stamp: pyproject.toml
	@$(BIN)/python -m pip --version >/dev/null 2>&1 \
	    || $(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 \
	    || { sh tests/packages.sh venv && $(PYTHON) -m venv --clear $(VENV); } \
	    || python3 -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade 'pip>=25.1'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group test --group lint
	@touch $@

$(VENV)/soak.stamp: $(VENV)/test.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group soak
	@touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
