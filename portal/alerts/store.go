package alerts

import (
	"context"
	"time"

	"gongkai/portal"
)

// Store is what Alerts needs of the store.
type Store struct {
	Reader
	Writer
	portal.Secrets
}

// Reader reads alerts.
type Reader interface {
	Alert(context.Context, AlertID) (*Alert, error)
	Alerts(context.Context) ([]*Alert, error)
	PendingAlerts(context.Context) (map[AlertID][]portal.Key, error)
}

// Writer changes them.
type Writer interface {
	AddAlert(ctx context.Context, a *Alert, email string, limit int, m *portal.Mail) error
	ConfirmAlerts(ctx context.Context, id AlertID, at time.Time) (*Alert, error)
	DropAlert(context.Context, AlertID) error
	SendAlert(ctx context.Context, id AlertID, keys []portal.Key, at time.Time, m *portal.Mail) error
}

// Source is the change log with the records, and how far alerts have followed it.
type Source struct {
	Changes
	Place
}

// Changes is the change log with the records.
type Changes interface {
	ChangesAfter(ctx context.Context, seq uint64, limit int) ([]portal.Change, error)
	Entry(ctx context.Context, key portal.Key) (*portal.Entry, error)
}

// Place keeps how far alerts have followed it, with what they have to tell.
type Place interface {
	AlertsSeen(context.Context) (uint64, error)
	NoteAlerts(ctx context.Context, seq uint64, told map[AlertID][]portal.Key) error
}
