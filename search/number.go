package search

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"

	"github.com/blevesearch/bleve/v2/analysis"

	"gongkai/portal"
	"gongkai/portal/text"
)

// lines takes each line of a value as one term.
type lines struct{}

// Analyze implements bleve's analysis.Analyzer.
func (lines) Analyze(input []byte) analysis.TokenStream {
	var out analysis.TokenStream
	for line := range bytes.SplitSeq(input, []byte("\n")) {
		out = append(out, &analysis.Token{Term: line, Position: len(out) + 1})
	}
	return out
}

// numberTerms are the terms under which a record's numbers are found.
func numberTerms(e *portal.Entry) []string {
	var out []string
	if n, ok := text.ParseDocumentNumber(e.Number); ok {
		out = append(out, numberTerm(n))
		out = append(out, "^"+n.Organ)
		n.Organ = ""
		out = append(out, numberTerm(n))
	}
	for _, s := range []string{e.Number, e.Index} {
		if s = text.Squeeze(s); s != "" {
			out = append(out, "="+s)
		}
	}
	if _, back, ok := strings.Cut(e.Index, "/"); ok { // the back half alone is shown and typed too
		out = append(out, "="+text.Squeeze(back))
	}
	return out
}

func numberTerm(n text.DocumentNumber) string {
	return n.Organ + "|" + strconv.Itoa(n.Year) + "|" + strconv.Itoa(n.Serial)
}

// queryNumbers are the terms that a query asks for if it is a number and
// nothing else. What number: asks for may be the organ's part alone (国办发).
func queryNumbers(written string, asked bool) []string {
	if len(written) > 200 || written == "" {
		return nil
	}
	var out []string
	if n, ok := text.ParseDocumentNumber(written); ok {
		out = append(out, numberTerm(n))
	}
	s := text.Squeeze(written)
	if strings.ContainsFunc(s, unicode.IsDigit) {
		out = append(out, "="+s)
	} else if asked && s != "" {
		out = append(out, "^"+s)
	}
	return out
}
