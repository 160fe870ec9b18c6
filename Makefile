# The front door. Meson and ninja do the work behind it; every target may be run again at any time.
BUILD ?= build
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
AS_ROOT = $(if $(DESTDIR),,$(SUDO))
export COFFER_BUILD := $(abspath $(BUILD))

.DEFAULT_GOAL := help
.PHONY: help setup build demo test check scenario fuzz bench lint fmt cover man install clean

help: ## list these targets
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install the Debian packages that are missing (asks for sudo if need be)
	@tools/setup

build: setup ## build everything into ./build
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) >/dev/null
	@ninja -C $(BUILD) --quiet

demo: build ## a real image: scanned, refused by policy, allowed, run; a few minutes
	@$(SUDO) env COFFER_BUILD=$(COFFER_BUILD) demo/run

test: build ## the whole test suite, with a summary line
	@$(SUDO) env COFFER_BUILD=$(COFFER_BUILD) tools/test-run unit replay lint scenario

scenario: build ## the scenarios alone: real binaries against real inputs
	@$(SUDO) env COFFER_BUILD=$(COFFER_BUILD) tools/test-run scenario

check: setup ## what must hold before a release: both compilers, sanitizers, analysers, fuzzers
	@tools/check

fuzz: setup ## every fuzz target with libFuzzer; FUZZ_SECONDS=30 each
	@tools/fuzz

bench: build ## measure; prints both sides of every comparison (see bench/RESULTS.md)
	@$(SUDO) env COFFER_BUILD=$(COFFER_BUILD) bench/run

lint: build ## check-rooms, shell and man page checks
	@tools/test-run lint

fmt: ## format the C sources
	@git ls-files '*.c' '*.h' | xargs clang-format-14 -i

cover: setup ## coverage of the unit tests, as text
	@tools/cover

man: build ## write the man pages and the bash completion into ./build/doc
	@tools/make-docs $(BUILD)/doc

install: build ## install under /usr/local (DESTDIR is honoured)
	@tools/make-docs $(BUILD)/doc
	@$(AS_ROOT) env DESTDIR=$(DESTDIR) ninja -C $(BUILD) --quiet install
	@$(AS_ROOT) install -d $(DESTDIR)/usr/local/share/man/man1 $(DESTDIR)/usr/local/share/bash-completion/completions
	@$(AS_ROOT) install -m 644 $(BUILD)/doc/man1/*.1 $(DESTDIR)/usr/local/share/man/man1
	@$(AS_ROOT) install -m 644 $(BUILD)/doc/bash-completion/coffer $(DESTDIR)/usr/local/share/bash-completion/completions

clean: ## remove ./build
	@rm -rf $(BUILD)
