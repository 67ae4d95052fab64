#!/bin/sh
# locks.sh write [--upgrade] | check: the lock files. They hold for every platform and for every Python from
# 3.11 on, carry hashes, and name no host and no folder of the machine that wrote them.
set -eu

compile() {
  .venv-lock/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --custom-compile-command 'make lock' pyproject.toml "$@"
}

check() {
  if grep -nE '"resolved"|--(extra-)?index-url|--find-links|file:|[a-z]+://[^ ]*\.(tgz|whl|tar\.gz)' \
    requirements/*.txt package-lock.json bench/data/*/package-lock.json; then
    echo 'A lock file names a host or a folder: run make lock with the settings of this repository.' >&2
    exit 1
  fi
}

case $1 in
  write)
    shift
    compile --group build --output-file requirements/runtime.txt "$@"
    compile --group build --group test --constraint requirements/runtime.txt \
      --output-file requirements/test.txt "$@"
    compile --group bench --output-file requirements/bench.txt "$@"
    npm install --package-lock-only --ignore-scripts --silent
    npm install --package-lock-only --ignore-scripts --silent --prefix bench/data/peers
    check
    ;;
  check) check ;;
esac
