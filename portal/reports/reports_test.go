package reports_test

import (
	"math/rand/v2"
	"testing"

	"gongkai/portal/reports"
)

// hangzhou are the real figures of a city's report on 2025: every identity holds in them.
func real(t *testing.T) (*reports.Form, reports.Figures) {
	t.Helper()
	f := reports.FormOf(2025)
	fig := reports.Figures{}
	rows := map[string][6]int64{
		"new": {13612, 252, 0, 45, 128, 32}, "carried_in": {535, 6, 0, 1, 18, 0}, "granted": {5345, 129, 0, 41, 19, 14}, "partial": {2120, 39, 0, 1, 6, 2},
		"denied.state_secret": {13}, "denied.law_forbidden": {30}, "denied.three_security_one_stability": {11}, "denied.third_party": {49, 2}, "denied.internal": {103, 1},
		"denied.process": {84, 1}, "denied.enforcement_file": {282, 4}, "denied.admin_query": {147, 0, 0, 0, 1, 2}, "unable.not_held": {3075, 50, 0, 0, 89, 8},
		"unable.needs_creation": {177, 3}, "unable.still_unclear": {19}, "not_processed.petition": {199, 1, 0, 0, 3}, "not_processed.repeat": {147, 1},
		"not_processed.excessive": {100, 1}, "not_processed.confirm_reissue": {5}, "other.no_correction": {315, 3}, "other.fee_unpaid": {202, 0, 0, 1}, "other.other": {941, 17, 0, 1, 3, 3},
		"carried_out": {783, 6, 0, 2, 25, 3},
	}
	for row, n := range rows {
		for i, k := range []string{"natural", "enterprise", "research", "public_interest", "legal_service", "other"} {
			fig[f.Table("requests").At(row, k)] = n[i]
		}
	}
	return f, f.Complete(fig, nil)
}

func TestIdentities(t *testing.T) {
	t.Parallel()
	f, fig := real(t)
	if n := fig["requests/total/total"]; n != 13810 {
		t.Errorf("all results: %d", n)
	}
	list := f.Check(fig, nil)
	if bad := reports.Failing(list); len(bad) > 0 {
		t.Fatalf("real figures: %+v", bad)
	}
	if len(list) != 7+25+7+3 {
		t.Errorf("%d identities", len(list))
	}
	before := reports.Figures{"requests/carried_out/natural": 534}
	if bad := reports.Failing(f.Check(fig, before)); len(bad) != 5 || bad[0].Name != "carried/natural" || bad[0].Difference != 1 {
		t.Errorf("the year before: %+v", bad)
	}
}

// TestOneWrongCell: whichever cell is wrong, the report is refused, and that cell is
// among those whose change would mend it; where both its row and its column tell, it is
// the only one.
func TestOneWrongCell(t *testing.T) {
	t.Parallel()
	f, good := real(t)
	r := rand.New(rand.NewPCG(1, 2))
	for _, c := range f.Table("requests").Cells() {
		off := r.Int64N(50) + 1
		fig := reports.Figures{}
		fig.Add(good)
		fig[c] += off
		bad := reports.Failing(f.Check(fig, nil))
		if len(bad) < 2 {
			t.Errorf("%s: %d identities fail", c, len(bad))
		}
		mends := f.Mends(fig, nil)
		if len(mends) != 1 || mends[0].Cell != c || mends[0].Be != good[c] {
			t.Errorf("%s off by %d: mended by %+v", c, off, mends)
		}
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	f := reports.FormOf(2025)
	const fees = reports.Cell("proactive/fees/amount")
	for typed, want := range map[string]string{"316441": "316441", "９６１７１.６": "96171.6", "1,234.50": "1234.5", "": "0", "—": "0", "0.000001": "0.000001"} {
		n, ok := f.Parse(fees, typed)
		if got := f.Written(fees, n); !ok || got != want {
			t.Errorf("%q is %s, %v", typed, got, ok)
		}
	}
	for _, typed := range []string{"x", "1.5", "1e3", "99999999999999999999", "1.2.3"} {
		if n, ok := f.Parse("requests/new/total", typed); ok {
			t.Errorf("%q is %d", typed, n)
		}
	}
}

func TestProse(t *testing.T) {
	t.Parallel()
	f, fig := real(t)
	for body, holds := range map[string]bool{
		"2025年，全市新收政府信息公开申请14069件，上年结转560件。":        true,
		"全年共收到政府信息公开申请14,069件，予以公开5548件、部分公开2168件。": true,
		"全年新收政府信息公开申请１４０６８件。":                       false,
		"不予公开730件，无法提供3421件，不予处理457件。":              true,
		"2024年新收政府信息公开申请12件。":                       true, // another year tells nothing
		"结转下年度继续办理818件。":                            false,
	} {
		list := f.CheckProse([]string{body}, 2025, fig)
		if got := len(reports.Failing(list)) == 0; got != holds {
			t.Errorf("%s: %+v", body, list)
		}
	}
}
