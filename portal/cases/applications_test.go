package cases_test

import (
	"strings"
	"testing"

	"gongkai/portal"
	"gongkai/portal/cases"

	"github.com/google/go-cmp/cmp"
)

func TestQueryCode(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		code := portal.NewQueryCode()
		if len(code) != 14 || seen[code] {
			t.Fatalf("code %q", code)
		}
		seen[code] = true
		a := &cases.Application{Number: "2026-000001", CodeHash: portal.HashCode("2026-000001", code)}
		typed := strings.ToLower(strings.ReplaceAll(code, "-", " "))
		if !a.CheckCode(code) || !a.CheckCode(typed) || a.CheckCode(code+"2") || a.CheckCode("") {
			t.Fatalf("code %q is not checked right", code)
		}
	}
	if (&cases.Application{}).CheckCode("") {
		t.Error("an application without a code is open to nobody")
	}
}

func TestValidateApplicationNamesEveryField(t *testing.T) {
	t.Parallel()
	err := cases.ValidateApplication(&cases.Application{Delivery: "email"}, &cases.Applicant{Email: "x"})
	e, ok := err.(*portal.Error)
	if !ok {
		t.Fatalf("err = %v", err)
	}
	var got []string
	for _, p := range e.Problems {
		got = append(got, p.Field)
	}
	if diff := cmp.Diff([]string{"organ", "kind", "name", "id_number", "phone", "email", "subject", "description", "form"}, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}
