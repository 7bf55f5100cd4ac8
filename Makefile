# Mahalle: everything is set up, run, tested, measured and broken from here. Nothing outside `make` is needed.
#
#   make up          the whole platform on this machine, with the sample province; Ctrl-C stops all of it
#   make test        every check and test
#   make fuzz        many requests to every address, and whether each answer is as described   [N=200]
#   make demo        real issues through the running platform      [N=300] [FILE=rows.csv.gz]
#   make replay FILE=rows.csv.gz   a city's own requests through our engine, and what agrees with the city
#   make load        a million issues into the stopped platform    [N=1000000]
#   make bench       how fast it is and what a filing costs        [QUICK=1] [ONLY=filings,latency] [STORED=1000000] [WRITE=page]
#   make chaos       break it and count                            [SEED=7] [MINUTES=5]
#   make backup TO=folder    make restore FROM=folder [FORCE=1]
#
# MAHALLE_PORT (8080, and the six that follow), MAHALLE_AMQP_PORT (5700), MAHALLE_MANAGEMENT_PORT (15700) and
# MAHALLE_MONGO_PORT (27500) choose other ports; MONGO_URI another database; MAHALLE_LOCAL another folder than .local.

SHELL := /bin/sh
PYTHON := .venv/bin/python
CHECKED := contracts chassis services gateway clients deploy
TESTED := $(wildcard tests/e2e tests/integration tests/deploy tests/unit tests/contract tests/architecture)
SERVED := $(PYTHON) -m deploy.local.with_servers
option = $(if $($(1)),--$(2) $($(1)))

.PHONY: help up down setup check test fuzz describe demo load replay bench chaos load-sample backup restore clean
.SILENT:

help:
	sed -n 's/^#   //p' Makefile

up: setup
	exec $(PYTHON) -m deploy.local.up

down:
	if [ -x $(PYTHON) ]; then exec $(PYTHON) -m deploy.local.down; fi

setup:
	python=$$(deploy/local/packages.sh) && exec "$$python" -m deploy.local.setup

check: setup
	echo "check: ruff"; $(PYTHON) -m ruff check $(wildcard $(CHECKED)) tests
	echo "check: mypy"; $(PYTHON) -m mypy $(wildcard $(CHECKED))
	echo "check: architecture"; $(PYTHON) -m pytest -q $(wildcard tests/architecture)

test: check
	$(PYTHON) -m pytest -n 2 --dist loadfile $(TESTED)

fuzz: setup
	MAHALLE_FUZZ=$(or $(N),200) $(PYTHON) -m pytest tests/e2e/test_schemathesis.py

describe: setup
	$(PYTHON) -W ignore -m deploy.describe

demo: setup
	$(PYTHON) -m deploy.demo $(call option,N,n) $(call option,FILE,file)

replay: setup
	$(SERVED) $(PYTHON) -m deploy.replay --file "$(or $(FILE),$(error say which: make replay FILE=rows.csv.gz))"

load: setup
	exec $(PYTHON) -m deploy.load $(call option,N,n)

bench: setup
	$(PYTHON) -m tests.bench $(if $(QUICK),--quick) $(call option,ONLY,only) $(call option,STORED,stored) \
		$(call option,WRITE,write)

chaos: setup
	$(PYTHON) -m tests.chaos $(call option,SEED,seed) $(call option,MINUTES,minutes)

load-sample: setup
	$(SERVED) $(PYTHON) -m services.registry.load deploy/sample/alborz

backup: setup
	$(SERVED) $(PYTHON) -m deploy.backup save "$(or $(TO),$(error say where: make backup TO=folder))"

restore: setup
	$(SERVED) --alone $(PYTHON) -m deploy.backup restore "$(or $(FROM),$(error say from where: make restore FROM=folder))" \
		$(if $(FORCE),--force)

clean: down
	rm -rf .venv .local .mypy_cache .ruff_cache .hypothesis .pytest_cache
