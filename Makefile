# make report YEAR=2023             one report         make test     every check
# make report YEAR=2024 QUARTER=2   January to June    make help     the rest
#
# Needs Python 3.11 or newer with venv, and make; everything else is set up in .venv on first use.

# Python to build .venv with; the first of these that will do, or PYTHON=/path/to/python.
PYTHONS := $(or $(PYTHON),python3.13 python3.12 python3.11 python3.14 python3 python)
VENV    := .venv
PY      := $(VENV)/bin/python
READY   := $(VENV)/requirements.lock
UV      ?= uv

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup report test lint format sample bench bench-ledgers bench-batch bench-drafts torture torture-files torture-releases axe sbom lock clean

help:
	@echo 'make report YEAR=2023 [QUARTER=1]  publish outputs/2023/report.html'
	@echo 'make test     style, types and tests'
	@echo 'make lint     style and types only'
	@echo 'make format   let ruff rewrite what it can'
	@echo 'make sample   make the sample workbooks in data/raw again'
	@echo 'make bench    measure run time; make bench-ledgers: 10,000 to 50 million rows'
	@echo 'make bench-batch  many districts beside a loop of stock papermill runs'
	@echo 'make bench-drafts  how well fill and proof do on drafts; ARGS="--draft FILE" for one'
	@echo 'make torture  damage thousands of workbooks (torture-files); kill runs, fail the disk, race (torture-releases)'
	@echo 'make axe      fetch axe-core, for the tests of accessibility'
	@echo 'make sbom     list what is installed, with hashes, in build/sbom.json (CycloneDX)'
	@echo 'make lock     renew requirements.lock (needs uv); UPGRADE=1 takes newer versions'
	@echo 'make setup    only set up .venv'
	@echo 'make clean    remove .venv, caches and data/processed; published reports stay'

setup: $(READY)

report: $(READY)
	@$(if $(YEAR),,echo 'Say which year: make report YEAR=2023' >&2; exit 2)
	@$(PY) pipeline.py --year '$(YEAR)' $(if $(QUARTER),--quarter '$(QUARTER)') $(ARGS)

lint: $(READY)
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --check --quiet . || { echo 'Not formatted as ruff would; run: make format' >&2; exit 1; }
	@$(PY) -m mypy --strict --no-error-summary nianbao

# TESTS= narrows it: make test TESTS='tests/test_setup.py -k font'
test: lint
	@$(PY) -m pytest -n auto --maxprocesses 4 --dist loadgroup $(TESTS)

format: $(READY)
	@$(PY) -m ruff check --fix --quiet . ; $(PY) -m ruff format --quiet .

sample: $(READY)
	@$(PY) tools/sample_data.py $(ARGS)

bench: $(READY)
	@$(PY) -m benchmarks $(ARGS)

# ARGS='--most 1000000'
bench-ledgers: $(READY)
	@$(PY) -m benchmarks.ledgers $(ARGS)

# ARGS='--districts 40 --workers 2'
bench-batch: $(READY)
	@$(PY) -m benchmarks.districts $(ARGS)

bench-drafts: $(READY)
	@$(PY) -m benchmarks.drafts $(ARGS)

torture: torture-files torture-releases

# ARGS='--seed 7000 --damaged 100 --made 0'
torture-files: $(READY)
	@$(PY) tools/torture.py $(ARGS)

# ARGS='--kills 50 --faults 5'
torture-releases: $(READY)
	@$(PY) tools/break_releases.py $(ARGS)

# Out of site-packages: pip check would miss the driver that the package asks for.
axe: build/axe/axe.lock

build/axe/axe.lock: tests/axe.lock $(READY)
	@rm -rf build/axe
	@$(PY) -m pip install -qq --disable-pip-version-check --no-deps --no-compile \
	    --require-hashes --target build/axe -r tests/axe.lock
	@cp tests/axe.lock $@

# A venv of its own: the tool and its libraries are no part of the program.
sbom: build/sbom/sbom.lock
	@build/sbom/bin/python -W ignore -m cyclonedx_py requirements requirements.lock \
	    --pyproject pyproject.toml --output-reproducible --output-file build/sbom.json
	@echo build/sbom.json

build/sbom/sbom.lock: tools/sbom.lock $(READY)
	@rm -rf build/sbom
	@$(PY) -m venv build/sbom
	@build/sbom/bin/python -m pip install -qq --disable-pip-version-check --no-deps \
	    --require-hashes -r tools/sbom.lock
	@cp tools/sbom.lock $@

UV_COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
    --generate-hashes --no-emit-index-url --no-emit-find-links \
    --custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

lock:
	@command -v $(UV) >/dev/null || { echo 'uv is not installed: pip install uv' >&2; exit 1; }
	@$(UV_COMPILE) pyproject.toml --extra dev --output-file requirements.lock
	@echo 'cyclonedx-bom>=7.2' | $(UV_COMPILE) - --output-file tools/sbom.lock

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build nianbao.egg-info
	@find data/processed data/quarantine -mindepth 1 ! -name .gitkeep -delete 2>/dev/null || true
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A copy of the lock, put into .venv as the very last step, is the mark of a whole .venv. A lock that
# was only touched (git does that) does not cost a rebuild; one that changed does, from nothing.
# Compiled by compileall, pip's own step takes one core and twice as long.
# The .pth names the project's folder from site-packages, so that a moved project keeps working.
$(READY): requirements.lock
	@if cmp -s requirements.lock $@ && $(PY) -c '' 2>/dev/null; then touch $@; exit 0; fi; \
	python=; \
	for candidate in $(PYTHONS); do \
	    "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	        && python="$$candidate" && break; \
	done; \
	if [ -z "$$python" ]; then \
	    echo 'No Python 3.11 or newer with venv among: $(PYTHONS)' >&2; \
	    echo 'Install one (Debian, Ubuntu: python3 python3-venv), or name it: make PYTHON=/path/to/python' >&2; \
	    exit 69; \
	fi; \
	echo "Setting up $(VENV) with $$("$$python" --version) (about a minute, this once) ..." >&2; \
	set -e; \
	rm -rf $(VENV); \
	"$$python" -m venv $(VENV); \
	$(PY) -m pip install -qq --disable-pip-version-check --no-deps --no-compile \
	    --require-hashes -r requirements.lock; \
	$(PY) -m pip check -qq; \
	$(PY) -c 'import os, pathlib, sysconfig; site = pathlib.Path(sysconfig.get_path("purelib")); \
	(site / "nianbao.pth").write_text(os.path.relpath(".", site) + "\n", encoding="utf-8")'; \
	$(PY) -m compileall -qq -j 0 $(VENV)/lib || true; \
	cp requirements.lock $@
