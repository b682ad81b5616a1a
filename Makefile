# Sets up what Afterword needs, and runs, checks and tests it. `make` alone says what there is to do.
# It takes Python 3.11 or newer, make and, the first time, a network.

VENV := .venv
BIN := $(VENV)/bin
UV ?= uv
WORKERS ?= auto
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development

.DEFAULT_GOAL := help
.PHONY: help environment development peers demo test test-system simulate check format lock wheel man deb bench soak clean distclean

help: ## Say what there is to do
	@echo 'make TARGET, where TARGET is one of:'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

environment: $(RUNTIME) ## Set up .venv with what Afterword runs on

development: $(DEVELOPMENT) ## Set up .venv with what checks and tests it, too

peers: ## Install the servers that tests talk to and that npm brings (needs Node.js and npm)
	@command -v npm >/dev/null || { echo 'This takes Node.js 20 and npm: apt-get install nodejs npm' >&2; exit 1; }
	@for place in tests/google/emulator tests/editor tests/daemon/review; do (cd $$place && npm ci --silent --no-fund --no-audit) || exit 1; done

demo: $(RUNTIME) ## Play eight weeks of a sample calendar, and leave a Maildir to look at
	@$(BIN)/afterword demo $(ARGS)

test: $(DEVELOPMENT) ## Run all tests; ARGS='-k maildir' chooses
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS) # hundreds of processes start

test-system: $(DEVELOPMENT) ## Live with the Debian package in a machine of its own (QEMU); takes ten minutes
	@$(BIN)/python -m tests.system $(ARGS)

simulate: $(DEVELOPMENT) ## Play eventful years: SEEDS=1000 of them, or one with its story: SEED=17
	@$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED),--seeds $(or $(SEEDS),20)) $(ARGS)

check: $(DEVELOPMENT) ## Look for faults without running: lint, format, types, direction of imports
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache >$(VENV)/imports.txt || { cat $(VENV)/imports.txt; exit 1; }
	@echo 'No faults found.'

format: $(DEVELOPMENT) ## Lay the code out, and mend what can be mended
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

lock: ## Choose the versions anew (needs uv); ARGS=--upgrade takes the newest
	@command -v $(UV) >/dev/null || { echo 'This takes uv: $(BIN)/python -m pip install uv, then make lock UV=$(BIN)/uv' >&2; exit 1; }
	@$(LOCK) pyproject.toml requirements/build.in -o requirements/runtime.txt
	@$(LOCK) -c requirements/runtime.txt pyproject.toml requirements/build.in requirements/development.in \
		-o requirements/development.txt
	@for pins in runtime development; do sed -i '1i # Chosen by `make lock`; change pyproject.toml or requirements/*.in instead.' \
		requirements/$$pins.txt; done
	@echo 'Chosen: requirements/runtime.txt and requirements/development.txt'

LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --no-annotate $(ARGS)

wheel: $(DEVELOPMENT) ## Build the wheel into dist/, for pipx and uv
	@$(PIP) wheel --no-deps --no-index --no-build-isolation --wheel-dir dist .
	@ls -t dist/afterword-*.whl | head -1

man: $(RUNTIME) ## Write the man pages and what shells complete by into build/share
	@$(BIN)/python -m packages.manual build/share/man/man1
	@$(BIN)/python -m packages.completion build/share
	@echo 'build/share'

deb: $(DEVELOPMENT) ## Build the Debian package into dist/
	@$(BIN)/python -m packages.deb dist $(ARGS)

soak: $(DEVELOPMENT) ## Run the service for 72 simulated hours and ten real minutes: nothing may grow (docs/benchmarks.md)
	@$(BIN)/python -m tests.daemon.soak $(ARGS)

bench: $(DEVELOPMENT) ## Measure large calendars (docs/benchmarks.md); takes ten minutes
	@$(BIN)/python -m bench $(ARGS)

clean: ## Remove what checks and tests leave behind
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## Remove .venv as well, and the disk of test-system
	@rm -rf $(VENV) tests/system/.cache

# --- the environment: one stamp for each list of pins, so that nothing is done twice ------------------------

$(BIN)/python:
	@set -e; \
	for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found="$$python"; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Afterword needs Python 3.11 or newer, and there is none here ($$(python3 --version 2>&1 || echo 'no python3'))." >&2; \
		echo 'Install it (on Debian and Ubuntu: apt-get install python3 python3-venv), or name one: make PYTHON=/path/to/python3' >&2; \
		exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$$found cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2; \
		exit 1; \
	fi; \
	echo "Setting up .venv with $$("$$found" --version) ..."; \
	"$$found" -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

$(RUNTIME): requirements/runtime.txt pyproject.toml | $(BIN)/python
	@echo 'Installing what Afterword runs on ...'
	@$(PIP) install --require-hashes -r $<
	@$(PIP) install --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(DEVELOPMENT): requirements/development.txt $(RUNTIME)
	@echo 'Installing what checks and tests it ...'
	@$(PIP) install --require-hashes -r $<
	@touch $@
