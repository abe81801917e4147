#!/bin/sh
# Installs what building and testing Jackdaw needs on Debian 12 or later. Does nothing where all is there.
#   packaging/deps.sh [build|test|dev]
set -eu

build="gcc pkg-config meson ninja-build python3 libglib2.0-dev libpcre2-dev libjansson-dev libcurl4-openssl-dev libsqlite3-dev
libgumbo-dev libmd4c-dev libjpeg-dev libpng-dev libwebp-dev libgif-dev libzip-dev libseccomp-dev libstemmer-dev
libchafa-dev libedit-dev libxxhash-dev nettle-dev libmicrohttpd-dev ca-certificates python3-pip
libjs-marked libjs-katex fonts-katex libjs-highlight.js"
test="python3-venv python3-pip clang-format sqlite3 man-db curl chromium"
dev="clang-tidy clang libomp-dev dpkg-dev debhelper lintian wrk"

# Matrix products: oneDNN is for x86-64 alone.
[ "$(uname -m)" = x86_64 ] && build="$build libdnnl-dev" || build="$build libopenblas-dev"

case "${1:-build}" in
build) wanted=$build ;;
test) wanted="$build $test" ;;
dev) wanted="$build $test $dev" ;;
*) echo "usage: packaging/deps.sh [build|test|dev]" >&2; exit 2 ;;
esac

command -v dpkg-query >/dev/null || {
    echo "This is not Debian: install by your own means: $wanted" >&2
    exit 1
}

installed() {
    dpkg-query -W -f '${db:Status-Status} ' "$1" 2>/dev/null | grep -q '^installed '
}

missing=
for package in $wanted; do
    installed "$package" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
echo "Installing:$missing"
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
