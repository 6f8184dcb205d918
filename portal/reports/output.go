package reports

import (
	"encoding/json"

	"gongkai/portal"
	"gongkai/portal/grid"
)

// Output is a report as a machine reads it: what `gongkai report annual` and the page's
// JSON give. Schema describes it.
type Output struct {
	Organ      portal.OrganCode                             `json:"organ"`
	Name       string                                       `json:"name"`
	Year       int                                          `json:"year"`
	Title      string                                       `json:"title"`
	Form       string                                       `json:"form"`
	Status     string                                       `json:"status"` // filed, draft
	Filed      string                                       `json:"filed,omitempty"`
	Correction string                                       `json:"correction,omitempty"` // what the filing corrects
	Sections   map[string]string                            `json:"sections"`
	Tables     map[string]map[string]map[string]json.Number `json:"tables"`
	Typed      []TypedOutput                                `json:"typed"`
	Missing    []portal.OrganCode                           `json:"missing"` // organs that have not filed
	LeftOut    string                                       `json:"left_out,omitempty"`
	Identities []Identity                                   `json:"identities"`
	Mends      []Mend                                       `json:"mends,omitempty"`
}

// TypedOutput is a figure that somebody typed, beside what the portal counts.
type TypedOutput struct {
	Cell     Cell        `json:"cell"`
	Value    json.Number `json:"value"`
	Computed json.Number `json:"computed"`
	Reason   string      `json:"reason"`
}

// Output is a view as a machine reads it.
func (v *View) Output(name string, filed bool) Output {
	o := Output{Organ: v.Organ, Name: name, Year: v.Year, Title: v.Title.ZH, Form: v.Form.Source, Status: "draft", Sections: v.Texts, Missing: v.Missing, LeftOut: v.LeftOut,
		Tables: v.Form.JSON(v.Figures), Identities: v.Identities, Mends: v.Mends, Typed: []TypedOutput{}}
	typed := v.Typed
	if filed && v.Filed != nil {
		o.Status, o.Filed, o.Correction, o.Sections, o.Title, o.LeftOut, typed = "filed", v.Filed.On.String(), v.Filed.Note, v.Filed.Texts, v.Filed.Title.ZH, v.Filed.LeftOut, v.Filed.Typed
	}
	if o.Sections == nil {
		o.Sections = map[string]string{}
	}
	if o.Missing == nil {
		o.Missing = []portal.OrganCode{}
	}
	for _, c := range typedCells(typed) {
		o.Typed = append(o.Typed, TypedOutput{c, json.Number(v.Form.Written(c, typed[c].Value)), json.Number(v.Form.Written(c, v.Computed[c])), typed[c].Reason})
	}
	return o
}

// Tables are the tables of a view, laid out as the form draws them; link makes the
// reference of a cell, "" where a reader is led nowhere.
func (v *View) Tables(lang string) map[string]grid.Table {
	out := make(map[string]grid.Table)
	wrong := make(map[Cell]bool)
	for _, id := range v.Failing() {
		for _, c := range id.Cells {
			wrong[c] = true
		}
	}
	for i := range v.Form.Tables {
		t := &v.Form.Tables[i]
		out[t.Code] = t.Layout(lang, func(c Cell) grid.Cell {
			x := grid.Cell{Text: v.Form.Written(c, v.Figures[c]), Ref: string(c)}
			if wrong[c] {
				x.Mark = "wrong"
			}
			return x
		})
	}
	return out
}

// Schema is the JSON Schema of Output for a form.
func (f *Form) Schema() map[string]any {
	type m = map[string]any
	object := func(properties m) m {
		var required []string
		for k := range properties {
			required = append(required, k)
		}
		return m{"type": "object", "properties": properties, "required": required}
	}
	tables := m{}
	for i := range f.Tables {
		rows := m{}
		for _, b := range f.Tables[i].Blocks {
			columns := m{}
			for _, k := range b.Columns {
				kind := "integer"
				if k.Decimals > 0 {
					kind = "number"
				}
				columns[k.InJSON()] = m{"type": kind, "minimum": 0, "title": k.Name.ZH}
			}
			for _, r := range b.Rows {
				row := object(columns)
				row["title"] = r.Name.ZH
				rows[r.Key] = row
			}
		}
		tables[f.Tables[i].Code] = object(rows)
	}
	text, list := m{"type": "string"}, func(items m) m { return m{"type": "array", "items": items} }
	s := m{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f.Source, "type": "object", "required": []string{"organ", "year", "status", "tables", "identities"}}
	s["properties"] = m{"organ": text, "name": text, "year": m{"type": "integer"}, "title": text, "form": text, "status": m{"enum": []string{"filed", "draft"}}, "filed": text, "correction": text, "left_out": text,
		"sections": m{"type": "object", "additionalProperties": text}, "tables": object(tables), "missing": list(text),
		"typed":      list(object(m{"cell": text, "value": m{"type": "number"}, "computed": m{"type": "number"}, "reason": text})),
		"identities": list(object(m{"name": text, "holds": m{"type": "boolean"}, "difference": m{"type": "integer"}})),
		"mends":      list(object(m{"cell": text, "is": m{"type": "integer"}, "should_be": m{"type": "integer"}}))}
	return s
}
