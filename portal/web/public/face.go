// Package public is the face that everybody sees: what is new, the catalogue, records of
// every kind, organs, search, saved searches, the deadline calculator, and the
// proof of a receipt.
package public

import (
	"context"
	"crypto/ed25519"

	"gongkai/portal"
	"gongkai/portal/alerts"
	"gongkai/portal/cases"
	"gongkai/portal/documents"
	"gongkai/portal/gazette"
	"gongkai/portal/ledgers"
	"gongkai/portal/powers"
	"gongkai/portal/registers"
	"gongkai/portal/reports"
	"gongkai/portal/searches"
	"gongkai/portal/web/gate"
	"gongkai/portal/web/page"
)

// Face shows what is public. It reads no session, so that its pages can be kept.
type Face struct {
	*page.Site
	*page.Finder
	*gate.Gate
	Reading   *page.Reading
	Store     Store
	Powers    powers.Powers
	Registers registers.Registers
	Search    Search
	Searches  *searches.Searches
	Alerts    *alerts.Alerts // nil where no mail can be sent
	Writer    alerts.AlertWriter
	Pace      *Pace
}

// Store is what it needs of the store.
type Store struct {
	page.Store
	page.Catalogue
	documents.Reader
	Reports  portal.Reader[reports.Report]
	Gazettes portal.Reader[gazette.Issue]
	Ledgers  portal.Reader[ledgers.Ledger]
	Batches  portal.Reader[documents.Batch]
	Answers  Answers
	Key
}

// Answers reads the case whose answer may be published.
type Answers interface {
	Application(context.Context, cases.ApplicationNumber) (*cases.Application, error)
}

// Key signs receipts; of it only the public half is shown.
type Key interface {
	ReceiptKey() ed25519.PrivateKey
}

// Search is what the pages of a search need beside the hits.
type Search interface {
	page.Engine
	Words(text string) []string // of a query, to mark in a text
	Suggest(ctx context.Context, typed string, limit int) ([]portal.Key, error)
	SuggestOrgans(typed string, limit int) []portal.OrganCode
	Similar(ctx context.Context, key portal.Key, limit int) ([]portal.Key, error)
	Ready() bool
}
