#!/usr/bin/env bash
# Other people's validators over the demonstration city: every kind of public page in both
# languages (the W3C's vnu), the description of the API (redocly), feeds, sitemap, OAI-PMH
# (xmllint), the catalogue in Turtle (rapper).
# Wants node, npm, java, curl, xmllint, rapper.
set -euo pipefail
for tool in node npm java curl xmllint rapper; do
  command -v $tool >/dev/null || { echo "needed and not installed: $tool"; exit 1; }
done
work=$(mktemp -d)
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
go build -o "$work/gongkai" ./cmd/gongkai
"$work/gongkai" serve --demo --data "$work/data" --addr 127.0.0.1:18080 --admin-addr 127.0.0.1:18081 >"$work/log" 2>&1 &
server=$!
base=http://127.0.0.1:18080
for _ in $(seq 100); do curl -fs "$base/readyz" >/dev/null && break; sleep 0.3; done
npm install --silent --no-save --prefix "$work/npm" vnu-jar @redocly/cli >/dev/null 2>&1
cd "$work"
first() { curl -fs "$base/api/v1/records?kind=$1&size=1" | node -e 'let s="";process.stdin.on("data",d=>s+=d).on("end",()=>console.log(new URL(JSON.parse(s).records[0].url).pathname))'; }
mkdir html
n=0
for p in / /catalogue /organs /organs/water /guide /guide/water /rules /statutory /powers /powers/compare "$(first power)" /reports /reports/water.2024 /reports/compare /figures "/search?q=%E4%BE%9B%E6%B0%B4" "/search?q=qwzx" /help /help/search /apply /track /answers /verify "/deadline?received=2026-09-24&channel=in_person" /follow /enquiry-points /accessibility /developers /api/v1/ /map /collections /collections/rules /tables /public-bodies /gazettes /hall /registers /registers/fees /registers/proposals /entries/proposals.water.1 /mailbox /mailbox/write/organ /replies /consultations /styleguide /desk/sign-in "$(first document)" /nothing-here; do
  for lang in zh en; do
    curl -s -H "Accept-Language: $lang" "$base$p" >"html/$(tr '/?&=%' '_____' <<<"$p")-$lang.html"
    n=$((n + 1))
  done
done
bad=0
report() { if [ "$1" -eq 0 ]; then echo "ok: $2"; else echo "FAILS: $2"; bad=1; fi; }
check() { what=$1; shift; if "$@" >"$work/out" 2>&1; then report 0 "$what"; else cat "$work/out"; report 1 "$what"; fi; }
check "$n pages by vnu" java -jar "$(find npm -name vnu.jar | head -1)" --errors-only --format gnu html/*.html
curl -fs "$base/api/v1/openapi.json" >openapi.json
check "OpenAPI by redocly" npm/node_modules/.bin/redocly lint --extends=minimal openapi.json
for p in /feed.atom /feed.rss /sitemap.xml /opensearch.xml "/oai?verb=Identify" "/oai?verb=ListRecords&metadataPrefix=oai_dc"; do
  curl -fs "$base$p" >a.xml
  check "$p by xmllint" xmllint --noout a.xml
done
curl -fs "$base/dcat.ttl" >d.ttl
check "the catalogue by rapper" rapper -q -c -i turtle d.ttl
exit $bad
