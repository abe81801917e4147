#!/bin/sh
# The demonstration behind `make demo`: ingests samples/ into a knowledge base of its own and asks a question.
set -eu
cd "$(dirname "$0")/.."
build=${1:-build}
jackdaw=$build/jackdaw
base=$build/demo.db
question="Why does a softmax score shrink when the collection grows?"

say() { printf '\n%s\n' "$*"; }

# Without the encoder, search is by words alone: the demonstration goes on.
export JACKDAW_MODELS="$PWD/$build/models"
packaging/encoder.sh "$jackdaw" || echo "The text encoder could not be fetched: searching by words."

rm -f "$base" "$base"-* "$base".*
say "\$ $jackdaw --kb $base ingest samples/handbook"
"$jackdaw" --kb "$base" ingest samples/handbook
say "\$ $jackdaw --kb $base ask \"$question\""
"$jackdaw" --kb "$base" ask "$question"

say "Go on with your own files:
  export JACKDAW_MODELS=$JACKDAW_MODELS
  $jackdaw ingest ~/Documents
  $jackdaw ask \"...\"
  $jackdaw chat
  $jackdaw doctor      what works on this machine, and what to do about what does not

See it in your browser, with these documents: start
  $jackdaw --kb $base serve
and open http://localhost:7860/"
