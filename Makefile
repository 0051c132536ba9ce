# The verbs a newcomer types. The work is done by scripts/ and by apictl itself.
# Pass options through: make up ARGS="--profile core"
ARGS ?=
# What "apictl images save" made on another machine, for one without a network: make up ARCHIVE=shop.tar
# Of the command line alone: a variable of the environment of that name means something else.
ARCHIVE =

.DEFAULT_GOAL := help
.PHONY: help up down status build gateway test test-faults bench engine-start engine-stop

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
	@echo 'Options for apictl go into ARGS:  make up ARGS="--profile core"'

up: ## install what is missing, build, and bring the stack up
	@ARCHIVE='$(ARCHIVE)' scripts/up.sh $(ARGS)

down: ## stop the stack and remove its containers; data stays
	@scripts/apictl.sh down $(ARGS)

status: ## the truth about every service
	@scripts/apictl.sh status $(ARGS)

build: ## install npm packages and build apictl and its services
	@ARCHIVE='$(ARCHIVE)' scripts/build.sh

gateway: ## run the development gateway alone on 127.0.0.1, without Docker
	@scripts/gateway.sh

test: ## every check and every test: unit, contract, end-to-end
	@scripts/test.sh all

test-faults: ## the long sweeps and soaks
	@scripts/test.sh faults

bench: ## time apictl beside its peers and write docs/benchmarks.md
	@scripts/bench.sh $(ARGS)

engine-start: ## install Docker Engine and Compose 2 where missing, and start the engine
	@scripts/engine/ensure.sh

engine-stop: ## end a Docker Engine that make started
	@scripts/engine/stop.sh
