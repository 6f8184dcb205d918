# Every command a developer needs; each is one line that can be read.
GO ?= go
TOOL = $(GO) tool -modfile=tools/go.mod
FUZZTIME ?= 30s

.PHONY: test check unit browser needs validate fuzz bench bench-search attack run css image

# The README's test command: everything that CI checks.
test: needs check unit

# Install what the tests lack, where that can be done.
needs:
	@bash tools/needs.sh

# Format, vet, staticcheck, tidy modules, known vulnerabilities.
check:
	@test -z "$$(gofmt -l cmd portal search static store tools)" || { echo "gofmt needed:"; gofmt -l cmd portal search static store tools; exit 1; }
	$(GO) vet -tags browser ./...
	$(GO) mod tidy -diff
	$(TOOL) staticcheck -tags browser ./...
	@bash tools/vulncheck.sh

# Unit, HTTP, crash and browser tests; then, with the race detector, those whose
# goroutines share something. Under it all of them would take ten times as long.
unit:
	$(GO) test -tags browser -timeout 18m ./...
	$(GO) test -race -timeout 10m ./store ./search ./portal/flow ./portal/cases ./portal/letters ./portal/registers
	$(GO) test -race -timeout 10m -run 'EveryRoute|Search|Mailbox|TwoReviews|Front|KeptPages|Hooks' ./portal/web
	$(GO) test -race -timeout 10m -run 'DemoStartsTwice|BackupWhileRunning' ./cmd/gongkai

# The journeys in a real browser alone.
browser:
	$(GO) test -tags browser -run Browser ./cmd/gongkai

# Other people's validators over the demonstration city; wants node and java.
validate:
	@bash tools/validate.sh

# Every fuzz target for a while.
fuzz:
	@for t in $$(grep -rl '^func Fuzz' --include=*_test.go . | xargs -n1 dirname | sort -u); do \
	  for f in $$(grep -rhoE '^func (Fuzz[A-Za-z]+)' $$t/*_test.go | cut -d' ' -f2); do \
	    $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) $$t || exit 1; done; done

# Everything that is made to stop a portal or to get something out of it, against
# a started one, while somebody reads its pages; then kill -9 and full disks.
KILLS ?= 1000
DISKS ?= 100
attack:
	$(GO) run ./cmd/attack
	$(GO) run ./cmd/attack -kill $(KILLS)
	$(GO) run ./cmd/attack -disk $(DISKS)

# The figures of docs/benchmarks.md; DOCS=100000 measures search beside its
# rivals on so many generated documents, CASES=100000 applications on so many
# open cases, FILES=1000 so many files from upload to search,
# POWERS=1000000 power lists and annual reports, LETTERS=100000 so many letters and ten
# times as many calls.
DOCS ?=
CASES ?=
FILES ?=
POWERS ?=
LETTERS ?=
ENGINES ?= gongkai,cjk,sqlite,xapian,postgres,groonga
WORK ?=
bench:
	@bash tools/bench.sh $(if $(FILES),-files $(FILES)) $(if $(POWERS),-powers $(POWERS)) $(if $(LETTERS),-letters $(LETTERS)) $(if $(CASES),-cases $(CASES)) $(if $(DOCS),-docs $(DOCS) -engines $(ENGINES) $(if $(WORK),-work $(WORK)))

# Search quality over the judged questions (docs/search-quality.md).
bench-search:
	$(GO) test -count=1 -run "TestSearchQuality|TestKnownItems" -v ./search -args -quality

run:
	$(GO) run ./cmd/gongkai serve --demo

# Build the style anew from static/scss; the result is committed.
css:
	npm install --no-save --prefix tools/css && tools/css/node_modules/.bin/sass --style=compressed --no-source-map --quiet-deps --load-path=tools/css/node_modules static/scss/gongkai.scss static/css/gongkai.css

image:
	docker build -t gongkai .
