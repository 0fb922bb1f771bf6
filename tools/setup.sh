#!/bin/sh
# Makes .venv with the locked packages and this checkout in it. Needs Python >= 3.11 with pip or venv, nothing else.
# Run by `make setup`; safe to repeat, and after it was interrupted.
set -eu
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3}
VENV=.venv

"$PYTHON" - <<'CHECK' || { echo "arrisk needs Python 3.11 or newer. Try: make setup PYTHON=python3.12" >&2; exit 2; }
import sys
sys.exit(sys.version_info < (3, 11))
CHECK

# A folder that was moved, or whose Python is gone, cannot be repaired.
[ ! -d "$VENV" ] || "$VENV/bin/python" -c "" 2>/dev/null || rm -rf "$VENV"

if [ ! -x "$VENV/bin/python" ] && ! "$PYTHON" -m venv "$VENV" >/dev/null 2>&1; then
    # Debian's Python may lack ensurepip; pip from outside can install into a folder that has none.
    rm -rf "$VENV"
    "$PYTHON" -m venv --without-pip "$VENV"
fi
if "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
    PIP="$VENV/bin/python -m pip"
else
    PIP="$PYTHON -m pip --python $VENV/bin/python"
fi

echo "Installing $(grep -c '==' requirements.lock) locked packages into $VENV: a few minutes the first time."
# -qq leaves errors only. A lock with hashes refuses an editable folder, so the checkout comes second and alone.
# pip compiles one file after the other, the packages' own tests too; compileall takes every core and leaves those out.
$PIP install -qq --disable-pip-version-check --no-compile --require-hashes -r requirements.lock
"$VENV/bin/python" -m compileall -qq -j 0 -x '/tests?/' "$VENV/lib" >/dev/null 2>&1 || true
$PIP install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
touch "$VENV/.stamp"
echo "Ready: $VENV/bin/arrisk --help, or make demo."
