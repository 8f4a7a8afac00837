#!/bin/sh
# Regenerates protos/gen, or with --check says whether it is up to date.
set -eu
cd "$(dirname "$0")"
out=gen
if [ "${1:-}" = "--check" ]; then
  out=$(mktemp -d)
  trap 'rm -rf "$out"' EXIT
fi
rm -rf "$out/dancu"
mkdir -p "$out"
python -m grpc_tools.protoc -I. -Ithird_party \
  --python_out="$out" --pyi_out="$out" --grpc_python_out="$out" \
  $(find dancu -name '*.proto' | LC_ALL=C sort)
for package in dancu dancu/v1 dancu/control dancu/control/v1; do
  printf '"""Generated from protos/dancu by `make proto`; never edited."""\n' > "$out/$package/__init__.py"
done
if [ "$out" != gen ]; then
  diff -r --exclude=__pycache__ gen/dancu "$out/dancu" >/dev/null || {
    echo "protos/gen differs from the contract: run make proto and commit the result" >&2
    exit 1
  }
  echo "generated code is up to date"
fi
