package cases

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gongkai/portal"
	"gongkai/portal/rules"
)

// FeeScale is one of the two scales of the information processing fee
// (信息处理费, 国办函〔2020〕109号): by item or by volume. Rates are in fen.
type FeeScale struct {
	Code    string      `json:"code"` // item, page
	Name    portal.Text `json:"name"`
	Unit    portal.Text `json:"unit"`
	Article string      `json:"article"`
	Bands   []FeeBand   `json:"bands"`
	// Step goes on after the last band: each further size units cost so much
	// more a unit.
	Step *struct {
		Size int   `json:"size"`
		Fen  int64 `json:"fen"`
	} `json:"step,omitempty"`
}

// FeeBand is a rate up to a unit; To is 0 for no end.
type FeeBand struct {
	To  int   `json:"to"`
	Fen int64 `json:"fen"`
}

// FeeScales lists the scales: rule data. Nobody may change them. Since when
// there are fees is for the clock to know.
var FeeScales = sync.OnceValue(func() []FeeScale {
	return rules.Read[struct {
		Scales []FeeScale `json:"scales"`
	}]("fees.json").Scales
})

// feeScale finds a scale; nil if there is none.
func feeScale(code string) *FeeScale {
	scales := FeeScales()
	if i := slices.IndexFunc(scales, func(s FeeScale) bool { return s.Code == code }); i >= 0 {
		return &scales[i]
	}
	return nil
}

// MaxUnits is the most items or pages of one fee.
const MaxUnits = 100_000

// rate is what the n-th unit costs, n from 1.
func (s *FeeScale) rate(n int) int64 {
	last := FeeBand{}
	for _, b := range s.Bands {
		if b.To == 0 || n <= b.To {
			return b.Fen
		}
		last = b
	}
	return last.Fen + int64((n-last.To-1)/s.Step.Size+1)*s.Step.Fen
}

// Charge is a fee as a person decided it (收费): so many units after those
// that the applicant had before in the same calendar month.
type Charge struct {
	Scale string       `json:"scale"`
	Count int          `json:"count"`
	Prior int          `json:"prior,omitempty"` // by item: earlier ones of the month
	Lines []ChargeLine `json:"lines"`
	Total int64        `json:"total"` // fen
}

// ChargeLine is a run of units at one rate.
type ChargeLine struct {
	From  int   `json:"from"`
	To    int   `json:"to"`
	Fen   int64 `json:"fen"` // a unit
	Total int64 `json:"total"`
}

// Fee works out a fee, line by line. prior counts only by item: pages are
// counted for each application alone.
func Fee(scale string, prior, count int) (Charge, error) {
	var p portal.Problems
	c := Charge{Scale: scale, Count: count, Prior: prior}
	s := feeScale(scale)
	if s == nil {
		p.Add("scale", "error.choose", nil)
	}
	if count < 1 || count > MaxUnits || prior < 0 || prior > MaxUnits {
		p.Add("count", "error.between", portal.Args{"From": 1, "To": MaxUnits})
	}
	if err := p.Err(); err != nil {
		return c, err
	}
	if scale != "item" {
		c.Prior = 0
	}
	for n := c.Prior + 1; n <= c.Prior+count; n++ {
		fen := s.rate(n)
		if k := len(c.Lines); k > 0 && c.Lines[k-1].Fen == fen {
			c.Lines[k-1].To = n
			c.Lines[k-1].Total += fen
		} else {
			c.Lines = append(c.Lines, ChargeLine{n, n, fen, fen})
		}
		c.Total += fen
	}
	return c, nil
}

// Unit names the unit of the charge.
func (c *Charge) Unit(lang string) string {
	if s := feeScale(c.Scale); s != nil {
		return s.Unit.In(lang)
	}
	return ""
}

// Text writes the sum line by line.
func (c *Charge) Text(lang string) string {
	var b strings.Builder
	for _, l := range c.Lines {
		if lang != "zh" {
			fmt.Fprintf(&b, "%s %d–%d: %d × %s = %s yuan\n", c.Unit(lang), l.From, l.To, l.To-l.From+1, portal.Yuan(l.Fen), portal.Yuan(l.Total))
		} else {
			fmt.Fprintf(&b, "第%[1]d至%[2]d%[3]s：%[4]d%[3]s×%[5]s元＝%[6]s元\n", l.From, l.To, c.Unit(lang), l.To-l.From+1, portal.Yuan(l.Fen), portal.Yuan(l.Total))
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// EarlierThisMonth is how many applications the same applicant sent to the
// organ before this one in the same calendar month: they count for a fee by
// item (国办函〔2020〕109号第四条). Whoever applies is told apart by name and number of
// identity; a case without an applicant has none.
func (u Steps) EarlierThisMonth(ctx context.Context, a *Application) int {
	same, err := u.Store.SameApplicant(ctx, a.Number)
	if err != nil {
		return 0
	}
	n, month := 0, firstOfMonth(a.Steps[0].Date)
	for _, number := range same {
		if b := u.Store.Brief(number); b != nil && b.Organ == a.Organ && number < a.Number && firstOfMonth(b.Received()) == month {
			n++
		}
	}
	return n
}
