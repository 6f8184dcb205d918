package documents

import (
	"strings"

	"gongkai/portal"
	"gongkai/portal/clock"
)

// Posting is where else an organ has made a document public (第二十三条至第二十五条): on a
// wall, in a guide book, a gazette, a newspaper, on a screen.
type Posting struct {
	Where string      `json:"where"` // a code of Postings
	On    portal.Date `json:"on"`
	Note  string      `json:"note,omitempty"` // which wall, which page
}

// MaxPostings is how many of them a document may name.
const MaxPostings = 30

// ParsePostings reads lines of a place, a day and a note: 公示栏 2026-11-20 镇政府大厅.
// What it cannot read it says, line by line.
func ParsePostings(typed string) (out []Posting, ps []portal.Problem) {
	n := 0
	for line := range strings.Lines(typed) {
		n++
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		where := portal.Postings.Find(fields[0])
		if where == "" || len(fields) < 2 {
			ps = append(ps, portal.Problem{Field: "posted", Key: "error.posting", Args: portal.Args{"Line": n, "Places": placesOf()}})
			continue
		}
		on, err := clock.ParseDate(fields[1])
		if err != nil {
			ps = append(ps, portal.Problem{Field: "posted", Key: "error.posting", Args: portal.Args{"Line": n, "Places": placesOf()}})
			continue
		}
		note := strings.Join(fields[2:], " ")
		if len([]rune(note)) > portal.MaxLine || len(out) == MaxPostings {
			ps = append(ps, portal.Problem{Field: "posted", Key: "error.too_many", Args: portal.Args{"Limit": MaxPostings}})
			return out, ps
		}
		out = append(out, Posting{where, on, note})
	}
	return out, ps
}

// PostingsText is what ParsePostings reads.
func PostingsText(list []Posting) string {
	var b strings.Builder
	for _, p := range list {
		b.WriteString(strings.TrimSpace(portal.Postings.NameOf(p.Where, "zh")+" "+p.On.String()+" "+p.Note) + "\n")
	}
	return b.String()
}

func placesOf() string {
	var out []string
	for _, t := range portal.Postings.Terms {
		out = append(out, t.Name.ZH)
	}
	return strings.Join(out, "、")
}
