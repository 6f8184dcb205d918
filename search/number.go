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

// numberTerms are the terms under which a record's numbers are found.
func numberTerms(e *portal.Entry) []string {
	var out []string
	if n, ok := portal.ParseDocumentNumber(e.Number); ok {
		out = append(out, numberTerm(n))
		n.Organ = ""
		out = append(out, numberTerm(n))
	}
	for _, s := range []string{e.Number, e.Index} {
		if s = portal.Squeeze(s); s != "" {
			out = append(out, "="+s)
		}
	}
	if _, back, ok := strings.Cut(e.Index, "/"); ok { // the back half alone is shown and typed too
		out = append(out, "="+portal.Squeeze(back))
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
	if s := portal.Squeeze(text); strings.ContainsFunc(s, unicode.IsDigit) {
		out = append(out, "="+s)
	}
	return out
}
