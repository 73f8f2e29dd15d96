# The only interface to the work on Kontor: CI calls these targets, and nothing else.
#
# A fresh clone needs git, make and Python 3.11 or newer, or uv instead of Python. Every target sets up what it needs.

.DEFAULT_GOAL := help

# A uv on PATH is used; without one, setup puts its own under .tools/, beside a Python that is known to be new enough.
UV_ON_PATH := $(shell command -v uv 2>/dev/null)
UV := $(or $(UV_ON_PATH),.tools/bin/uv)
UV_SYNC := $(UV) sync --locked --quiet $(if $(UV_ON_PATH),,--python .tools/bin/python)

BIN := .venv/bin
SETUP := .venv/.kontor-setup
PROJECTS := pyproject.toml $(wildcard contracts/pyproject.toml services/*/pyproject.toml deploy/*/pyproject.toml)

# Whatever environment the caller is in: this is ours. Without kept bytecode every process would compile all it imports,
# which takes longer than all the rest of a start; images have theirs.
export UV_PROJECT_ENVIRONMENT := .venv
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(SETUP) ## make .venv with everything in it

.PHONY: demo
demo: $(SETUP) ## play the whole program on real servers, from enrollment to a joint customer
	$(BIN)/python -m kontor_local demo

# FRESH=1: without the data of the last run, which is kept otherwise.
FRESH ?=

.PHONY: up
up: $(SETUP) ## run everything on this machine until Ctrl-C, with the data of the last run (FRESH=1: start empty)
	$(BIN)/python -m kontor_local up $(if $(FRESH),--fresh)

# How many processes run tests side by side, each with embedded servers of its own. Tests wait for servers about half of their
# time, so that two cores are busy with four. A file's tests stay in one process and share
# its services; files are taken in the order in which pytest finds them (`testpaths`), so that the short ones come last.
WORKERS ?= 4
SIDE_BY_SIDE := -n $(WORKERS) --dist loadfile --no-loadscope-reorder

.PHONY: test
test: $(SETUP) ## run all tests on the embedded servers, four files at a time (WORKERS=1: one)
	$(BIN)/pytest $(SIDE_BY_SIDE)

# The product's, and those of the chaos rig and of the benchmarks.
UNIT := tests/unit tests/reliability/tests tests/benchmarks/tests

.PHONY: unit
unit: $(SETUP) ## run the tests that need no server, in under a minute
	$(BIN)/pytest -q $(UNIT)

.PHONY: test-all
test-all: test test-kafka ## run all tests, and those that need servers again on Apache Kafka; needs a JDK 17 and Maven

.PHONY: journeys
journeys: $(SETUP) ## run only the tests that play journeys through all services
	$(BIN)/pytest tests/journeys

# Real brokers instead of the embedded one. Where Java, Maven or the artifacts are missing, the command under these two
# targets ends with 3 (make itself with 2); `python -m kontor_local fetch-kafka` tells without running anything.
NODES ?= 1

.PHONY: kafka
kafka: $(SETUP) ## run Apache Kafka until Ctrl-C (NODES=3: a cluster); needs a JDK 17 and Maven
	@$(BIN)/python -m kontor_local kafka --nodes $(NODES) $(if $(FRESH),--fresh)

.PHONY: fetch-kafka
fetch-kafka: $(SETUP) ## get Apache Kafka's artifacts, once
	@$(BIN)/python -m kontor_local fetch-kafka

TESTS ?= tests/journeys tests/service tests/reliability

.PHONY: test-kafka
test-kafka: fetch-kafka ## run what needs servers on Apache Kafka (NODES=3: on a cluster; TESTS: only these)
	KONTOR_TEST_BACKEND=kafka$(NODES:1=) $(BIN)/pytest -m "" --ignore=tests/service/local/test_servers.py $(TESTS)

# A Kubernetes on this machine, in namespaces of its own: needs root on Linux, Debian's etcd, containerd, runc and buildah, and the
# programs that `make cluster-programs` builds. Where something is missing, it is named, and the command ends with 3 (make with 2).
# The tests take Apache Kafka: the groups of the embedded broker do not settle while instances come and go.
CLUSTER := $(BIN)/python -m kontor_local.cluster

.PHONY: cluster-programs
cluster-programs: $(SETUP) chart-tools ## build Kubernetes' programs from source, once; 45 minutes, 11 GB, with Go
	@$(CLUSTER) build

.PHONY: cluster
cluster: $(SETUP) ## run Kubernetes with Kontor's chart on it until Ctrl-C
	@$(CLUSTER) inside $(BIN)/python -m kontor_local.cluster.kontor

.PHONY: test-cluster
test-cluster: fetch-kafka ## install Kontor on Kubernetes here; roll it out, drain a node, stop its broker (TESTS: only these)
	@KONTOR_TEST_BACKEND=kafka $(CLUSTER) inside $(BIN)/pytest --timeout 900 $(if $(filter file,$(origin TESTS)),tests/cluster,$(TESTS))

# Minutes of load and faults in each run, seeds and faults to be chosen: make chaos MINUTES=5 RUNS=3 FAULTS=crash,kill SEED=x.
# SHIPPED=1: with the services' settings as they are shipped, not with the rig's short times.
# BACKEND: embedded (one process per service), kafka, kafka3 (two of each, and faults of the broker).
MINUTES ?= 1
RUNS ?= 1
FAULTS ?= all
SHIPPED ?=
BACKEND ?= embedded
CHAOS := PYTHONPATH=tests $(BIN)/python -m reliability

.PHONY: chaos
chaos: $(SETUP) ## hurt running services in every known way, and look whether anything is lost
	@KONTOR_TEST_BACKEND=$(BACKEND) $(CHAOS) run --minutes $(MINUTES) --runs $(RUNS) --faults $(FAULTS) $(if $(SEED),--seed $(SEED)) $(if $(SHIPPED),--shipped)

.PHONY: chaos-bugs
chaos-bugs: $(SETUP) ## put known mistakes into the services, and look whether `make chaos` would find them
	@KONTOR_TEST_BACKEND=$(BACKEND) $(CHAOS) bugs --faults $(FAULTS)

# ROWS: some by name (make bench ROWS=commands,events); BACKEND as for chaos; ROUNDS and SECONDS of load in each.
# ROWS=scale: instances, partitions, documents and memory (each by name, too: scale-memory); MINUTES of load on the last: 10.
ROWS ?=
ROUNDS ?= 3
SECONDS ?= 5

.PHONY: bench
bench: $(SETUP) ## measure everything beside a floor on the same servers; report.json and plots in .local/bench
	@$(UV_SYNC) --group bench
	@KONTOR_TEST_BACKEND=$(BACKEND) PYTHONPATH=tests $(BIN)/python -m benchmarks $(if $(ROWS),--rows $(ROWS)) \
		--rounds $(ROUNDS) --seconds $(SECONDS) $(if $(filter-out file,$(origin MINUTES)),--minutes $(MINUTES))

.PHONY: bench-servers
bench-servers: $(SETUP) ## build OpenFGA, SpiceDB and a faster embedded database for bench, with Go and Rust; some minutes, once
	@PYTHONPATH=tests $(BIN)/python -m benchmarks.servers

.PHONY: check
check: fmt-check lint types imports english generated ## everything that judges the code without running it

.PHONY: fmt
fmt: $(SETUP) ## format the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix-only --quiet

.PHONY: fmt-check
fmt-check: $(SETUP) ## tell whether the code is formatted
	$(BIN)/ruff format --check

.PHONY: lint
lint: $(SETUP) ## look for mistakes and bad style
	$(BIN)/ruff check

.PHONY: types
types: $(SETUP) ## check the types
	$(BIN)/mypy

.PHONY: imports
imports: $(SETUP) ## check that no part imports what it must not know
	$(BIN)/lint-imports

.PHONY: english
english: $(SETUP) ## refuse turns of phrase that readers stumble over
	$(BIN)/python .ci/plain_english.py

.PHONY: generate
generate: $(SETUP) ## write again what follows from the code: schemas, examples, tables, parts of the chart
	$(BIN)/python contracts/tools/generate.py
	$(BIN)/python deploy/tools/operating_files.py
	$(BIN)/python services/enrollment/tools/state_diagram.py
	$(BIN)/python services/notifications/tools/mails_page.py

.PHONY: generated
generated: $(SETUP) ## tell whether generated files are up to date and the promise of v1 is kept
	$(BIN)/python contracts/tools/generate.py --check
	$(BIN)/python deploy/tools/operating_files.py --check
	$(BIN)/python services/enrollment/tools/state_diagram.py --check
	$(BIN)/python services/notifications/tools/mails_page.py --check

.PHONY: docs-tools
docs-tools: $(SETUP) ## get what builds the documentation, once
	@$(UV_SYNC) --group docs

.PHONY: docs
docs: docs-tools ## build one site of all pages, messages and endpoints, in .local/docs/site; `make up` serves it
	@PYTHONPATH=tests:contracts/tools NO_MKDOCS_2_WARNING=1 $(BIN)/python docs/tools/site_pages.py

.PHONY: chart-tools
chart-tools: $(SETUP) ## get what judges the Helm chart (helm, kubeconform, schemas), once; needs Go
	@$(BIN)/python .ci/chart_tools.py

.PHONY: chart
chart: chart-tools ## render the Helm chart in several ways and judge every object
	$(BIN)/pytest -q tests/unit/deploy

.PHONY: clean
clean: ## remove everything that these targets made
	rm -rf .venv .tools .local .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(SETUP): uv.lock $(PROJECTS) | $(UV)
	@echo "Setting up .venv (once, and again when the lock changes) ..."
	@$(UV_SYNC)
	@touch $@

.tools/bin/uv:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "Kontor needs Python 3.11 or newer as python3, or uv on PATH." >&2; exit 1; }
	@python3 -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "This python3 has no ensurepip: install its venv package (python3-venv), or put uv on PATH." >&2; exit 1; }
	@echo "There is no uv on PATH: installing one under .tools/ ..."
	@python3 -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.13'
