#!/usr/bin/env bash
# The figures of docs/benchmarks.md. The rivals of search are Debian's
# python3-xapian, python3-psycopg2, postgresql-15 and groonga-bin; what is not installed is
# passed over with a word.
set -euo pipefail
go run ./cmd/bench "$@"
if [ "${1:-}" = -files ]; then # and the scan before release
  echo
  go test -run '^$' -bench Scan ./portal/scan | grep '^Benchmark'
  go test -count=1 -run TestScanQuality -v ./portal/scan | sed -n 's/^ *scan_test.go:[0-9]*: *\(.* found .*\)/\1/p'
fi
[ $# -gt 0 ] && exit 0
echo
go test -run '^$' -bench . -benchmem ./portal/clock ./store ./search | grep -E '^(goos|goarch|cpu|Benchmark)'
