package search

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/blevesearch/bleve/v2/analysis"

	"gongkai/portal"
)

// whole leaves a value as one term.
type whole struct{}

// Analyze implements bleve's analysis.Analyzer.
func (whole) Analyze(input []byte) analysis.TokenStream {
	return analysis.TokenStream{{Term: input, Position: 1, End: len(input)}}
}

// squeeze folds a text and keeps letters and digits only.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if r = portal.FoldRune(r); unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// numberTerms are the terms under which a record's numbers are found.
func numberTerms(e *portal.Entry) []string {
	var out []string
	if n, ok := portal.ParseDocumentNumber(e.Number); ok {
		out = append(out, numberTerm(n))
		n.Organ = ""
		out = append(out, numberTerm(n))
	}
	for _, s := range []string{e.Number, e.Index} {
		if s = squeeze(s); s != "" {
			out = append(out, "="+s)
		}
	}
	if _, back, ok := strings.Cut(e.Index, "/"); ok { // the back half alone is shown and typed too
		out = append(out, "="+squeeze(back))
	}
	return out
}

func numberTerm(n portal.DocumentNumber) string {
	return n.Organ + "|" + strconv.Itoa(n.Year) + "|" + strconv.Itoa(n.Serial)
}

// queryNumbers are the terms that a query asks for if it is a number and
// nothing else.
func queryNumbers(text string) []string {
	if len(text) > 200 {
		return nil
	}
	var out []string
	if n, ok := portal.ParseDocumentNumber(text); ok {
		out = append(out, numberTerm(n))
	}
	if s := squeeze(text); strings.ContainsFunc(s, unicode.IsDigit) {
		out = append(out, "="+s)
	}
	return out
}
