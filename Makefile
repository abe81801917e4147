# Jackdaw's front door: everything below is meson underneath.
BUILD    ?= build
SANITIZE ?= build-sanitize
PREFIX   ?= /usr/local
DESTDIR  ?=
VENV     := build-venv

.PHONY: all deps demo test conformance parity lint bench fuzz install deb clean

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	packaging/deps.sh build
	meson setup $(BUILD) --buildtype=release -Dunit_tests=false --prefix=$(PREFIX)

deps:
	packaging/deps.sh dev

demo: all
	packaging/demo.sh $(BUILD)

test:
	packaging/deps.sh test
	tests/run $(BUILD) $(SANITIZE) $(VENV)

# Official clients and suites of the protocols that the server speaks, from PyPI and npm.
conformance: all
	packaging/deps.sh test
	@[ -x $(VENV)/bin/python ] || python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	JACKDAW_BUILD=$(CURDIR)/$(BUILD) $(VENV)/bin/python -m pytest tests -m conformance -q -ra

parity: all
	packaging/deps.sh test
	tests/parity/run $(BUILD)

lint: all
	packaging/deps.sh dev
	tools/lint.sh $(BUILD)

bench: all
	bench/run

fuzz:
	packaging/deps.sh dev
	fuzz/run

install: all
	DESTDIR=$(DESTDIR) meson install -C $(BUILD) --no-rebuild

deb:
	packaging/deps.sh dev
	packaging/deb.sh

clean:
	rm -rf $(BUILD) $(SANITIZE) $(VENV)
