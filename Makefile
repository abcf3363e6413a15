# make run        the demo: a sample town with mail and scans coming in (make run ARGS="--port 8090")
# make test       the tests, against real servers; at most ten minutes on two cores (make test ARGS="-k imap")
# make test-long  the fault, soak and fuzz runs
# make lint       linter, type checker, import contracts
# make bench      what is measured, in one table; some fifteen minutes (make bench ARGS=--long: hours)
# make audit      known vulnerabilities of the dependencies
# make setup      only the installation, which all of these do first when something is missing
# make messages   the English catalogue brought up to date with what the pages say
# make screens    pictures of every page into docs/screens, from a demo of its own
# make lock       requirements.lock anew from pyproject.toml (needs uv)
# make clean      remove what can be made again

VENV := .venv
PYTHON := /usr/bin/python3

PACKAGES := python3 python3-venv tesseract-ocr tesseract-ocr-bul tesseract-ocr-eng tesseract-ocr-osd tesseract-ocr-tur \
            libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 libmagic1 libarchive13 libseccomp2 catdoc \
            fonts-dejavu-core fonts-liberation2 tzdata ca-certificates
TEST_PACKAGES := dovecot-imapd postgresql chromium openssl systemd clamav-daemon bindfs

# Everything is locked with hashes. Debian's setuptools builds the two packages that have no wheel; what builds the package itself is in the lock too, so nothing else is fetched.
INSTALL := $(VENV)/bin/pip install -qq --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help setup debian debian-test run test test-long lint bench audit messages screens lock clean

help:
	@sed -n 's/^# \{0,1\}//p; /^$$/q' Makefile

setup: debian $(VENV)/.installed

debian:
	@.ci/debian-packages $(PACKAGES)

debian-test:
	@.ci/debian-packages $(PACKAGES) $(TEST_PACKAGES)

$(VENV)/.installed: requirements.lock pyproject.toml | debian
	@$(VENV)/bin/python -c '' 2>/dev/null || { echo "Making $(VENV)"; rm -rf $(VENV); $(PYTHON) -m venv $(VENV); }
	@echo "Installing Python packages from requirements.lock into $(VENV)"
	@$(INSTALL) --require-hashes --requirement requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

run: setup
	@$(VENV)/bin/mailroom demo $(ARGS)

test: debian-test setup
	$(VENV)/bin/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder -m "not long" $(ARGS)

test-long: debian-test setup
	$(VENV)/bin/pytest -m long --timeout 0 $(ARGS)

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

bench: debian-test setup
	@$(VENV)/bin/python -m benchmarks $(ARGS)

audit: setup
	$(VENV)/bin/python -m tools.audit

messages: setup
	$(VENV)/bin/python -m tools.messages

screens: debian-test setup
	$(VENV)/bin/python -m tools.screens $(ARGS)

lock:
	uv pip compile pyproject.toml --group dev --generate-hashes --no-emit-index-url --no-header \
	    --python-version 3.11 --output-file requirements.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache demo-data
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf *.egg-info
