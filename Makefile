# Everything here works on a machine with Python 3.11, pip, venv and make.

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
export PORT

# What touches no database is not run a second time on another one.
NO_DATABASE := --ignore=tests/rules --ignore=tests/formats --ignore=tests/connectors

.DEFAULT_GOAL := help
.PHONY: help run test test-redmine check format bench lock openapi screenshots clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/ready ## run the product on its embedded default, at http://127.0.0.1:8000
	@exec $(BIN)/python manage.py run

test: .venv/ready-dev ## the whole suite, on SQLite and where TEST_POSTGRES_URL names one
	DATABASE_URL= $(BIN)/python -m pytest
	@if [ -n "$$TEST_POSTGRES_URL" ]; then \
		DATABASE_URL="$$TEST_POSTGRES_URL" $(BIN)/python -m pytest $(NO_DATABASE); \
	elif [ -n "$$CI" ]; then \
		echo "TEST_POSTGRES_URL is not set, and CI allows no skip." >&2; exit 1; \
	else \
		echo "Skipped on PostgreSQL: TEST_POSTGRES_URL is not set."; \
	fi

test-redmine: .venv/ready-dev ## tickets in a real Redmine; installs Debian's, as root, where it is not there
	$(BIN)/python -m tests.redmine.install
	REDMINE=1 DATABASE_URL= $(BIN)/python -m pytest tests/redmine

check: .venv/ready-dev ## format, lint, layers, types, templates, migrations, deployment, schema
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy .
	$(BIN)/djade --target-version 5.2 --check $$(find templates -name '*.html')
	@! grep -rnE 'django\.(db\.models\.signals|dispatch)|post_save|pre_save' reviews \
		|| { echo "No signals: call the service." >&2; exit 1; }
	$(BIN)/python manage.py makemigrations --check --dry-run
	SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
		ALLOWED_HOSTS=tracker.example \
		$(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py spectacular --validate --fail-on-warn \
		--format openapi-json --file .venv/openapi.json
	@diff tests/openapi.json .venv/openapi.json \
		|| { echo "The API changed: run make openapi, and read what changed." >&2; exit 1; }

format: .venv/ready-dev ## put code and templates into their form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $$(find templates -name '*.html')

bench: .venv/ready-dev ## measure against limits; needs TEST_POSTGRES_URL (docs/benchmarks.md)
	$(BIN)/python -m benchmarks

screenshots: .venv/ready-dev ## take the README's pictures anew; needs Chromium
	$(BIN)/python -m tests.browser.screenshots

openapi: .venv/ready-dev ## write the API's schema anew
	$(BIN)/python manage.py spectacular --validate --fail-on-warn \
		--format openapi-json --file tests/openapi.json

lock: .venv/ready-dev ## resolve the dependencies anew, with hashes and without addresses
	$(BIN)/uv pip compile --quiet --upgrade pyproject.toml --universal \
		--generate-hashes --no-emit-index-url --no-emit-find-links -o requirements.lock
	$(BIN)/uv pip compile --quiet --upgrade pyproject.toml --group dev --universal \
		-c requirements.lock --generate-hashes --no-emit-index-url \
		--no-emit-find-links -o requirements-dev.lock

clean: ## take away the environment and the caches; the register in data/ stays
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/uv:
	$(PYTHON) -m venv .venv
	@# Without uv, pip does the same, slower.
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

.venv/ready: requirements.lock | .venv/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $< \
		|| $(BIN)/python -m pip install --quiet --require-hashes -r $<
	@touch $@

.venv/ready-dev: requirements-dev.lock | .venv/bin/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r $< \
		|| $(BIN)/python -m pip install --quiet --require-hashes -r $<
	@touch $@ .venv/ready
