package store

import (
	"gongkai/portal/alerts"
	"gongkai/portal/cases"
	"gongkai/portal/documents"
	"gongkai/portal/people"
)

// What the areas ask for, put together: each has the parts of the store that it
// needs and no more.

// ForDocuments is what publishing needs.
func (s *Store) ForDocuments() documents.Store {
	return documents.Store{Reader: s.Documents, Writer: s.Documents, Files: s.Files, Handover: s.Documents}
}

// ForCases is what applications need.
func (s *Store) ForCases() cases.Store {
	return cases.Store{Reader: s.Cases, Writer: s.Cases, Sent: s.Cases, Templates: s.Letters, Periods: s.Retention, Organs: s.Organs, Staff: s.People, Secrets: s.Secrets, Notes: s.Log}
}

// ForNotices is what the working calendar needs.
func (s *Store) ForNotices() cases.NoticeStore {
	return cases.NoticeStore{NoticeKeeper: s.Notices, Everything: s.Cases}
}

// ForPeople is what accounts need.
func (s *Store) ForPeople() people.Store {
	return people.Store{Reader: s.People, Writer: s.People, Notes: s.Log}
}

// ForAlerts is what saved searches need.
func (s *Store) ForAlerts() alerts.Store {
	return alerts.Store{Reader: s.Alerts, Writer: s.Alerts, Secrets: s.Secrets}
}

// ForWatch is what tells saved searches of changes.
func (s *Store) ForWatch() alerts.Source { return alerts.Source{Changes: s.Changes, Place: s.Alerts} }

// ForSearch is what the index follows.
func (s *Store) ForSearch() Followed { return Followed{s.Changes, s.Organs} }

// Followed is the change log with the records and the organs.
type Followed struct {
	Changes
	Directory
}
