# make chat    install everything and serve the page at 127.0.0.1:7860
# make test    install everything and run every test
# make check   lint, types, declared imports, and the quick tests
# make eval    install everything and compare the answers with the gates of evals/gates.toml
# make setup   install everything and process the passages; a second run does nothing

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check
# The build leaves out the parts of llama.cpp that the advisor does not use. llama-cpp-python switches
# on the library "common" for good; a variable of that name in .make/llama.cmake takes precedence.
LLAMA := -DLLAVA_BUILD=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_TESTS=OFF \
         -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF \
         -DCMAKE_PROJECT_llama_cpp_INCLUDE='$(CURDIR)/.make/llama.cmake'
# AMX code that GCC 12 compiles ends with an illegal instruction; AVX-512 replaces it
# (docs/decisions/build-of-llama-cpp.md)
NO_AMX := -U__AMX_INT8__
# a hash of the variables with these names
HASH = $(shell $(PYTHON) -c "import os, hashlib; \
  print(hashlib.sha256(repr([os.environ.get(n) for n in '$(1)'.split()]).encode()).hexdigest()[:12])")
ADVISOR_ENVIRONMENT := $(call HASH,HOME XDG_CACHE_HOME XDG_DATA_HOME \
  ADVISOR_CACHE_DIR ADVISOR_DATA_DIR ADVISOR_MODEL ADVISOR_BASE_URL)
COMPILED := .make/llama-$(call HASH,CMAKE_ARGS CFLAGS CXXFLAGS)
MODELS := .make/models-$(ADVISOR_ENVIRONMENT)
READY := .make/ready-$(ADVISOR_ENVIRONMENT)
BASELINE := $(if $(wildcard evals/baseline.json),--baseline evals/baseline.json)
# compilation depends on nothing else, and the models depend on the packages only
INSTALL := $(MAKE) --no-print-directory -j2 .make/installed $(MODELS)

LINT := $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/deptry .
# in parallel, except for tests of a model, which takes both cores and the memory by itself
PARALLEL := $(BIN)/python -m pytest --numprocesses 2

.PHONY: chat test check eval setup look learn probes lint lock clean

# the page opens while the model still processes the system messages, and shows the progress
chat:
	@$(INSTALL)
	$(BIN)/advisor serve

setup:
	@$(INSTALL)
	@$(MAKE) --no-print-directory $(READY)

test: setup .make/installed-for-tests
	$(BIN)/advisor pull smollm2-135m
	$(LINT)
	$(PARALLEL) -m "not model"
	$(BIN)/python -m pytest -m model

check: .make/installed-for-tests $(MODELS)
	$(LINT)
	$(PARALLEL) -m "not model and not browser and not slow"

# every tier runs even if one fails; stored answers of an earlier run may be of older code
eval: setup
	status=0; for tier in retrieval decision answers; do \
	  rm -rf out/ci/$$tier; \
	  $(BIN)/advisor eval --tier $$tier --out out/ci/$$tier $(BASELINE) || status=1; \
	done; exit $$status

.make/venv:
	@mkdir -p .make
	$(PYTHON) -m venv .venv
	@touch $@

# the lock names every package, so pip resolves nothing
.make/packages: requirements.lock pyproject.toml .make/venv
	@echo "Packages: about 800 MB"
	@awk '/^[a-zA-Z]/ { ours = !/^llama-cpp-python==/ } ours' requirements.lock > .make/packages.lock
	$(PIP) --quiet --no-deps --require-hashes -r .make/packages.lock
	$(PIP) --quiet --no-deps --no-build-isolation -e .
	@touch $@

.make/installed: .make/packages $(COMPILED)
	@touch $@

# not from pip's cache: its wheel may have other flags, or come from another machine with this home
$(COMPILED): requirements.lock .make/venv
	@echo "llama.cpp: compiles for this machine, 2 to 5 minutes"
	@awk '/^[a-zA-Z]/ { ours = /^llama-cpp-python==/ } ours' requirements.lock > .make/compiled.lock
	@echo 'set(LLAMA_BUILD_COMMON OFF)' > .make/llama.cmake
	CMAKE_BUILD_PARALLEL_LEVEL=$${CMAKE_BUILD_PARALLEL_LEVEL:-$$(getconf _NPROCESSORS_ONLN)} \
	CMAKE_ARGS="$(LLAMA) $$CMAKE_ARGS" CFLAGS="$(NO_AMX) $$CFLAGS" CXXFLAGS="$(NO_AMX) $$CXXFLAGS" \
	$(PIP) --quiet --no-cache-dir --force-reinstall --no-deps --require-hashes -r .make/compiled.lock
	@rm -f .make/llama-* && touch $@

.make/installed-for-tests: requirements-test.lock .make/installed
	@echo "Packages that only tests need"
	@awk '/^[a-zA-Z]/ { ours = !/^llama-cpp-python==/ } ours' requirements-test.lock > .make/tests.lock
	$(PIP) --quiet --no-deps --require-hashes -r .make/tests.lock
	@touch $@

$(MODELS): .make/packages
	@echo "Model: downloads 1.1 GB, once"
	$(BIN)/advisor pull
	@touch $@

$(READY): .make/installed $(MODELS) $(wildcard knowledge/data/* prompts/*/*.md)
	@echo "Index: embeds the comparison, and the model processes it once (1 to 3 minutes)"
	$(BIN)/advisor index
	@touch $@

# what every comparison has in common, after evals.tuning.embedder, which needs the extra [tuning];
# two to nine minutes a comparison, and it goes on where it was stopped
learn: setup
	$(BIN)/python -m evals.tuning.states
	$(BIN)/python -m evals.tuning.learn

# the probes that ship with the comparison, and those of the second comparison in tests; half an hour
probes: setup
	$(BIN)/python -m evals.tuning.ship
	$(BIN)/python -m evals.tuning.ship tests/data/second.md

# pictures of the page for docs/, seconds of each step, and findings of axe; needs chromium
look: setup .make/installed-for-tests
	$(BIN)/python -m tests.helpers.look --out docs

lint:
	$(BIN)/ruff check --fix . && $(BIN)/ruff format . && $(BIN)/mypy

# versions with hashes; needs uv. One resolution for both files.
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header -q pyproject.toml
lock:
	$(COMPILE) --all-extras -o requirements-test.lock
	$(COMPILE) --extra build -c requirements-test.lock -o requirements.lock

clean:
	rm -rf .venv .make build dist *.egg-info
