#!/bin/sh
# Makes .venv with what the project needs, unless it is there and newer than the files that say what.
# Usage: sh tools/venv.sh STAMP [EXTRAS]; without the second it is for development, '' is for production.
set -eu
stamp=$1
extras=${2-dev}

# Two commands started at once in a fresh clone wait for each other.
if [ -z "${VENV_LOCKED:-}" ] && command -v flock >/dev/null 2>&1; then
    VENV_LOCKED=1 exec flock Makefile sh "$0" "$@"
fi
# What has more has all that less would have.
more=.venv/.ready
[ -n "$extras" ] || more="$more .venv/.run-ready"
for made in "$stamp" $more; do
    if [ "$made" -nt pyproject.toml ] && [ "$made" -nt constraints.txt ]; then
        touch "$stamp"
        exit 0
    fi
done

suits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if ! suits .venv/bin/python; then
    python=
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if suits "$candidate"; then
            python=$candidate
            break
        fi
    done
    if [ -z "$python" ]; then
        echo "Python 3.11 or newer is needed, and no python3 here is" >&2
        exit 1
    fi
    echo "making .venv with $("$python" --version)"
    if ! "$python" -m venv --clear .venv >/dev/null 2>&1; then
        echo "$python cannot make virtual environments here: install its venv module" \
            "(Debian, Ubuntu: apt-get install python3-venv)" >&2
        exit 1
    fi
fi

echo "installing what is needed into .venv (about a minute the first time)"
if ! .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check \
    --constraint constraints.txt --editable ".${extras:+[$extras]}"; then
    echo "the installation failed: run the command again when the package index can be reached" >&2
    exit 1
fi
touch "$stamp"
