# Finding uv and the Pythons of the two environments. Sourced by setup/install.sh.

say() { printf '%s\n' "$*"; }
stop() { printf 'set-up: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo "$@"; else return 1; fi
}

# A machine may reach its packages through an index that only pip has been told of.
use_pips_index() {
  [ -n "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ] && return
  local index="${PIP_INDEX_URL:-$(python3 -m pip config get global.index-url 2>/dev/null || true)}"
  if [ -n "$index" ]; then export UV_DEFAULT_INDEX="$index"; fi
}

find_uv() {
  UV="$(command -v uv || true)"
  [ -z "$UV" ] && [ -x .tools/bin/uv ] && UV="$PWD/.tools/bin/uv"
  if [ -z "$UV" ]; then
    say "installing uv ..."
    if python3 -m venv .tools >/dev/null 2>&1 || { as_root apt-get install -y -qq python3-venv >/dev/null 2>&1 && python3 -m venv --clear .tools; }; then
      .tools/bin/python -m pip install -q "uv==0.13.9" >/dev/null 2>&1 || true
    fi
    [ -x .tools/bin/uv ] || curl -LsSf https://astral.sh/uv/install.sh | env UV_INSTALL_DIR="$PWD/.tools/bin" UV_NO_MODIFY_PATH=1 sh >/dev/null 2>&1 || true
    UV="$PWD/.tools/bin/uv"
    [ -x "$UV" ] || stop "uv could not be installed: install it (pip install uv) and run this again."
  fi
}

runs() { "$1" -c "import sys; sys.exit(sys.version_info[:2] < ($2) or sys.version_info[:2] > ($3))" >/dev/null 2>&1; }

# Rasa needs Python 3.10: one on the PATH that really runs (a pyenv shim may not), then pyenv's, then uv's own download.
find_python310() {
  local found
  found="$(command -v python3.10 || true)"
  if [ -n "$found" ] && runs "$found" "3,10" "3,10"; then PYTHON310="$found"; return; fi
  for found in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10*/bin/python3.10; do
    if [ -x "$found" ] && runs "$found" "3,10" "3,10"; then PYTHON310="$found"; return; fi
  done
  say "fetching Python 3.10 for the assistant ..."
  "$UV" python install -q 3.10 >/dev/null 2>&1 || true
  PYTHON310="$("$UV" python find --managed-python 3.10 2>/dev/null || true)"
  [ -n "$PYTHON310" ] || stop "the assistant needs Python 3.10, which is not here and could not be fetched: install it (pyenv install 3.10, or your system's package) and run this again."
}

find_python311() {
  for found in python3 python3.14 python3.13 python3.12 python3.11; do
    found="$(command -v "$found" || true)"
    if [ -n "$found" ] && runs "$found" "3,11" "3,13"; then PYTHON311="$found"; return; fi
  done
  say "fetching Python 3.12 for the desk ..."
  "$UV" python install -q 3.12 >/dev/null 2>&1 || true
  PYTHON311="$("$UV" python find '>=3.11,<3.14' 2>/dev/null || true)"
  [ -n "$PYTHON311" ] || stop "the desk needs Python 3.11 to 3.13, which is not here and could not be fetched: install it and run this again."
}
