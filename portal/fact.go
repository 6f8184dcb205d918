package portal

import "context"

// Fact is a record behind a figure (数据来源): what was counted.
type Fact struct {
	Title string
	Path  string // address of the record on the site, "" where it has none
	On    Date
}

// Counted is what an area knows of the figures of a report: Figures counts what an organ
// did from a day to a day, both included, by the cells of the report; Behind lists the
// records behind one of them for somebody who may see them.
type Counted interface {
	Figures(ctx context.Context, organ OrganCode, from, to Date) (map[string]int64, error)
	Behind(ctx context.Context, by Actor, organ OrganCode, from, to Date, cell string) ([]Fact, error)
}
