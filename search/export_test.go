package search

import (
	"strings"

	"gongkai/portal"
	"gongkai/portal/text"
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

// Place reads the name of a passage.
func Place(id string) (source, start, end int, ok bool) {
	_, at, ok := strings.Cut(id, "#")
	if !ok {
		return 0, 0, 0, false
	}
	src, a, b, ok := parsePlace([]byte(at))
	return int(src), int(a), int(b), ok
}

// PassageName is the name of a passage.
func PassageName(k portal.Key, source, start, end int) string {
	return passageID(k, source, text.Passage{Start: start, End: end})
}

// Head reads what the index keeps of a record and writes it again.
func Head(b []byte) ([]byte, error) {
	var h head
	if err := h.decode(b); err != nil {
		return nil, err
	}
	return h.encode(), nil
}

// HeadOf is what the index keeps of a record.
func HeadOf(title, en, theme string, published portal.Date, length int, sum uint32, organs ...portal.OrganCode) []byte {
	h := head{Title: title, TitleEN: en, Theme: theme, Published: published, TitleLen: length, Sum: sum, Organs: organs}
	return h.encode()
}
