package importer

import "gongkai/portal/locale"

// Reasons puts into words why a row was refused.
func Reasons(t *locale.Texts, r Refusal) []string {
	out := make([]string, len(r.Problems))
	for i, p := range r.Problems {
		out[i] = t.Args(p.Key, p.Args)
		if p.Field != "" {
			out[i] = p.Field + ": " + out[i]
		}
	}
	return out
}
