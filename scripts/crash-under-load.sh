#!/usr/bin/env bash
# Kills the server with SIGKILL while pgbench writes, restarts it, and checks that the books balance:
# accounts = branches = tellers = history, and that no transaction that pgbench saw committed is missing.
#
#   scripts/crash-under-load.sh [ROUNDS [SECONDS]]        default: 5 rounds of 3 seconds
#
# Environment: SERVER  the pglitedb binary (default target/release/pglitedb, built if it is not there)
#              BINDIR  PostgreSQL's client programs (default: those in PATH, or what `pg18 bin` says)
#              PORT    default 54877
#              SCALE   pgbench's scale, default 1
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1:-5} seconds=${2:-3} port=${PORT:-54877} scale=${SCALE:-1}
server=${SERVER:-target/release/pglitedb}

find_bindir() {
    if [ -n "${BINDIR:-}" ]; then echo "$BINDIR"; return; fi
    local pgbench
    if pgbench=$(command -v pgbench); then dirname "$pgbench"; return; fi
    for tool in pg18 /work/shared/bin/pg18; do
        if command -v "$tool" >/dev/null; then "$tool" bin && return; fi
    done
}
bindir=$(find_bindir || true)
if [ -z "$bindir" ] || [ ! -x "$bindir/pgbench" ]; then
    echo "skipped: there is no pgbench"
    exit 0
fi
[ -x "$server" ] || cargo build --release -p pglitedb-server --bin pglitedb

work=$(mktemp -d)
pid=
trap '[ -n "$pid" ] && kill -9 "$pid" 2>/dev/null; rm -rf "$work"' EXIT
export PGHOST=127.0.0.1 PGPORT=$port PGUSER=postgres PGDATABASE=postgres

ask() { "$bindir/psql" -X -At -v ON_ERROR_STOP=1 -c "$1"; }

start() {
    "$server" serve --data "$work/data" --listen "127.0.0.1:$port" "$@" 2>>"$work/log" &
    pid=$!
    for _ in $(seq 3000); do
        if ask 'select 1' >/dev/null 2>&1; then return; fi
        kill -0 "$pid" 2>/dev/null || { echo "the server does not start"; tail -20 "$work/log"; exit 1; }
        sleep 0.01
    done
    echo "the server does not answer"; tail -20 "$work/log"; exit 1
}

# A small threshold, so that kills also hit checkpoints.
options=(--checkpoint-threshold 2MB)
start "${options[@]}"
"$bindir/pgbench" -i -q -s "$scale" >"$work/init" 2>&1 || { cat "$work/init"; exit 1; }

for round in $(seq "$rounds"); do
    before=$(ask 'select count(*) from pgbench_history')
    mode=$(echo simple extended prepared | cut -d' ' -f$((round % 3 + 1)))
    rm -f "$work"/transactions.*
    # Each line of its log is a transaction whose commit pgbench has heard of.
    "$bindir/pgbench" -n -M "$mode" -c 8 -j 2 -T $((seconds + 30)) -l --log-prefix="$work/transactions" \
        >"$work/pgbench" 2>&1 &
    load=$!
    sleep "$seconds.$((RANDOM % 900 + 100))"
    kill -9 "$pid"; wait "$pid" 2>/dev/null || true
    wait "$load" || true
    acknowledged=$(cat "$work"/transactions.* 2>/dev/null | grep -vc failed || true)
    began=$(date +%s%N)
    start "${options[@]}"
    recovery=$((($(date +%s%N) - began) / 1000000))
    read -r accounts branches tellers history count < <(ask "select
        (select sum(abalance) from pgbench_accounts) || ' ' || (select sum(bbalance) from pgbench_branches) || ' ' ||
        (select sum(tbalance) from pgbench_tellers) || ' ' ||
        coalesce((select sum(delta) from pgbench_history), 0) || ' ' || (select count(*) from pgbench_history)")
    printf 'round %d (%s): %d acknowledged, %d found, back after %d ms, sums %s %s %s %s\n' "$round" "$mode" \
        "$acknowledged" $((count - before)) "$recovery" "$accounts" "$branches" "$tellers" "$history"
    if [ "$accounts" != "$branches" ] || [ "$branches" != "$tellers" ] || [ "$tellers" != "$history" ]; then
        echo "FAILED: the sums differ"; exit 1
    fi
    # Up to eight were on their way: committed, but not acknowledged. None may be missing.
    if [ $((count - before)) -lt "$acknowledged" ]; then
        echo "FAILED: acknowledged transactions are missing"; exit 1
    fi
    if [ "$acknowledged" -eq 0 ]; then
        echo "FAILED: no transaction was acknowledged"; cat "$work/pgbench"; exit 1
    fi
done
echo "passed"
