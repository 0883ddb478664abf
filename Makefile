# make demo      sets up what is missing, then diagnoses captures/faild.pcap
# make test      sets up what is missing, then lint, types and all tests
# make bench     measures against tshark, tcpdump, tcpflow and a plain dpkt loop
# make captures  records the sample captures anew
# make fuzz      feeds damaged input to the readers until FUZZ_SECONDS are over

VENV         ?= .venv
BIN          := $(VENV)/bin
FUZZ_SECONDS ?= 60
WORKERS      ?= 2
PIP          := PYTHONWARNINGS=ignore $(BIN)/python -m pip --disable-pip-version-check
PIP_INSTALL  := $(PIP) install --quiet --constraint requirements.lock

.PHONY: demo test lint types check bench captures fuzz clean

demo: $(VENV)/.installed
	@$(BIN)/ossig captures/faild.pcap; code=$$?; test $$code -eq 1 || exit $$code

test: $(VENV)/.installed-tests lint types check

lint: $(VENV)/.installed-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-tests
	$(BIN)/mypy

check: $(VENV)/.installed-tests
	$(BIN)/python -m pytest -n $(WORKERS)

bench: $(VENV)/.installed-tests
	$(BIN)/python -m tests.benchmarks

captures: $(VENV)/.installed-tests
	$(BIN)/python -m tests.recorder.record

fuzz: $(VENV)/.installed-tests
	$(BIN)/python -m tests.fuzz --seconds $(FUZZ_SECONDS)

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/.installed: $(BIN)/python pyproject.toml requirements.lock
	@echo "Installing what ossig needs ..."
	@$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/.installed-tests: $(VENV)/.installed pyproject.toml requirements.lock
	@echo "Installing what the tests need ..."
	@$(PIP_INSTALL) --group test
	@touch $@

# Debian ships Python without venv's pip (package python3-venv) and often without pip. In turn: an interpreter that has
# both; one whose own pip can fill the environment; at last pip's wheel out of Debian's package, which needs no root to
# be downloaded and unpacked.
$(BIN)/python:
	@set -e; chosen=; \
	for python in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 /usr/bin/python3; do \
	  command -v $$python >/dev/null 2>&1 || continue; \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	  chosen=$${chosen:-$$python}; \
	  if $$python -c 'import ensurepip, venv' 2>/dev/null; then chosen=$$python; break; fi; \
	done; \
	test -n "$$chosen" || { echo 'ossig needs Python 3.11 or newer; none was found.' >&2; exit 1; }; \
	echo "Setting up $(VENV) with $$($$chosen --version) ..."; \
	rm -rf $(VENV); \
	if $$chosen -c 'import ensurepip' 2>/dev/null; then \
	  $$chosen -m venv $(VENV); \
	elif $$chosen -m pip --version >/dev/null 2>&1; then \
	  $$chosen -m venv --without-pip $(VENV); \
	  $$chosen -m pip --python $(VENV) install --quiet pip; \
	elif command -v apt-get >/dev/null 2>&1; then \
	  $$chosen -m venv --without-pip $(VENV); \
	  test "$$(id -u)" -ne 0 || apt-get update -qq || true; \
	  mkdir -p $(VENV)/pip-wheel; \
	  ( cd $(VENV)/pip-wheel && apt-get download -qq python3-pip-whl && dpkg-deb -x python3-pip-whl_*.deb . ); \
	  $(VENV)/bin/python $$(ls $(VENV)/pip-wheel/usr/share/python-wheels/pip-*.whl)/pip install --quiet pip; \
	else \
	  echo "$$chosen has neither venv's pip nor pip; install one of them (Debian: python3-venv)." >&2; exit 1; \
	fi; \
	$(PIP) install --quiet --upgrade 'pip>=25.1'
