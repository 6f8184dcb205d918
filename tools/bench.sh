#!/usr/bin/env bash
# The figures of docs/benchmarks.md.
set -euo pipefail
go run ./cmd/bench "$@"
echo
go test -run '^$' -bench . -benchmem ./portal/clock ./store ./search | grep -E '^(goos|goarch|cpu|Benchmark)'
