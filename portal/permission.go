package portal

import "slices"

// Actor is who does something: a signed-in person, or the machine itself.
// The zero Actor may do nothing.
type Actor struct {
	Login  Login
	Name   string
	Grants []Grant
	system bool
}

// System is the portal itself: imports and commands run on the machine by
// its operator.
func System(name string) Actor { return Actor{Login: Login(name), Name: name, system: true} }

// IsSystem reports whether the machine itself acts.
func (a Actor) IsSystem() bool { return a.system }

// Act is something that needs a permission.
type Act string

// Everything that needs a permission. What is not in the table below is
// denied to all.
const (
	WriteDocuments     Act = "write_documents"     // draft, correct, upload
	ReviewDocuments    Act = "review_documents"    // approve, return
	WithdrawDocuments  Act = "withdraw_documents"  // withdraw with a reason
	EditPowers         Act = "edit_powers"         // power list
	ReviewPowers       Act = "review_powers"       // legality review and approval of their changes
	EditReports        Act = "edit_reports"        // annual reports
	ReviewReports      Act = "review_reports"      // file them
	HandleApplications Act = "handle_applications" // see and answer applications
	SeeDesk            Act = "see_desk"            // the staff pages at all
	ManageOrgans       Act = "manage_organs"
	ManagePeople       Act = "manage_people"
	ImportRecords      Act = "import_records"
	ReadAudit          Act = "read_audit"
	ManageSearch       Act = "manage_search" // synonyms, best bets, what was searched
	ManageCalendar     Act = "manage_calendar"
	SignLetters        Act = "sign_letters"      // approve steps kept for the head
	EditLetters        Act = "edit_letters"      // templates of letters
	HandleLetters      Act = "handle_letters"    // take down, see and answer what people write, call and come for
	PublishReplies     Act = "publish_replies"   // release answers to them
	SeeLetters         Act = "see_letters"       // see what people write, but not who wrote
	CheckLetters       Act = "check_letters"     // spot checks
	Oversee            Act = "oversee"           // inspections, tasks, assessments of an organ
	ReleaseOversight   Act = "release_oversight" // make public what oversight found
)

// allowed is the one table of permissions: act → the roles that have it, for
// the organs they are granted for.
var allowed = map[Act][]Role{
	WriteDocuments:     {Editor, Reviewer},
	ReviewDocuments:    {Reviewer},
	WithdrawDocuments:  {Reviewer},
	EditPowers:         {Editor, Reviewer},
	ReviewPowers:       {Reviewer},
	EditReports:        {Editor, Reviewer},
	ReviewReports:      {Reviewer},
	HandleApplications: {Handler, Head},
	SignLetters:        {Head},
	EditLetters:        {Administrator, Head},
	HandleLetters:      {Clerk, Handler, Head},
	PublishReplies:     {Handler, Head},
	SeeLetters:         {Clerk, Handler, Head, Overseer},
	CheckLetters:       {Head, Overseer},
	Oversee:            {Overseer},
	ReleaseOversight:   {Overseer, Head},
	SeeDesk:            {Administrator, Editor, Reviewer, Handler, Head, Clerk, Overseer},
	ManageOrgans:       {Administrator},
	ManagePeople:       {Administrator},
	ImportRecords:      {Administrator},
	ReadAudit:          {Administrator},
	ManageSearch:       {Administrator},
	ManageCalendar:     {Administrator},
}

// Can reports whether the actor may do act for an organ. No organ, "", is no
// organ of anybody's: only who may do it for all may do it there.
func (a Actor) Can(act Act, organ OrganCode) bool {
	if a.system {
		return true
	}
	for _, g := range a.Grants {
		if slices.Contains(allowed[act], g.Role) && (g.Role == Administrator || organ != "" && slices.Contains(g.Organs, organ)) {
			return true
		}
	}
	return false
}

// CanSome reports whether the actor may do act for some organ at all: that is
// what a menu asks, never what decides about a record.
func (a Actor) CanSome(act Act) bool {
	organs, all := a.OrgansFor(act)
	return all || len(organs) > 0
}

// Need returns an error unless the actor may do act for the organ.
func (a Actor) Need(act Act, organ OrganCode) error { return a.refuse(a.Can(act, organ)) }

// NeedSome returns an error unless the actor may do act for some organ.
func (a Actor) NeedSome(act Act) error { return a.refuse(a.CanSome(act)) }

// NeedFilter returns an error unless the actor may do act for the organ that a
// list is narrowed to, or, for a list that is not, for some organ: such a list
// shows the actor's own.
func (a Actor) NeedFilter(act Act, organ OrganCode) error {
	if organ == "" {
		return a.NeedSome(act)
	}
	return a.Need(act, organ)
}

// NeedTyped is Need for the organ of a form. One that was left out is a problem
// of its field.
func (a Actor) NeedTyped(act Act, organ OrganCode) error {
	if err := a.NeedFilter(act, organ); err != nil || organ != "" {
		return err
	}
	return Wrong("organ", "error.choose_organ", nil)
}

func (a Actor) refuse(allowed bool) error {
	if allowed {
		return nil
	}
	if a.Login == "" {
		return &Error{Kind: Unauthenticated, Key: "error.sign_in"}
	}
	return &Error{Kind: Forbidden, Key: "error.forbidden"}
}

// OrgansFor lists the organs for which the actor may do act; all is true
// where that is every organ.
func (a Actor) OrgansFor(act Act) (organs []OrganCode, all bool) {
	if a.system {
		return nil, true
	}
	for _, g := range a.Grants {
		if !slices.Contains(allowed[act], g.Role) {
			continue
		}
		if g.Role == Administrator {
			return nil, true
		}
		organs = append(organs, g.Organs...)
	}
	slices.Sort(organs)
	return slices.Compact(organs), false
}
