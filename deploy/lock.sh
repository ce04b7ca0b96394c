#!/bin/sh
# Writes requirements.lock anew from requirements.in: exact versions, hashes of every file of each release
# (so that one lock serves x86_64 and aarch64), and no address of any index.
# Pins already in the lock are kept; "deploy/lock.sh --upgrade" takes the newest.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check "pip<27" "pip-tools>=7.5"
[ ! -f requirements.lock ] || cp requirements.lock "$work/requirements.lock"
# --allow-unsafe: pip-tools would leave setuptools unpinned, and nameko needs it.
CUSTOM_COMPILE_COMMAND="deploy/lock.sh" "$work/venv/bin/pip-compile" requirements.in \
    --quiet --generate-hashes --allow-unsafe --strip-extras --resolver=backtracking \
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
    --output-file "$work/requirements.lock" "$@"
if grep -nE '://|^-' "$work/requirements.lock"; then
    echo "requirements.lock would hold an address or an option (see above); nothing was written" >&2
    exit 1
fi
cp "$work/requirements.lock" requirements.lock
