#!/bin/sh
# The demonstration behind `make demo`: ingests samples/ into a knowledge base of its own and asks a question.
set -eu
cd "$(dirname "$0")/.."
jackdaw=${1:-build}/jackdaw
base=${1:-build}/demo.db
question="Why does a softmax score shrink when the collection grows?"

say() { printf '\n%s\n' "$*"; }

rm -f "$base" "$base"-*
say "\$ $jackdaw --kb $base ingest samples/handbook"
"$jackdaw" --kb "$base" ingest samples/handbook
say "\$ $jackdaw --kb $base ask \"$question\""
"$jackdaw" --kb "$base" ask "$question"

say "Go on with your own files:
  $jackdaw ingest ~/Documents
  $jackdaw ask \"...\"
  $jackdaw chat
  $jackdaw doctor      what works on this machine, and what to do about what does not"
