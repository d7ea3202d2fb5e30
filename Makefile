# SPDX-License-Identifier: GPL-3.0-or-later
# SPDX-FileCopyrightText: 2026 The Limn authors
#
# Words for people; meson does the work. `make run` and `make test` need nothing but make, and a Debian with root or sudo.

.PHONY: help run test deps build bench bench-peers asan tsan fuzz install clean format-check
.NOTPARALLEL:

PREFIX ?= /usr/local
MINUTES ?= 13
PYTHON ?= python3

help:
	@echo 'make run      open Limn with a sample photo (without a display: repaint it on the command line)'
	@echo 'make test     run every test; a second time under AddressSanitizer and UBSan'
	@echo 'make bench    how fast it is here: the stages of Stable Diffusion, its layers, inpaints, kernels'
	@echo 'make bench-peers   the same structure in PyTorch beside it; PYTHON=python3, one that has PyTorch'
	@echo 'make deps     install the Debian packages that all of this needs'
	@echo 'make build    only build, in build/'
	@echo 'make asan     only the tests under AddressSanitizer and UBSan, in build-asan/'
	@echo 'make tsan     the tests of threads under ThreadSanitizer, in build-tsan/'
	@echo 'make fuzz     feed the readers with what nobody would write; MINUTES=13, for all targets together'
	@echo 'make install  install a release build; PREFIX=/usr/local, DESTDIR='
	@echo 'make format-check   show where the sources differ from .clang-format'
	@echo 'make clean    remove the build folders'

deps:
	@bash scripts/deps.sh

run: deps
	@bash scripts/run.sh

test: deps
	@bash scripts/test.sh plain asan

asan: deps
	@bash scripts/test.sh asan

tsan: deps
	@bash scripts/test.sh tsan

build: deps
	@bash scripts/build.sh plain

bench: deps
	@bash scripts/bench.sh

bench-peers: deps
	@PYTHON='$(PYTHON)' bash scripts/bench-peers.sh

fuzz: deps
	@bash scripts/deps.sh packages-fuzz.txt
	@bash scripts/fuzz.sh '$(MINUTES)'

install:
	@bash scripts/install.sh '$(PREFIX)'

format-check:
	@bash scripts/format-check.sh

clean:
	@bash scripts/clean.sh
