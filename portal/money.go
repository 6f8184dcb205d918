package portal

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var money = regexp.MustCompile(`^[0-9]{1,12}(?:\.[0-9]{1,2})?$`)

// Fen reads an amount in yuan, with or without commas, as fen; nothing is 0. It is not ok
// where the text is no amount.
func Fen(s string) (fen int64, ok bool) {
	s = strings.ReplaceAll(strings.TrimSpace(s), ",", "")
	if s == "" {
		return 0, true
	}
	if !money.MatchString(s) {
		return 0, false
	}
	whole, part, _ := strings.Cut(s, ".")
	fen, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	return fen, err == nil
}

// Yuan writes an amount of fen in yuan.
func Yuan(fen int64) string {
	if fen%100 == 0 {
		return fmt.Sprint(fen / 100)
	}
	return fmt.Sprintf("%d.%02d", fen/100, fen%100)
}
