# `make help` lists what there is. Everything runs in a virtual environment of its own, made once and reused.
.DEFAULT_GOAL := help
.PHONY: help demo stop test e2e lint format docs yardsticks bench rate lock wheel clean
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
AIRFLOW := 3.3.2
UV_VERSION := 0.13.9
GROUPS := --group test --group lint --group docs --group e2e --group bench --group package
UV = $(BIN)/uv --quiet

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Installed again when a dependency changes; the stamp is written last, so a broken install is not reused.
$(VENV)/installed: pyproject.toml constraints/airflow-$(AIRFLOW).txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/it"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "Setting up $(VENV) with Airflow $(AIRFLOW) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(UV) pip install --python $(BIN)/python -c constraints/airflow-$(AIRFLOW).txt "apache-airflow==$(AIRFLOW)" -e ".[sandbox]" $(GROUPS)
	@touch $@

demo: $(VENV)/installed ## run the quickstart DAG on a real Airflow against the sandbox (KEEP=1 leaves it running)
	@exec $(BIN)/python -m demo $(if $(KEEP),--keep)

stop: $(VENV)/installed ## end what `make demo KEEP=1` has left running
	@$(BIN)/python -m demo --stop

test: lint ## lint, types, and all tests but the e2e
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --cov --cov-report=term

e2e: $(VENV)/installed ## the tests that start a real Airflow
	@$(BIN)/python -m pytest tests/e2e --timeout=900 --timeout-method=signal -o addopts="--import-mode=importlib --strict-markers -ra"

lint: $(VENV)/installed ## ruff, mypy and the banned words
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m scripts.words

format: $(VENV)/installed ## format the code with ruff
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(VENV)/installed ## write the tables of the documentation and build its site into .site/html
	@mkdir -p .site
	@AIRFLOW_HOME=$(CURDIR)/.site/airflow $(BIN)/python -m scripts.fragments
	@AIRFLOW_HOME=$(CURDIR)/.site/airflow $(BIN)/sphinx-build -W --keep-going --quiet -d .site/doctrees -c scripts/site -b html docs .site/html

yardsticks: $(VENV)/installed ## compare the code with its style goals
	@$(BIN)/python -m scripts.yardsticks

bench: $(VENV)/installed rate ## measure what the README claims
	@$(BIN)/python -m benchmarks.imports
	@$(BIN)/python -m benchmarks.send
	@$(BIN)/python -m benchmarks.upload
	@$(BIN)/python -m benchmarks.limiters
	@$(BIN)/python -m benchmarks.send_record

rate: $(VENV)/installed ## measure that the rate limit is used, and kept; needs redis-server
	@$(BIN)/python -m benchmarks.threads
	@$(BIN)/python -m benchmarks.rate_limit

wheel: $(VENV)/installed ## build the wheel and the source archive into dist/
	@$(BIN)/python -m build --outdir dist .

lock: $(VENV)/installed ## pin what each Airflow of the matrix is tested with
	@for version in 2.11.2 3.1.8 $(AIRFLOW); do \
	  groups="--group test"; test $$version = $(AIRFLOW) && groups="$(GROUPS)"; \
	  echo "apache-airflow==$$version" | $(UV) pip compile --python $(BIN)/python --upgrade --universal --python-version 3.11 \
	    --no-header --no-annotate --no-emit-index-url - pyproject.toml --extra sandbox $$groups \
	    --output-file constraints/airflow-$$version.txt || exit 1; \
	done

clean: ## remove everything that was made here
	@rm -rf $(VENV) .demo .e2e .site dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
