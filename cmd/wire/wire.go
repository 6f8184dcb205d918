// Package wire puts the store's parts and the areas together: what every
// program does that runs a portal, or a test that needs one.
package wire

import (
	"context"

	"gongkai/portal"
	"gongkai/portal/alerts"
	"gongkai/portal/assess"
	"gongkai/portal/cases"
	"gongkai/portal/consult"
	"gongkai/portal/demo"
	"gongkai/portal/directory"
	"gongkai/portal/documents"
	"gongkai/portal/gazette"
	"gongkai/portal/importer"
	"gongkai/portal/ledgers"
	"gongkai/portal/letter"
	"gongkai/portal/letters"
	"gongkai/portal/machines"
	"gongkai/portal/masthead"
	"gongkai/portal/organs"
	"gongkai/portal/plans"
	"gongkai/portal/powers"
	"gongkai/portal/registers"
	"gongkai/portal/reminders"
	"gongkai/portal/reports"
	"gongkai/portal/searches"
	"gongkai/portal/web"
	"gongkai/store"
)

// Areas are the use cases of a portal over one store.
type Areas struct {
	Documents   documents.Documents
	Cases       cases.Cases
	Powers      powers.Powers
	Reports     reports.Reports
	Organs      organs.Organs
	Searches    *searches.Searches
	Alerts      alerts.Alerts
	Plans       plans.Plans
	Gazettes    gazette.Gazettes
	Ledgers     ledgers.Ledgers
	Directories directory.Directories
	Reminders   reminders.Reminders
	Registers   registers.Registers
	Letters     letters.Letters
	Consult     consult.Consultations
	Assess      assess.Assessments
	Masthead    *masthead.Keeper
	Machines    machines.Machines
}

// Over makes the use cases.
func Over(st *store.Store, w portal.Clockwork) Areas {
	a := Areas{
		Documents: documents.Documents{Clockwork: w, Store: st.ForDocuments(), Directory: st.Organs},
		Cases:     cases.Cases{Clockwork: w, Store: st.ForCases(), Printer: letter.Printer{}},
		Powers:    powers.Powers{Clockwork: w, Store: st.Powers, Mappings: store.Of[powers.Mapping](st, powers.MappingKind), Directory: st.Organs, Laws: st.Catalogue, Files: st.Files},
		Reports: reports.Reports{Clockwork: w, Store: st.Reports, Directory: st.Organs, Sources: []portal.Counted{
			cases.Reported{Lists: cases.Cases{Clockwork: w, Store: st.ForCases()}.Lists()},
			documents.Reported{Documents: documents.Documents{Clockwork: w, Store: st.ForDocuments(), Directory: st.Organs}},
		}},
		Organs:      organs.Organs{Clockwork: w, Store: st.Organs},
		Searches:    &searches.Searches{Clockwork: w, Store: st.Searches},
		Alerts:      alerts.Alerts{Clockwork: w, Store: st.ForAlerts()},
		Plans:       plans.Plans{Clockwork: w, Store: store.Of[plans.Item](st, plans.Kind), Published: st.Catalogue},
		Gazettes:    gazette.Gazettes{Clockwork: w, Store: store.Of[gazette.Issue](st, gazette.Kind), Catalogue: st.Catalogue},
		Ledgers:     ledgers.Ledgers{Clockwork: w, Store: store.Of[ledgers.Ledger](st, ledgers.Kind), Directory: st.Organs},
		Directories: directory.Directories{Clockwork: w, Store: store.Of[directory.Directory](st, directory.Kind)},
	}
	a.Registers = registers.Registers{Clockwork: w, Store: st.Entries, Directory: st.Organs, Powers: st.Catalogue, Files: st.Files, Notes: st.Log}
	a.Letters = letters.Letters{Clockwork: w, Store: st.Mailbox, Directory: st.Organs, Files: st.Files, Notes: st.Log, Applications: asApplications{a.Cases.Applying()}}
	a.Cases.Mailbox = asPetitions{a.Letters}
	a.Consult = consult.Consultations{Clockwork: w, Store: store.Of[consult.Consultation](st, consult.Kind), Comments: store.Of[consult.Comment](st, consult.CommentKind), Surveys: store.Of[consult.Survey](st, consult.SurveyKind), Answers: store.Of[consult.Answer](st, consult.AnswerKind), Directory: st.Organs, Files: st.Files}
	a.Reports.Sources = append(a.Reports.Sources, a.Registers)
	a.Reminders = reminders.Reminders{Clockwork: w, Organs: st.Organs, People: st.People, Outbox: st.Outbox, Sources: []portal.Deadlines{a.Reports, a.Powers, a.Registers, a.Letters, a.Consult}, Quiet: []portal.Deadlines{a.Cases.Lists()}}
	a.Assess = assess.Assessments{Clockwork: w, Store: store.Of[assess.Assessment](st, assess.Kind), Notices: store.Of[assess.Notice](st, assess.NoticeKind), Directory: st.Organs}
	a.Masthead = masthead.NewKeeper(w, store.Of[masthead.Masthead](st, masthead.Kind))
	a.Machines = machines.Machines{Clockwork: w, Keys: store.Of[machines.Key](st, machines.KeyKind), Hooks: store.Of[machines.Hook](st, machines.HookKind), Secrets: st.Secrets, Changes: followed{st.Changes, st.Catalogue}, Organs: st.Organs}
	m := new(covering)
	a.Assess.Measures, a.Assess.Probes = a.measures(st, m), a.probes(st, m)
	return a
}

// Config fills in what a server needs of the store and of the use cases.
func (a Areas) Config(st *store.Store, w portal.Clockwork, c web.Config) web.Config {
	c.Clockwork, c.Sessions = w, st.Sessions
	c.Documents, c.Cases, c.Powers, c.Reports, c.Organs, c.Searches, c.Plans, c.Gazettes, c.Ledgers, c.Directories, c.Reminders, c.Registers, c.Letters, c.Consult, c.Assess, c.Masthead, c.Machines = a.Documents, a.Cases, a.Powers, a.Reports, a.Organs, a.Searches, a.Plans, a.Gazettes, a.Ledgers, a.Directories, a.Reminders, a.Registers, a.Letters, a.Consult, a.Assess, a.Masthead, a.Machines
	c.Batches = store.Of[documents.Batch](st, documents.BatchKind)
	c.Store = web.Store{
		Organs: st.Organs, People: st.People, Documents: st.Documents, Cases: st.Cases, Powers: st.Powers, Reports: st.Reports,
		Templates: st.Letters, Catalogue: st.Catalogue, Records: st.Changes, Log: st.Log, Secrets: st.Secrets,
		Files: st.Files, Disk: st, Import: Import(st),
	}
	return c
}

// Import is what imports need of a store.
func Import(st *store.Store) importer.Store {
	return importer.Store{Directory: st.Organs, Library: st.Documents, Register: st.Cases}
}

// Demo is what the demonstration city needs of a store.
func Demo(st *store.Store) demo.Store {
	return demo.Store{Directory: st.Organs, Library: st.Documents, Powers: st.Powers, Reports: st.Reports, Ledgers: store.Of[ledgers.Ledger](st, ledgers.Kind), Plans: store.Of[plans.Item](st, plans.Kind), Registers: st.Entries, Register: st.Cases, Letters: st.Mailbox,
		Drafts: store.Of[consult.Consultation](st, consult.Kind), Comments: store.Of[consult.Comment](st, consult.CommentKind), Surveys: store.Of[consult.Survey](st, consult.SurveyKind), Answers: store.Of[consult.Answer](st, consult.AnswerKind)}
}

// asApplications is the area of applications, as letters need it.
type asApplications struct{ cases.Applying }

// FromLetter implements letters.Applications.
func (u asApplications) FromLetter(ctx context.Context, by portal.Actor, a letters.Application) (string, error) {
	n, err := u.Applying.FromLetter(ctx, by, &cases.Application{Letter: string(a.Letter), Organ: a.Organ, Subject: a.Subject, Description: a.Text, Lang: a.Lang, Files: a.Files},
		&cases.Applicant{Kind: "natural", Name: a.Name, Phone: a.Phone, Email: a.Email, Address: a.Address}, a.Channel, a.On)
	return string(n), err
}

// asPetitions is the area of letters, as applications need it.
type asPetitions struct{ letters.Letters }

// FromApplication implements cases.Mailbox.
func (u asPetitions) FromApplication(ctx context.Context, by portal.Actor, a *cases.Application, who *cases.Applicant) (string, error) {
	n, err := u.Letters.FromApplication(ctx, by, letters.Application{Organ: a.Organ, Subject: a.Subject, Text: a.Description, Name: who.Name, Phone: who.Phone, Email: who.Email, Address: who.Address, Lang: a.Lang, Files: a.Files}, string(a.Number))
	return string(n), err
}

// followed is the change log with what is listed, as hooks follow it.
type followed struct {
	store.Changes
	store.Catalogue
}
