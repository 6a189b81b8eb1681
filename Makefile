# drawbar: `make help` lists what there is. Every target sets up what it needs, once.
.DEFAULT_GOAL := help
SHELL := /bin/bash

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEMO := scenario=single_wheel gravity=moon wheel=viper soil=grc1 bed=coarse scenario.mode=slip scenario.slip=0.2 \
	device=cpu hydra.run.dir=outputs/demo output.render=true

# What is left out of the GPU's tests: those of the host, of threads and of vector registers, which name the CPU, and
# scenes whose kernels are like those of others. Compiling for software Vulkan takes most of the time.
GPU := vulkan
GPU_TESTS := tests/verification/test_against_cpu.py tests/scenarios/test_wheel_on_device.py \
	tests/engine/test_layout.py tests/engine/test_maths.py tests/engine/test_neighbor_list.py \
	tests/contact/test_law_formulae.py tests/contact/test_adhesion.py \
	tests/contact/test_loads.py::test_forces_and_stress_are_those_of_the_listed_contacts

# A successor of Taichi, in a virtual environment of its own: what of the engine runs with it?
QUADRANTS := .venv-quadrants
QUADRANTS_TESTS := tests/engine tests/contact
QUADRANTS_NEEDS := quadrants 'numpy>=1.26' 'h5py>=3.10' 'isal>=1.7' 'rich>=13' 'trimesh>=4.5' 'pytest>=8' 'hypothesis>=6'

.PHONY: help setup lint type test test-full test-gpu test-quadrants demo sweep bench bench-peers clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(INSTALLED)  ## make .venv and install drawbar into it

# A stamp file: setting up again only when the dependencies change.
$(INSTALLED): pyproject.toml constraints.txt
	@if ! test -x $(BIN)/python; then \
		for python in python3.13 python3.12 python3.11 python3; do \
			if $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
				found=$$python; break; \
			fi; \
		done; \
		if test -z "$$found"; then \
			echo "drawbar needs Python 3.11, 3.12 or 3.13 and found none; install one and run make again" >&2; exit 1; \
		fi; \
		echo "making $(VENV) with $$($$found --version)"; \
		$$found -m venv $(VENV) || { rm -rf $(VENV); \
			echo "$$found cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }; \
	fi
	@echo "installing drawbar and its dependencies into $(VENV) (about a minute)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' --constraint constraints.txt
	@$(BIN)/python -c 'import ctypes.util, sys; sys.exit(sys.platform == "linux" and not ctypes.util.find_library("EGL"))' \
		|| echo "note: pictures and films need EGL, which is missing here: apt-get install libegl1 libgl1-mesa-dri"
	@touch $@

lint: $(INSTALLED)  ## check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

type: $(INSTALLED)  ## check types
	$(BIN)/mypy

test: $(INSTALLED)  ## run the quick tests
	$(BIN)/python -m pytest -n auto --dist loadfile

test-full: $(INSTALLED)  ## run all tests, the slow ones too
	$(BIN)/python -m pytest -n auto --dist loadfile -m "slow or not slow"

test-gpu: $(INSTALLED)  ## run the engine and one wheel on Vulkan, also in software; GPU=cuda or GPU=metal for those
	DEM_DEVICE=$(GPU) $(BIN)/python -m pytest -n 2 --dist loadfile $(GPU_TESTS)

test-quadrants: $(INSTALLED)  ## install Quadrants, the maintained fork of Taichi, and run the engine's quick tests with it; what fails
	@test -x $(QUADRANTS)/bin/python || $(BIN)/python -m venv $(QUADRANTS)
	@$(QUADRANTS)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade $(QUADRANTS_NEEDS)
	@$(QUADRANTS)/bin/python -m pip list --disable-pip-version-check 2>/dev/null | grep -i '^quadrants'
	DRAWBAR_TAICHI=quadrants $(QUADRANTS)/bin/python -m pytest --tb=line -rfE $(QUADRANTS_TESTS)

demo: $(INSTALLED)  ## drive one VIPER wheel on the Moon: results, pictures, film in outputs/demo
	$(BIN)/drawbar run $(DEMO)

sweep: $(INSTALLED)  ## pull against slip on the Moon and on Earth, two beds each, too coarse to believe: outputs/sweep/report.html
	$(BIN)/drawbar sweep experiment=slip_curve bed=smoke gravity=moon,earth repeats=2 device=cpu hydra.sweep.dir=outputs/sweep --jobs 2

bench: $(INSTALLED)  ## measure speed: the settled bed and LAMMPS' chute
	$(BIN)/drawbar bench bed chute --output outputs/bench.json

bench-peers: $(INSTALLED)  ## install LAMMPS and LIGGGHTS (Debian, as root) and time drawbar beside them
	$(BIN)/python -m benchmarks.peers

clean:  ## remove caches and builds; keeps .venv and outputs
	rm -rf build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +
