#!/usr/bin/env bash
# Installs what the workflow tests need into .tools, at pinned versions, quick when it is there: act, actionlint and
# GitHub's own description of its interface.
set -euo pipefail
cd "$(dirname "$0")/.."
bin="$PWD/.tools/bin"

have() { # program, version
  [ -x "$bin/$1" ] && "$bin/$1" --version 2>/dev/null | head -n 1 | grep -qF "$2"
}
want() { # program, version, package
  if have "$1" "$2"; then return; fi
  if ! command -v go >/dev/null; then
    echo "sluice set-up: $1 $2 needs Go: apt-get install -y golang-go (Debian), or brew install go (macOS)" >&2
    exit 2
  fi
  echo "sluice set-up: $1 $2 …" >&2
  GOBIN="$bin" GOFLAGS=-trimpath go install "$3@v$2" || {
    echo "sluice set-up: $1 could not be installed; it is safe to run this again" >&2
    exit 4
  }
}

mkdir -p "$bin"
want act 0.2.89 github.com/nektos/act
want actionlint 1.7.12 github.com/rhysd/actionlint/cmd/actionlint
node scripts/fetch-openapi.mjs
