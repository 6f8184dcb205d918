#!/usr/bin/env bash
# The figures of docs/benchmarks.md. The rivals of search are Debian's
# python3-xapian, python3-psycopg2 and postgresql-15; what is not installed is
# passed over with a word.
set -euo pipefail
go run ./cmd/bench "$@"
[ $# -gt 0 ] && exit 0
echo
go test -run '^$' -bench . -benchmem ./portal/clock ./store ./search | grep -E '^(goos|goarch|cpu|Benchmark)'
