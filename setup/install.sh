#!/usr/bin/env bash
# Installs what the desk needs into .venv and bot/.venv, once: a second run only compares. With "test", also what the tests need.
set -euo pipefail
cd "$(dirname "$0")/.."
. setup/python.sh

# Make one environment of a lock file, unless it already is that.
environment() { # folder, lock file, function that finds its Python, what to call it
  local folder="$1" lock="$2" mark digest
  mark="$folder/.made-of"
  digest="$(sha256sum "$lock" pyproject.toml | sha256sum | cut -d' ' -f1)"
  [ -f "$mark" ] && [ "$(cat "$mark")" = "$digest" ] && return
  find_uv; use_pips_index; "$3"
  say "installing $4 (some minutes the first time) ..."
  [ -x "$folder/bin/python" ] || "$UV" venv -q --python "$PYTHON" "$folder"
  # Compiled now: where PYTHONDONTWRITEBYTECODE is set (containers), each start would compile a thousand modules anew.
  "$UV" pip sync --compile-bytecode --python "$folder" --require-hashes "$lock" 2>&1 | grep -vE '^ [-+~] ' || true
  [ "$folder" = .venv ] && "$UV" pip install -q --python "$folder" --no-deps -e .
  printf '%s' "$digest" > "$mark"
}
desk_python() { find_python311; PYTHON="$PYTHON311"; }
rasa_python() { find_python310; PYTHON="$PYTHON310"; }

lock=requirements.lock
[ "${1:-}" = test ] && lock=requirements-test.lock
# The tests' environment holds all that the desk needs: do not take anything away from it.
[ "${1:-}" != test ] && [ -f .venv/.for-tests ] && lock=requirements-test.lock
environment .venv "$lock" desk_python "the desk's packages"
[ "$lock" = requirements-test.lock ] && touch .venv/.for-tests
environment bot/.venv bot/requirements.lock rasa_python "the assistant's packages, 2.6 GB"

if [ "${1:-}" = test ]; then . setup/chromium.sh; fi
