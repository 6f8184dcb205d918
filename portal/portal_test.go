package portal_test

import (
	"strings"
	"testing"
	"testing/quick"

	"gongkai/portal"
	"gongkai/portal/clock"
)

func TestLists(t *testing.T) {
	t.Parallel()
	if n := len(portal.Themes.Terms); n != 22 {
		t.Errorf("%d themes, want 22", n)
	}
	if n := len(portal.Items.Terms); n != 15 {
		t.Errorf("%d items of Article 20, want 15", n)
	}
	if n := len(portal.Outcomes.Terms); n != 21 {
		t.Errorf("%d outcomes, want the 21 of the national form", n)
	}
	for _, l := range []*portal.List{portal.Themes, portal.Genres, portal.Items, portal.Validities, portal.Modes, portal.PowerTypes, portal.Outcomes, portal.Applicants, portal.Forms, portal.Deliveries, portal.Channels, portal.OrganKinds, portal.ContentKinds} {
		if l.Source == "" {
			t.Errorf("list %s names no source", l.Name)
		}
		for _, x := range l.Terms {
			if x.Code == "" || x.Name.ZH == "" || x.Name.EN == "" {
				t.Errorf("list %s: incomplete term %v", l.Name, x)
			}
			if l.Find(x.Name.ZH) == "" || l.Find(x.Code) != x.Code {
				t.Errorf("list %s does not find %v", l.Name, x)
			}
		}
	}
	for _, x := range portal.Outcomes.Terms {
		if x.Remedy != "free" && x.Remedy != "reconsideration_first" {
			t.Errorf("outcome %s has remedy %q", x.Code, x.Remedy)
		}
	}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	water := []portal.OrganCode{"water"}
	actor := func(r portal.Role) portal.Actor {
		return portal.Actor{Login: "x", Grants: []portal.Grant{{Role: r, Organs: water}}}
	}
	all := []portal.Act{portal.WriteDocuments, portal.ReviewDocuments, portal.WithdrawDocuments, portal.EditPowers, portal.EditReports, portal.HandleApplications,
		portal.SeeDesk, portal.ManageOrgans, portal.ManagePeople, portal.ImportRecords, portal.ReadAudit}
	may := map[portal.Role]string{
		portal.Administrator: "see_desk manage_organs manage_people import_records read_audit",
		portal.Editor:        "see_desk write_documents edit_powers edit_reports",
		portal.Reviewer:      "see_desk write_documents review_documents withdraw_documents edit_powers edit_reports",
		portal.Handler:       "see_desk handle_applications",
	}
	for role, acts := range may {
		for _, act := range all {
			want := strings.Contains(" "+acts+" ", " "+string(act)+" ")
			if got := actor(role).Can(act, "water"); got != want {
				t.Errorf("%s may %s for its organ: %v, want %v", role, act, got, want)
			}
			if got := actor(role).Can(act, "land"); got != (want && role == portal.Administrator) {
				t.Errorf("%s may %s for another organ: %v", role, act, got)
			}
		}
	}
	for _, act := range append(all, "no_such_act") {
		if (portal.Actor{}).Can(act, "water") || actor(portal.Administrator).Can("no_such_act", "") {
			t.Errorf("nobody may %s", act)
		}
	}
	if portal.KindOf((portal.Actor{}).Need(portal.SeeDesk, "")) != portal.Unauthenticated {
		t.Error("who is not signed in is asked to sign in")
	}
}

// TestNoOrganIsNobodys: an empty organ never means any.
func TestNoOrganIsNobodys(t *testing.T) {
	t.Parallel()
	a := portal.Actor{Login: "x", Grants: []portal.Grant{{Role: portal.Editor, Organs: []portal.OrganCode{"water"}}, {Role: portal.Reviewer, Organs: []portal.OrganCode{"water"}}}}
	if a.Can(portal.WriteDocuments, "") || a.Can(portal.ReviewDocuments, "") || !a.CanSome(portal.WriteDocuments) || a.CanSome(portal.HandleApplications) {
		t.Error("no organ is taken for any")
	}
}

// TestDates: a date survives its text, and days add up as in time.Time.
func TestDates(t *testing.T) {
	t.Parallel()
	err := quick.Check(func(n uint16) bool {
		d := clock.NewDate(1990, 1, 1) + clock.Date(n%40000)
		again, err := clock.ParseDate(d.String())
		return err == nil && again == d && (d + 1).Time().Equal(d.Time().AddDate(0, 0, 1))
	}, nil)
	if err != nil {
		t.Error(err)
	}
}
