#!/bin/sh
# Records what a real PostgreSQL 18 answers to the scripts: `record.sh PSQL PORT` with psql and the port of a server of which
# a database "postgres" may be used. Each script gets a database of its own.
set -eu
psql=$1 port=$2
cd "$(dirname "$0")/scripts"
for script in *.sql; do
    name=${script%.sql}
    "$psql" -X -q -h 127.0.0.1 -p "$port" -U postgres postgres -c "drop database if exists script" -c "create database script" 2>/dev/null
    "$psql" -X -A -F '|' -h 127.0.0.1 -p "$port" -U postgres script < "$script" 2>&1 |
        grep -v -e '^LINE ' -e '^QUERY:' -e '^ *^$' > "$name.out" || true
done
