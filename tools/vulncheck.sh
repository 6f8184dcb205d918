#!/usr/bin/env bash
# govulncheck where its database can be reached; a line saying so elsewhere.
set -euo pipefail
if ! timeout 10 bash -c 'exec 3<>/dev/tcp/vuln.go.dev/443' 2>/dev/null; then
  echo "govulncheck: its database cannot be reached from here; skipped"
  exit 0
fi
exec go tool -modfile=tools/go.mod govulncheck ./...
