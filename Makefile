# make run              start a node with a test card for a camera
# make run-management   start what watches over nodes
# make test             check the daemon
# make help             all targets

PYTHON ?= python3
PORT ?= 8000
REGISTRY ?= registry/nodes.json
VENV := .venv
BIN := $(VENV)/bin

SOURCES := setup.cfg pyproject.toml constraints.txt requirements.txt $(shell find motion_in_ocean twisted -type f \
	-not -path '*/__pycache__/*' -not -name dropin.cache)

# Tests run the code of this directory, not the installed copy.
export PYTHONPATH := .
export PYTHONDONTWRITEBYTECODE := 1

# None of these names is that of a file.
.PHONY: $(shell sed -n 's/^\([a-z0-9-]*\):.*/\1/p' $(MAKEFILE_LIST))

help: ## show this
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

run: $(VENV)/.installed ## start a node with the mock camera (PORT=8000)
	@echo
	@echo "    Open http://localhost:$(PORT)/ – Ctrl-C ends it."
	@echo
	@trap : INT; MOCK_CAMERA=true PORT=$(PORT) $(BIN)/twistd -n motion-in-ocean || \
		[ $$? -eq 130 ]

run-management: PORT = 8001
run-management: $(VENV)/.installed ## start what watches over nodes (PORT=8001, REGISTRY=registry/nodes.json)
	@echo
	@echo "    Open http://localhost:$(PORT)/ – Ctrl-C ends it."
	@echo
	@trap : INT; APP_MODE=management NODE_REGISTRY_PATH=$(REGISTRY) PORT=$(PORT) \
		$(BIN)/twistd -n motion-in-ocean || [ $$? -eq 130 ]

test: lint types layers docs unit ## what is checked before every change

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-test
	$(BIN)/mypy

layers: $(VENV)/.installed-test
	$(BIN)/lint-imports

axe: tests/integration/node_modules/.package-lock.json ## what the tests in a browser need from npm

tests/integration/node_modules/.package-lock.json: tests/integration/package-lock.json
	npm ci --prefix tests/integration --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

screenshots: $(VENV)/.installed-test ## take pictures of both pages in all states (README=--readme: also for the README)
	$(BIN)/python -m tests.screenshots $(README)

unit: $(VENV)/.installed-test
	@scripts/test-side-by-side.sh $(BIN)/python daemon

test-camera: $(VENV)/.installed-test ## as root: try the daemon with the real Picamera2
	@scripts/test-side-by-side.sh $(BIN)/python camera

test-pages: $(VENV)/.installed-test axe ## try both pages in Chromium, in a few minutes
	@scripts/test-side-by-side.sh $(BIN)/python pages

picamera2-root: ## as root: build what the tests with the real Picamera2 run in
	tests/integration/picamera2/make_root.sh

marathon: $(VENV)/.installed-test ## as root: break the camera a hundred times (FAULTS=100 SEED=...)
	$(BIN)/python -m twisted.trial --temp-directory _trial_temp_marathon \
		tests.integration.picamera2.marathon

api-fuzz: $(VENV)/.installed-test ## try both modes with made-up requests, in about three minutes (EXAMPLES=60 SEED=...)
	EXAMPLES=$(or $(EXAMPLES),60) SEED=$(or $(SEED),$(shell shuf -i 1-999999 -n 1)) $(BIN)/python -m twisted.trial \
		--temp-directory _trial_temp_api_fuzz tests.integration.api_fuzz.test_api_fuzz

CONTAINER_TESTS := tests.containers.image tests.containers.compose tests.containers.compose_management \
	tests.containers.camera tests.containers.arm64 tests.containers.systemd.installing \
	tests.containers.systemd.running tests.containers.systemd.activation tests.containers.systemd.sandbox

test-containers: $(VENV)/.installed-test ## as root: run the image, and the units in a booted machine, as users do, in a quarter of an hour
	tests/containers/engine.sh $(BIN)/python -m twisted.trial --temp-directory _trial_temp_containers $(CONTAINER_TESTS)

bench: $(VENV)/.installed-bench ## compare with other servers, in less than four minutes
	$(BIN)/python -m benchmarks

bench-full: $(VENV)/.installed-bench ## the same, up to 2000 viewers, in half an hour
	$(BIN)/python -m benchmarks --plan full

bench-fleet: $(VENV)/.installed-bench ## compare asking a thousand nodes with other clients, in three minutes
	$(BIN)/python -m benchmarks.fleet

constraints: $(VENV)/.installed-test ## pin the newest versions of all dependencies, with hashes
	$(BIN)/python -m pip install --quiet uv
	echo setuptools | $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --no-annotate \
		--extra test --extra docs --extra bench --custom-compile-command "make constraints" \
		--output-file constraints.txt setup.cfg -
	echo setuptools | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate \
		--generate-hashes --constraint constraints.txt --custom-compile-command "make constraints" \
		--output-file requirements.txt setup.cfg -

audit: ## ask whether any of the pinned versions is known to have holes (needs the network)
	@PYTHON="$(PYTHON)" scripts/audit.sh

docs: $(VENV)/.installed-test ## build the guides in build/docs/html; warnings are errors
	$(BIN)/sphinx-build -W --keep-going -q -d build/docs/doctrees docs build/docs/html
	@echo "Open build/docs/html/index.html"

reference: $(VENV)/.installed-test ## write docs/reference/ from the code
	$(BIN)/python -m docs.write_reference

news: $(VENV)/.installed-test ## what the next release's notes will say
	$(BIN)/towncrier build --draft --version next

clean: ## remove what was installed and built
	rm -rf $(VENV) build *.egg-info _trial_temp* .coverage .mypy_cache .ruff_cache \
		.import_linter_cache .hypothesis twisted/plugins/dropin.cache

$(VENV)/.installed: $(SOURCES)
	@PYTHON="$(PYTHON)" scripts/install.sh $(VENV)
	@touch $@

$(VENV)/.installed-test: $(SOURCES)
	@PYTHON="$(PYTHON)" scripts/install.sh $(VENV) test,docs
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-bench: $(SOURCES)
	@PYTHON="$(PYTHON)" scripts/install.sh $(VENV) bench
	@touch $@ $(VENV)/.installed
