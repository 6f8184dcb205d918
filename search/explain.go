package search

import (
	"gongkai/portal/query"
)

// why tells the parts of a hit's score: what each word brought in its best
// passage and in its title, and what was added or multiplied after that.
func (m *matcher) why(c *candidate, text string) ([]query.Reason, error) {
	var out []query.Reason
	passage := float32(0)
	if c.best >= 0 {
		seg, p := m.place(c.best)
		for i, t := range m.query.terms {
			if c.bmask&(1<<i) == 0 || t[0] == markPhrase[0] {
				continue
			}
			df, err := m.count(fieldBody, t)
			if err != nil {
				return nil, err
			}
			tf := float32(1)
			for _, more := range repeats {
				bm, err := m.bitmap(seg, fieldBody, t+more.mark)
				if err != nil {
					return nil, err
				}
				if bm.Contains(uint32(p)) {
					tf = more.tf
				}
			}
			value := m.query.weight(i) * float32(idf(df, m.live)*(k1+1)) * tf / (tf + m.cols[seg].passages[p].norm())
			out = append(out, query.Reason{Key: "why.term", Detail: t, Value: float64(value)})
		}
		passage = c.passage
	}
	again := *c
	again.score = passage
	m.scoreOf(&again, m.row(c.record), text, m.table.newest.Load(), func(key string, value float32) {
		out = append(out, query.Reason{Key: "why." + key, Value: float64(value)})
	})
	return out, nil
}
