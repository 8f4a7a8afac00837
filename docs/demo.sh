#!/bin/sh
# `make demo`: one question and its signed answer; a morning at the counter of a commune; and the
# proof of all of it when the gateway is gone. Fails when anything is not as it should be.
set -eu
work=$(mktemp -d)
trap 'kill "${gateway:-0}" 2>/dev/null || true; rm -rf "$work"' EXIT

say() { printf '\n\033[1m$ %s\033[0m\n' "$1"; }

dancu dev --data-dir "$work/data" --population 2000 --as explain --number-delay 1 \
  --port 0 --control-port 0 --log-port 0 >"$work/ready" 2>"$work/log" &
gateway=$!
until grep -q ^READY "$work/ready"; do
  kill -0 "$gateway" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
server=$(sed -n 's/^READY grpc=\([^ ]*\).*/\1/p' "$work/ready")

say 'dancu verify 079088000001 --name "TRAN MINH KHOI" --birth-date 1988-03-14 --out answer.binpb'
dancu verify 079088000001 --name "TRAN MINH KHOI" --birth-date 1988-03-14 \
  --server "$server" --data-dir "$work/data" --out "$work/answer.binpb"

say 'python -m clients.procedures.demo morning counter'
python -m clients.procedures.demo morning "$work/counter" --server "$server" --data-dir "$work/data"

kill "$gateway"
wait "$gateway"

say 'dancu receipt verify answer.binpb --keys keyset.binpb   # the gateway is stopped'
dancu receipt verify "$work/answer.binpb" --keys "$work/data/keyset.binpb" --root "$work/data/root.pub"

say 'python -m clients.procedures.demo check counter'
python -m clients.procedures.demo check "$work/counter" --data-dir "$work/data"

printf '\nGo on with: make run (a gateway to ask yourself); docs/procedures.md tells what this was.\n'
