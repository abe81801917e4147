#!/bin/sh
# Builds the Debian packages from what is committed, in build-deb/, and names them.
set -eu
cd "$(dirname "$0")/.."
version=$(sed -n "s/^  version: '\(.*\)',/\1/p" meson.build)
tree=build-deb/jackdaw-$version
rm -rf build-deb
mkdir -p "$tree"
git archive HEAD | tar -x -C "$tree"
cp -r packaging/debian "$tree/debian"
sed -e "s/@VERSION@/$version/" -e "s/@DATE@/$(git log -1 --format=%cD)/" \
    "$tree/debian/changelog.in" >"$tree/debian/changelog"
rm "$tree/debian/changelog.in"
(cd "$tree" && dpkg-buildpackage -b -us -uc >../build.log 2>&1) || {
    tail -30 build-deb/build.log >&2
    exit 1
}
ls build-deb/*.deb
