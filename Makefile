# make chat    set everything up and serve the page on 127.0.0.1:7860
# make test    set everything up and run every test
# make eval    set everything up and hold the answers to the gates of evals/gates.toml
# make setup   the same without serving; a second time it does nothing

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check
# what llama.cpp brings along and the advisor does not use is not compiled
LLAMA := -DLLAVA_BUILD=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_TESTS=OFF \
         -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF
# its code for AMX ends with an illegal instruction where GCC 12 compiled it, which drops most of a
# tile configuration as never read; AVX-512 is used instead
NO_AMX := -U__AMX_INT8__
ADVISOR_ENVIRONMENT := $(shell $(PYTHON) -c "import os, hashlib; \
  e = os.environ; print(hashlib.sha256(repr([e.get(n) for n in ('HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', \
  'ADVISOR_CACHE_DIR', 'ADVISOR_DATA_DIR', 'ADVISOR_MODEL', 'ADVISOR_BASE_URL')]).encode()).hexdigest()[:12])")
READY := .make/ready-$(ADVISOR_ENVIRONMENT)
BASELINE := $(if $(wildcard evals/baseline.json),--baseline evals/baseline.json)

.PHONY: chat test eval setup look lint lock clean

chat: setup
	$(BIN)/advisor serve

test: setup .make/installed-for-tests
	$(BIN)/advisor pull smollm2-135m
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

# every tier runs even if one fails, so that all reports are there
eval: setup
	status=0; for tier in retrieval decision answers; do \
	  $(BIN)/advisor eval --tier $$tier --out out/ci/$$tier $(BASELINE) || status=1; \
	done; exit $$status

setup: .make/installed $(READY)

.make/installed: requirements.lock pyproject.toml
	@mkdir -p .make
	@echo "1 of 3  Packages: about 900 MB, and llama.cpp is compiled (4 to 10 minutes)"
	$(PYTHON) -m venv .venv
	CMAKE_BUILD_PARALLEL_LEVEL=$${CMAKE_BUILD_PARALLEL_LEVEL:-$$(getconf _NPROCESSORS_ONLN)} \
	CMAKE_ARGS="$(LLAMA) $$CMAKE_ARGS" CFLAGS="$(NO_AMX) $$CFLAGS" CXXFLAGS="$(NO_AMX) $$CXXFLAGS" \
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

.make/installed-for-tests: requirements-test.lock .make/installed
	@echo "Packages that only tests need"
	$(PIP) --require-hashes -r requirements-test.lock
	@touch $@

$(READY): .make/installed $(wildcard knowledge/*.md knowledge/*.jsonl prompts/*.md)
	@echo "2 of 3  Model: 1.1 GB, fetched once"
	$(BIN)/advisor pull
	@echo "3 of 3  Index: the comparison is embedded, and the model reads it and learns to tell its use cases and sentences apart (15 to 30 minutes)"
	$(BIN)/advisor index
	@touch $@

# what a user sees: the pictures of docs/, how long each step takes, and what axe finds; needs chromium
look: setup .make/installed-for-tests
	$(BIN)/python -m tests.look --out docs

lint:
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/mypy

# the versions that are installed, with hashes; needs uv. One resolution for both files.
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header -q pyproject.toml
lock:
	$(COMPILE) --all-extras -o requirements-test.lock
	$(COMPILE) --extra build -c requirements-test.lock -o requirements.lock

clean:
	rm -rf .venv .make build dist *.egg-info
