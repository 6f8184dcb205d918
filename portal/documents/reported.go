package documents

import (
	"context"

	"gongkai/portal"
)

// Reported counts documents for the annual report (表二, 第二十条第（一）项). It implements
// portal.Counted.
type Reported struct{ Documents }

// rulesAndDocuments is the item of Article 20 under which rules and normative documents
// are published (第二十条第（一）项).
const rulesAndDocuments = "1"

// row is the row of table two in which a document counts: rules (规章) as the collection
// of rules knows them, any other under the item as a normative document (行政规范性文件);
// "" for the rest, interpretations among them.
func (d *Document) row() string {
	if d.Item != rulesAndDocuments || len(d.Interprets) > 0 {
		return ""
	}
	if c, ok := CollectionNamed("rules"); ok && c.Holds(&portal.Listing{Entry: portal.Entry{Key: KeyOf(d.ID), Title: d.Title, Number: d.Number, Genre: d.Genre}}) {
		return "rules"
	}
	return "normative"
}

// cellsOf are the figures of the report that a document counts in. One that was taken
// away for a mistake counts in none but that of what was withdrawn.
func (d *Document) cellsOf(from, to portal.Date, count func(cell string)) {
	in := func(day portal.Date) bool { return day >= from && day <= to }
	formed := d.Formed
	if formed == 0 {
		formed = d.Published
	}
	ended := d.Repealed
	if ended == 0 && d.Expires != 0 && d.Expires < to {
		ended = d.Expires + 1
	}
	if d.Withdrawn {
		if in(portal.DateOf(d.ChangedAt)) {
			count("facts/documents/withdrawn")
		}
		return
	}
	if in(d.Published) {
		count("facts/documents/published")
	}
	if d.Version > 1 && in(portal.DateOf(d.ChangedAt)) {
		count("facts/documents/corrected")
	}
	row := d.row()
	if row == "" {
		return
	}
	if in(formed) {
		count("proactive/" + row + "/made")
	}
	if ended != 0 && in(ended) {
		count("proactive/" + row + "/repealed")
	}
	if formed <= to && (ended == 0 || ended > to) && (d.Validity != "repealed" && d.Validity != "expired" || ended > to) {
		count("proactive/" + row + "/in_force")
	}
}

// Figures implements portal.Counted.
func (u Reported) Figures(ctx context.Context, organ portal.OrganCode, from, to portal.Date) (map[string]int64, error) {
	out := make(map[string]int64)
	return out, u.Store.EachDocument(ctx, func(d *Document) error {
		if d.Lead() == organ {
			d.cellsOf(from, to, func(cell string) { out[cell]++ })
		}
		return nil
	})
}

// Behind implements portal.Counted.
func (u Reported) Behind(ctx context.Context, _ portal.Actor, organ portal.OrganCode, from, to portal.Date, cell string) ([]portal.Fact, error) {
	var out []portal.Fact
	return out, u.Store.EachDocument(ctx, func(d *Document) error {
		if d.Lead() != organ {
			return nil
		}
		in := false
		d.cellsOf(from, to, func(c string) { in = in || c == cell })
		if in {
			title := d.Title
			if d.Number != "" {
				title += " " + d.Number
			}
			out = append(out, portal.Fact{Title: title, Path: Kind.Folder + string(d.ID), On: d.Formed})
		}
		return nil
	})
}
