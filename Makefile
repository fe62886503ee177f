# `make run` starts the desk, `make test` tests everything; both set up what they need.
SHELL := /bin/bash
.PHONY: run test check lint evaluate benchmark-nlu bench bench-stock train lock clean

run:
	@setup/install.sh
	@exec .venv/bin/python -m commands.main run

test:
	@setup/install.sh test
	@exec .venv/bin/python -m commands.testing

train:
	@setup/install.sh
	@.venv/bin/desk migrate && .venv/bin/desk train

check:
	@setup/install.sh
	@.venv/bin/desk check

lint:
	@setup/install.sh test
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy

evaluate:
	@setup/install.sh test
	@.venv/bin/python -m evaluation.report

# BENCHMARKS: a folder that holds hint3/ and clinc150/, by default ../shared/benchmarks.
benchmark-nlu:
	@setup/install.sh test
	@.venv/bin/python -m evaluation.benchmark_nlu $(BENCHMARKS)

bench:
	@setup/install.sh test
	@.venv/bin/python -m evaluation.bench

# EPOCHS=1 compares speed without hours of training.
bench-stock:
	@setup/install.sh test
	@.venv/bin/python -m evaluation.bench --stock $(if $(EPOCHS),--epochs $(EPOCHS))

# Resolve both environments anew. The lock files hold hashes and no index address.
lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra test -c requirements.lock pyproject.toml -o requirements-test.lock
	uv pip compile -q --python-platform x86_64-manylinux_2_28 --python-version 3.10 --generate-hashes --no-header bot/pyproject.toml -o bot/requirements.lock

clean:
	rm -rf .venv bot/.venv .tools var
