package portal_test

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The layers of the house, from the ground up. A package may import what its row
// names and nothing else of ours; "areas", "faces" and "adapters" stand for every
// package of that kind. What of other people's a package may not import stands
// below.
var layers = []struct {
	packages string // by their paths, without gongkai/
	may      string
}{
	{"portal/clock portal/text portal/rules portal/grid portal/flow static store/files portal/ooxml portal/ole", ""},
	{"portal/letter portal/sheet", "portal/grid portal/flow"},
	{"portal/print", "portal portal/flow portal/grid portal/letter portal/sheet portal/locale portal/reports portal/powers portal/letters portal/registers"},
	{"portal", "portal/clock portal/text portal/rules"},
	{"portal/scan", "portal portal/rules"},
	{"portal/process", "portal portal/clock"},
	{"portal/query", "portal portal/clock portal/text"},
	{"portal/locale portal/sandbox portal/clamav portal/mail", "portal"},
	// No area imports another: what it needs of one it asks for by a port of its own.
	{"areas", "portal portal/clock portal/text portal/flow portal/grid portal/rules portal/scan portal/process portal/query"},
	{"portal/notify", "portal portal/clock portal/query portal/locale portal/alerts portal/cases portal/letters"},
	{"portal/pdf", "portal portal/letter"},
	{"portal/table", "portal portal/ooxml portal/ole"},
	{"portal/ofd", "portal portal/ooxml"},
	{"portal/extract", "portal portal/text portal/sandbox portal/pdf portal/ooxml portal/ole portal/ofd portal/table"},
	{"portal/redact", "portal portal/text portal/cases portal/sandbox portal/pdf portal/letter"},
	{"portal/second", "portal portal/people"},
	{"portal/importer", "portal portal/clock portal/text portal/locale portal/cases portal/documents portal/powers portal/extract portal/table"},
	{"portal/demo", "portal portal/clock portal/process areas"},
	{"store", "portal portal/clock portal/text portal/query areas store/files"},
	{"search", "portal portal/text portal/query"},
	{"portal/web/page", "portal portal/clock portal/text portal/query portal/grid portal/locale portal/letter portal/print portal/extract portal/cases portal/documents portal/reports portal/masthead portal/rules static"},
	{"portal/web/gate", "portal portal/web/page"},
	// No face imports another.
	{"faces", "portal portal/rules portal/clock portal/text portal/flow portal/process portal/locale portal/query areas portal/grid portal/letter portal/sheet portal/print portal/redact portal/second portal/importer portal/table portal/web/page portal/web/gate"},
	{"portal/web", "portal portal/clock areas portal/locale portal/notify portal/extract portal/redact portal/importer faces portal/web/page portal/web/gate static"},
	{"portal/portaltest portal/portaltest/child", "portal portal/extract portal/pdf portal/redact portal/sandbox"},
	{"store/storetest", "portal portal/clock portal/query areas store"},
}

// groups are the rooms of which there are several.
var groups = map[string]string{
	"areas": "portal/documents portal/cases portal/powers portal/reports portal/organs portal/people portal/alerts portal/searches portal/plans portal/gazette portal/ledgers portal/directory portal/reminders portal/registers portal/letters portal/consult portal/assess portal/masthead portal/machines",
	"faces": "portal/web/account portal/web/public portal/web/applicant portal/web/desk portal/web/office portal/web/api portal/web/feed portal/web/mailbox portal/web/consult portal/web/oversight portal/web/harvest",
}

// only says which packages alone may import something of other people's.
var only = map[string]string{
	"go.etcd.io/bbolt":              "store",
	"github.com/blevesearch/":       "search cmd", // the bench has bleve as a rival
	"github.com/labstack/echo/":     "portal/web faces portal/web/page portal/web/gate",
	"net/http":                      "portal/web faces portal/web/page portal/web/gate portal/second cmd",
	"github.com/tetratelabs/wazero": "portal/pdf",
	"github.com/dop251/goja":        "portal/flow",
	"os/exec":                       "portal/sandbox portal/portaltest store/storetest cmd",
}

func members(list string) []string {
	var out []string
	for name := range strings.FieldsSeq(list) {
		if g, ok := groups[name]; ok {
			out = append(out, strings.Fields(g)...)
		} else {
			out = append(out, name)
		}
	}
	return out
}

// TestLayers holds every package to its layer, those that nobody has listed
// included: a new one must say where it belongs.
func TestLayers(t *testing.T) {
	t.Parallel()
	may := make(map[string][]string)
	for _, l := range layers {
		for _, p := range members(l.packages) {
			may[p] = members(l.may)
		}
	}
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "gongkai/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, "gongkai/")
		allowed, listed := may[name]
		if !listed && !strings.HasPrefix(name, "cmd/") {
			t.Errorf("%s has no layer: say in this test where it belongs", name)
			continue
		}
		for _, i := range p.Imports {
			if ours, ok := strings.CutPrefix(i, "gongkai/"); ok && listed && !slices.Contains(allowed, ours) {
				t.Errorf("%s imports %s, which is not below it", name, ours)
			}
			for theirs, who := range only {
				if strings.HasPrefix(i, theirs) && !slices.Contains(members(who), name) && !(strings.Contains(who, "cmd") && strings.HasPrefix(name, "cmd/")) {
					t.Errorf("%s imports %s, which is for %s alone", name, i, who)
				}
			}
		}
	}
}

// TestPortsAreSmall holds the ports that areas declare to six methods.
func TestPortsAreSmall(t *testing.T) {
	t.Parallel()
	for _, p := range portsOf(t) {
		if p.methods > mostMethods {
			t.Errorf("%s has %d methods, more than %d: part readers from writers, or one use from another", p.name, p.methods, mostMethods)
		}
	}
}
