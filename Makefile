# The ways into this project. `make help` explains each; nothing here is needed by the running service.
SHELL := /bin/sh
PY ?= python3.11
BIN := .venv/bin
MAKEFLAGS += --no-print-directory
# Some machines forbid byte code; then every process would compile all of ours again.
unexport PYTHONDONTWRITEBYTECODE
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help setup run test check soak bare stack pki lock format bench bench-archive bench-signing mutate

help: ## Explain each target
	@awk 'BEGIN {FS = ":.*## "; print "make TARGET, where TARGET is one of"} \
	/^[a-z-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Make the environment and, as root, install every system package; harmless to repeat
	@$(PY) -m scripts.environment test

run: ## Start the whole service in the embedded profile with demo data on 127.0.0.1 (EDO_PORT, default 8000)
	@$(PY) -m scripts.environment run
	@EDO_DEMO=1 exec $(BIN)/edo serve

test: setup ## Run every test on two cores with real servers; ARGS="tests/kernel -k uow" narrows it down
	@$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not soak" $(ARGS)

check: setup ## Check formatting, lint, types, import contracts, migrations, generated documents and locks
	@$(BIN)/python -m scripts.checks

soak: setup ## Run the tests with large counts and write docs/soak.json (EDO_SOAK_SEED repeats a run)
	@$(BIN)/python -m scripts.soak $(ARGS)

bare: ## As root: `make run`, `make test` and an export's check in fresh Debian 12 chroots; ARGS=--export does the last alone
	@$(PY) -m scripts.bare $(ARGS)

stack: setup ## Start the full profile from Debian packages: PostgreSQL, RabbitMQ, Redis, S3, web, worker, sweeper, nginx
	@exec $(BIN)/python -m scripts.stack

pki: setup ## Rebuild the demo certificates from edo_service/demo/pki.toml into $EDO_DATA_DIR
	@EDO_DEMO=1 $(BIN)/python -m scripts.pki $(ARGS)

lock: setup ## Pin requirements*.in into hashed locks; ARGS=--upgrade takes the newest versions
	@$(BIN)/python -m scripts.lock $(ARGS)

format: setup ## Let ruff rewrite formatting and imports
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix-only --quiet .

bench: setup ## Measure start-up, pages, signing, formats and receiving on this machine; ARGS=exchange narrows it down
	@$(BIN)/python -m scripts.bench $(ARGS)

bench-archive: setup ## Measure the archive with 100,000 sets beside baselines of the same run; ARGS=--quick takes a tenth
	@$(BIN)/python -m scripts.bench_archive $(ARGS)

bench-signing: setup ## Measure signatures beside pyHanko, raw public-key operations and raw EVP; ARGS=--quick hashes less
	@$(BIN)/python -m scripts.bench_signing $(ARGS)

mutate: setup ## Change the verdict logic of signing/ in small ways and count which changes the tests notice
	@$(BIN)/python -m scripts.mutate $(ARGS)
