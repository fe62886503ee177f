# Finds or installs Chromium for the browser tests. Sourced by setup/install.sh.
if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null && [ ! -f .venv/.chromium ]; then
  say "installing Chromium for the browser tests ..."
  if command -v apt-get >/dev/null && as_root sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium' >/dev/null 2>&1; then
    :
  elif .venv/bin/playwright install chromium >/dev/null 2>&1; then
    touch .venv/.chromium
  else
    stop "the browser tests need Chromium, which could not be installed: install it (apt-get install chromium) and run this again."
  fi
fi
