#!/bin/sh
# Writes requirements.lock: exact versions and hashes for every extra and platform, and no address. Run by `make lock`.
set -eu
cd "$(dirname "$0")/.."

NEW=$(mktemp)
trap 'rm -f "$NEW"' EXIT
cp requirements.lock "$NEW" # uv keeps the versions it finds here
# shellcheck disable=SC2086 # LOCK may hold several options, or none
.venv/bin/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet ${LOCK:-} --output-file "$NEW"
{
    echo "# Written by 'make lock' from pyproject.toml. Exact versions and hashes, no addresses; install with --require-hashes."
    cat "$NEW"
} | awk '!/^# Written by/ || !seen++' > requirements.lock
