#!/bin/sh
# `make demo`: one question, one signed answer, verified offline after the gateway is gone.
set -eu
work=$(mktemp -d)
trap 'kill "${gateway:-0}" 2>/dev/null || true; rm -rf "$work"' EXIT

say() { printf '\n\033[1m$ %s\033[0m\n' "$*"; }

dancu dev --data-dir "$work/data" --population 2000 --port 0 --control-port 0 >"$work/ready" 2>"$work/log" &
gateway=$!
until grep -q ^READY "$work/ready"; do
  kill -0 "$gateway" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
server=$(sed -n 's/^READY grpc=\([^ ]*\).*/\1/p' "$work/ready")

say dancu verify 079088000001 --name "TRAN MINH KHOI" --birth-date 1988-03-14 --out answer.binpb
dancu verify 079088000001 --name "TRAN MINH KHOI" --birth-date 1988-03-14 \
  --server "$server" --data-dir "$work/data" --out "$work/answer.binpb"

kill "$gateway"
wait "$gateway"

say dancu receipt verify answer.binpb --keys keyset.binpb "  # the gateway is stopped"
dancu receipt verify "$work/answer.binpb" --keys "$work/data/keyset.binpb" --root "$work/data/root.pub"
