# canlock: `make demo` shows it, `make test` tests it, `make help` lists the rest.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
FUZZ ?= 1000000

.DEFAULT_GOAL := help
.PHONY: help setup demo test check lint types floors wheel bench bench-quick bench-view fuzz test-elm test-mf4 test-socketcan soak test-fleet bench-fleet bench-elm snapshots picture likelihoods samples clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1  \2/p' Makefile

setup: $(READY)  ## make .venv with canlock and the development tools in it

# pip understands dependency groups from 25.1 on; a fresh venv may hold an older one.
$(READY): pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) is not installed"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: $(PYTHON) is older than 3.11; try make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv || \
	  { echo "make: the venv module is missing; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[obd,uds,fast,fleet,web]' --group dev
	@touch $(READY)

demo: $(READY)  ## replay the bundled capture into the live view; q quits
	@$(BIN)/canlock demo

test: $(READY)  ## run the tests
	$(BIN)/pytest -n auto

check: lint types floors test wheel bench-quick  ## everything CI runs, in CI's order

lint: $(READY)  ## style and the usual mistakes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)  ## types, strictly
	$(BIN)/mypy

floors: $(READY)  ## imports point down only
	$(BIN)/lint-imports --no-logo

wheel: $(READY)  ## build the wheel and run it in an empty environment
	$(BIN)/pytest -q tests/house/wheel_installed.py

bench: $(READY)  ## compare with python-can + cantools on logs of 2,000,000 frames, each format
	$(BIN)/python -m bench.diagnose
	$(BIN)/python -m bench.formats --large

bench-quick: $(READY)  ## the same on smaller logs, guarding the ratios
	$(BIN)/python -m bench.diagnose --quick
	$(BIN)/python -m bench.formats --quick

fuzz: $(READY)  ## a million damaged logs of each format (hours); FUZZ=20000 for fewer
	nice -n 19 $(BIN)/python -m bench.fuzz --inputs $(FUZZ)

snapshots: $(READY)  ## accept new golden files; read the diff before committing it
	$(BIN)/pytest tests/tui --snapshot-update

picture: $(READY)  ## make the picture of the live view in the README again
	$(BIN)/python -m bench.live_view_picture docs/live-view.svg

test-elm: $(READY)  ## the tests against ELM327-emulator (CC-BY-NC-SA, installed for this only)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group elm
	$(BIN)/pytest -q tests/elm/elm327_emulator_peer.py

test-fleet: $(READY)  ## the tests on a Dask cluster of several processes, one of them killed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[fleet]'
	$(BIN)/pytest -q tests/fleet/dask_cluster.py

bench-view: $(READY)  ## what the live view costs on a full bus, and how soon it answers
	$(BIN)/python -m bench.live_view
	$(BIN)/python -m bench.trace_view

bench-fleet: $(READY)  ## many captures over two processes beside what two busy processes reach
	$(BIN)/python -m bench.fleet

test-mf4: $(READY)  ## the tests of MF4 beside python-can (asammdf, installed for this only)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group mf4
	$(BIN)/pytest -q tests/live/mf4_recording.py tests/sources/test_mf4_peer.py

test-socketcan: $(READY)  ## the tests on real SocketCAN, under a kernel of their own in qemu
	$(BIN)/python tests/socketcan/guest.py

soak: $(READY)  ## the long runs: a full bus, a day 50 times as fast, 1,000 pulled cables (an hour)
	$(BIN)/python -m bench.live_bus --guard
	$(BIN)/python -m bench.live_soak --guard
	CANLOCK_UNPLUG_CYCLES=1000 $(BIN)/pytest -q -s tests/live/test_slcan.py -k pulled_cable

bench-elm: $(READY)  ## lock frames that an ELM327 catches, by line rate and filter
	$(BIN)/python -m bench.elm_table

likelihoods: $(READY)  ## fit the diagnosis again on simulated cars (ten minutes)
	$(BIN)/python -m canlock.evaluation.fitting canlock/diagnosis/likelihoods.toml

samples: $(READY)  ## make the bundled captures again
	$(BIN)/python -m canlock.simulation.samples captures

clean:  ## remove what was built
	rm -rf .venv .bench .socketcan build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
