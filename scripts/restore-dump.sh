#!/usr/bin/env bash
# Dumps a database of a real PostgreSQL with pg_dump, restores it into PGLiteDB with psql, and compares what is in both, table by
# table and sequence by sequence, and the definitions of views, keys, checks and indexes.
#
#   scripts/restore-dump.sh HOST PORT [ROWS]     a PostgreSQL 18 server on which a database "restore_source" may be made anew;
#                                                default: 1,000,000 rows in its largest table
#
# Environment: SERVER  the pglitedb binary (default target/release/pglitedb, built if it is not there)
#              BINDIR  PostgreSQL's client programs (default: those in PATH)
#              PORT    for PGLiteDB, default 54878
set -euo pipefail
cd "$(dirname "$0")/.."

[ $# -ge 2 ] || { sed -n '2,12s/^# \{0,1\}//p' "$0"; exit 2; }
source_host=$1 source_port=$2 rows=${3:-1000000} port=${PORT:-54878}
server=${SERVER:-target/release/pglitedb}
bindir=${BINDIR:-$(dirname "$(command -v pg_dump || echo /usr/bin/pg_dump)")}
[ -x "$bindir/pg_dump" ] || { echo "there is no pg_dump in $bindir (set BINDIR)"; exit 1; }
[ -x "$server" ] || cargo build --release -p pglitedb-server --bin pglitedb

work=$(mktemp -d)
pid=
trap '[ -n "$pid" ] && kill "$pid" 2>/dev/null && wait "$pid"; rm -rf "$work"' EXIT
export PGUSER=postgres
theirs() { "$bindir/psql" -X -qAt -v ON_ERROR_STOP=1 -h "$source_host" -p "$source_port" "$@"; }
ours() { "$bindir/psql" -X -qAt -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$port" "$@"; }

echo "making the source ($rows rows)"
theirs -d postgres -c 'DROP DATABASE IF EXISTS restore_source' -c 'CREATE DATABASE restore_source' 2>/dev/null
theirs -d restore_source -v rows="$rows" >/dev/null <<'SQL'
CREATE SCHEMA shop;
CREATE TYPE shop.state AS ENUM ('new', 'paid', 'sent');
CREATE DOMAIN shop.amount AS numeric(12,2) CHECK (VALUE >= 0);
CREATE TABLE shop.customer (
    id serial PRIMARY KEY, name text NOT NULL, mail varchar(80) UNIQUE, born date,
    tags text[] DEFAULT '{}', extra jsonb, CHECK (length(name) > 0));
CREATE TABLE shop.purchase (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer int NOT NULL REFERENCES shop.customer ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT now(), state shop.state NOT NULL DEFAULT 'new',
    total shop.amount NOT NULL, note text, gross numeric GENERATED ALWAYS AS (total * 1.19) STORED);
CREATE SEQUENCE shop.number INCREMENT 7 START 1000;
CREATE UNIQUE INDEX customer_name ON shop.customer (lower(name), id);
CREATE INDEX purchase_customer ON shop.purchase (customer, at DESC NULLS LAST);
CREATE INDEX purchase_open ON shop.purchase (at) WHERE state = 'new';
CREATE VIEW shop.per_customer AS
    SELECT c.id, c.name, count(p.id) AS purchases, coalesce(sum(p.total), 0) AS total
    FROM shop.customer c LEFT JOIN shop.purchase p ON p.customer = c.id GROUP BY c.id, c.name;
COMMENT ON TABLE shop.purchase IS 'what was bought';
INSERT INTO shop.customer (name, mail, born, tags, extra)
    SELECT 'Customer ' || n, CASE WHEN n % 10 > 0 THEN 'c' || n || '@example.org' END, date '1950-01-01' + n % 20000,
           ARRAY['a' || n % 7, E'tab\there'], jsonb_build_object('n', n, 'text', 'ä"\' || n)
    FROM generate_series(1, 1000) n;
INSERT INTO shop.purchase (customer, at, state, total, note)
    SELECT n % 1000 + 1, timestamptz '2024-01-01' + n * interval '31 seconds', (ARRAY['new', 'paid', 'sent'])[n % 3 + 1]::shop.state,
           n % 9973 / 100.0, CASE WHEN n % 5 = 0 THEN E'line\nbreak \\ ' || n END
    FROM generate_series(1, :rows) n;
SELECT setval('shop.number', 4711);
SQL

"$bindir/pg_dump" -h "$source_host" -p "$source_port" restore_source >"$work/dump.sql"
echo "restoring $(wc -c <"$work/dump.sql") bytes"
"$server" serve --data "$work/data" --listen "127.0.0.1:$port" 2>"$work/log" &
pid=$!
for _ in $(seq 100); do ours -d postgres -c 'SELECT 1' >/dev/null 2>&1 && break; sleep 0.1; done
ours -d postgres -c 'CREATE DATABASE restored'
began=$(date +%s%N)
ours -d restored -f "$work/dump.sql" >/dev/null
printf 'restored in %d ms; memory of the server now %s kB\n' $((($(date +%s%N) - began) / 1000000)) \
    "$(awk '/VmRSS/ {print $2}' "/proc/$pid/status" 2>/dev/null || echo '?')"

cat >"$work/check.sql" <<'SQL'
SELECT count(*), sum(id), sum(length(name)), count(mail), min(born), max(born), sum(cardinality(tags)), sum((extra->>'n')::int)
    FROM shop.customer;
SELECT count(*), sum(id), sum(customer), sum(total), sum(gross), sum(length(note)), min(at), max(at) FROM shop.purchase;
SELECT state, count(*), sum(total) FROM shop.purchase GROUP BY state ORDER BY state;
SELECT md5(string_agg(c::text, '' ORDER BY id)) FROM shop.customer c;
SELECT count(*), sum(purchases), sum(total) FROM shop.per_customer;
SELECT last_value, is_called FROM shop.number;
SELECT nextval('shop.number'), nextval('shop.customer_id_seq'), nextval('shop.purchase_id_seq');
SELECT pg_get_viewdef('shop.per_customer'::regclass);
SELECT indexdef FROM pg_indexes WHERE schemaname = 'shop' ORDER BY indexname;
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'shop'::regnamespace ORDER BY conname;
SELECT obj_description('shop.purchase'::regclass);
SQL
theirs -d restore_source -f "$work/check.sql" >"$work/theirs"
ours -d restored -f "$work/check.sql" >"$work/ours"
if ! diff "$work/theirs" "$work/ours"; then echo "FAILED: the databases differ"; exit 1; fi
for bad in "INSERT INTO shop.purchase (customer, total) VALUES (-1, 1)" "INSERT INTO shop.purchase (customer, total) VALUES (1, -1)" \
    "INSERT INTO shop.customer (name) VALUES ('')" "INSERT INTO shop.customer (name, mail) VALUES ('x', 'c1@example.org')"; do
    if ours -d restored -c "$bad" 2>/dev/null; then echo "FAILED: accepted: $bad"; exit 1; fi
done
theirs -d postgres -c 'DROP DATABASE restore_source'
echo "passed"
