package search

import (
	"strings"

	"gongkai/portal"
)

// Shorthands are what the texts of a record define.
func Shorthands(e *portal.Entry) map[string]string {
	out := make(map[string]string)
	for _, l := range shorthands(e) {
		short, full, _ := strings.Cut(l, "\t")
		out[short] = full
	}
	return out
}
