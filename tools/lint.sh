#!/bin/sh
# clang-format and clang-tidy over the whole source: nothing is changed, everything amiss is printed.
#   tools/lint.sh BUILD
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
git ls-files '*.c' '*.h' | xargs clang-format --dry-run --Werror
git ls-files 'src/*.c' | grep -v '/test_' |
    xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p "$build" --extra-arg=-Wno-unknown-warning-option 2>/dev/null
echo "lint: clean"
