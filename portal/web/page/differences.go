package page

import "github.com/aymanbagabas/go-udiff"

// maxCompared bounds the texts that are compared sign by sign; longer ones are line
// by line.
const maxCompared = 40_000

// Change is a part of a text that both of two share, or that one has alone.
type Change struct {
	Text    string
	Changed bool
}

// Differences parts two texts into what they share and what each has alone.
func Differences(a, b string) (before, after []Change) {
	compare := udiff.Strings
	if len(a)+len(b) > maxCompared {
		compare = udiff.Lines
	}
	add := func(list *[]Change, s string, changed bool) {
		if s != "" {
			*list = append(*list, Change{s, changed})
		}
	}
	at := 0
	for _, e := range compare(a, b) {
		add(&before, a[at:e.Start], false)
		add(&after, a[at:e.Start], false)
		add(&before, a[e.Start:e.End], true)
		add(&after, e.New, true)
		at = e.End
	}
	add(&before, a[at:], false)
	add(&after, a[at:], false)
	return before, after
}
