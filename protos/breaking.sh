#!/bin/sh
# Compares the contract with that of the last release (or of the commit before, where there
# is no release yet). A first commit has nothing to break.
set -eu
cd "$(dirname "$0")/.."
against=$(git describe --tags --abbrev=0 2>/dev/null || git rev-parse --verify --quiet HEAD~1 || true)
if [ -z "$against" ] || ! git cat-file -e "$against:protos/buf.yaml" 2>/dev/null; then
  echo "no earlier contract to compare with"
  exit 0
fi
before=$(mktemp -d)
trap 'rm -rf "$before"' EXIT
git archive "$against" protos | tar -x -C "$before"
cd protos
buf breaking --against "$before/protos"
echo "the contract breaks nothing of $against"
