# `make help` lists what is here. Only Python >= 3.11 and make are needed for `make`; `make test` brings the rest.

VENV ?= .venv
PYTHON ?=
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --quiet
CODE := $(wildcard policysite tests tools bench build.py)
WORKERS ?= 2
UV := uv==0.13.9

.DEFAULT_GOAL := build
.DELETE_ON_ERROR:
.PHONY: build serve test unit lint format bench screenshots lock setup setup-test clean distclean help

build: setup ## Build the site into dist/ (the default)
	$(BIN)/policysite build

serve: setup ## Serve the site on this machine and rebuild on every change
	$(BIN)/policysite serve

test: setup-test lint unit ## Install what the tests need, then lint and run every test

unit: setup-test # (ARGS='-k banner' narrows it)
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

lint: $(VENV)/.test ## Style, types, and lock files that name no host
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(CODE)
	@sh tools/locks.sh check

format: $(VENV)/.test ## Rewrite the code in the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup-test ## Measure (ARGS='speed --sizes S,M --rounds 3'; `python -m bench --help`)
	$(BIN)/python -m bench $(ARGS)

screenshots: setup-test ## Take pictures of every page into screenshots/
	$(BIN)/python -m tools.screenshots $(ARGS)

lock: ## Renew the lock files (ARGS=--upgrade for newer versions)
	@sh tools/venv.sh .venv-lock $(PYTHON)
	.venv-lock/bin/python -m pip --disable-pip-version-check install --quiet '$(UV)'
	sh tools/locks.sh write $(ARGS)

setup: $(VENV)/.package # Everything the build needs

setup-test: system setup $(VENV)/.test $(if $(POLICYSITE_SKIP_BROWSER),,node_modules/.stamp) # Everything the tests need

.PHONY: system
system:
	@sh tools/system.sh

# Stamps: each is newer than the lock it was installed from, so a second run does nothing.
$(VENV)/pyvenv.cfg:
	@sh tools/venv.sh $(VENV) $(PYTHON)

$(VENV)/.runtime: requirements/runtime.txt | $(VENV)/pyvenv.cfg
	$(PIP) --require-hashes -r requirements/runtime.txt
	@touch $@

$(VENV)/.package: pyproject.toml $(VENV)/.runtime
	$(PIP) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.runtime
	$(PIP) --require-hashes -r requirements/test.txt
	@touch $@

node_modules/.stamp: package-lock.json package.json .npmrc | system
	npm ci --ignore-scripts --silent
	@touch $@

clean: ## Remove what builds and tests leave behind
	rm -rf dist .dist* .cache .policysite-cache screenshots build *.egg-info
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## The same, and the installed packages too
	rm -rf $(VENV) .venv-lock .bench node_modules

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20
