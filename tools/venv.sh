#!/bin/sh
# venv.sh FOLDER [PYTHON]: a virtual environment in FOLDER from PYTHON, or from the best Python that works.
set -eu

folder=$1
asked=${2-}
seen=
without_venv=

# A name on PATH proves little: a version manager's shim may stand for nothing, so each candidate runs.
for candidate in ${asked:-python3.13 python3.12 python3.11 python3}; do
  command -v "$candidate" >/dev/null 2>&1 || continue
  version=$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
  if ! "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    seen="$seen${seen:+,} $candidate is $version"
  elif ! "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
    without_venv=$candidate
  elif "$candidate" -m venv --clear "$folder" >&2; then
    echo "Made $folder with $candidate (Python $version)."
    exit 0
  else
    rm -rf "$folder"
    echo "$candidate -m venv $folder failed: its own words are above." >&2
    exit 1
  fi
done

if [ -n "$without_venv" ]; then
  version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  cat >&2 <<TEXT
$without_venv (Python $version) cannot make virtual environments: its venv module is a package of its own.
  Debian, Ubuntu:  sudo apt-get install python$version-venv
then run make again.
TEXT
else
  cat >&2 <<TEXT
policysite needs Python 3.11 or newer, and found none that runs.${seen:+ Seen:$seen.}${asked:+ Asked for: $asked.}
  Debian 12, Ubuntu 24.04:  sudo apt-get install python3 python3-venv
  macOS:                    brew install python@3.13
or name one yourself:       make PYTHON=/path/to/python3.11
TEXT
fi
exit 1
