# SPDX-License-Identifier: MIT OR Apache-2.0
# The short way in: `make run` boots the demo system, `make test` tests everything. Each target only
# calls CMake, CTest or a script, so everything can be done without make as well.
ARCH ?= x86_64
SYSTEM ?= demo
export ARCH

ifeq ($(filter $(ARCH),x86_64 aarch64),)
$(error ARCH is '$(ARCH)'; try ARCH=x86_64 or ARCH=aarch64)
endif

.PHONY: help run iso debug build test check bench bench-check bench-baseline bench-peers soak loc docs format clean

help:
	@echo "make run [ARCH=x86_64|aarch64]    set up, build and boot the demo system in QEMU"
	@echo "make iso [SYSTEM=demo]            an x86_64 image for BIOS and UEFI, by GRUB"
	@echo "make debug [ARCH=...]             the same, waiting for gdb on 127.0.0.1:1234"
	@echo "make test                         set up and run every test, both architectures"
	@echo "make check                        the quick subset, under two minutes"
	@echo "make coverage                     lines of kernel/core that the host's tests run"
	@echo "make bench [ARCH=...]             instruction counts beside the reference figures"
	@echo "make bench-check [ARCH=...]       fails if a row is 3% above the baseline, or misses its target"
	@echo "make bench-baseline [ARCH=...]    writes the baseline anew: tests/bench/baseline.csv"
	@echo "make bench-peers                  channels beside ck_ring and rte_ring, natively"
	@echo "make soak [ARCH=...]              a mixed load for 20 G instructions, leaks counted"
	@echo "make loc                          code lines of every driver and folder"
	@echo "make docs                         API reference into build/docs/html"
	@echo "make format                       apply the source format"
	@echo "make clean                        remove build/"

run: build
	@exec build/$(ARCH)/host-tools/sel4-compose run build/$(ARCH)/systems/$(SYSTEM)

iso: ARCH := x86_64
iso: build
	@scripts/setup.sh iso x86_64
	@build/x86_64/host-tools/sel4-compose iso build/x86_64/systems/$(SYSTEM)

debug: build
	@exec build/$(ARCH)/host-tools/sel4-compose run --gdb build/$(ARCH)/systems/$(SYSTEM)

build:
	@scripts/setup.sh run $(ARCH)
	@scripts/fetch-deps.sh $(ARCH)
	@scripts/build.sh $(ARCH) system-$(SYSTEM)

test:
	@scripts/setup.sh test
	@scripts/test.sh all

check:
	@scripts/setup.sh test
	@scripts/test.sh quick

bench bench-check bench-baseline:
	@scripts/setup.sh test $(ARCH)
	@scripts/fetch-deps.sh $(ARCH)
	@scripts/bench.sh $(ARCH) $(patsubst bench-%,--%,$(filter bench-%,$@))

bench-peers:
	@scripts/setup.sh test
	@scripts/bench-peers.sh

# About half of the virtual time is load; one instruction is one virtual nanosecond.
soak:
	@scripts/setup.sh test $(ARCH)
	@scripts/fetch-deps.sh $(ARCH)
	@cmake --preset $(ARCH) -B build/soak-$(ARCH) -DKAAL_SOAK_SECONDS=40 >/dev/null
	@cmake --build build/soak-$(ARCH) --target soak kernel $(if $(filter aarch64,$(ARCH)),soak-image)
	@ctest --test-dir build/soak-$(ARCH) -R system-soak --verbose

loc:
	@scripts/loc.py

docs:
	@scripts/setup.sh test
	@scripts/docs.sh

format:
	@scripts/format.sh apply

clean:
	@rm -rf build compile_commands.json
