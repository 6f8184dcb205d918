package page

import (
	"encoding/json"

	"gongkai/portal/cases"
	"gongkai/portal/locale"
)

// Tool is a button over a text that puts in what one would otherwise have to type: a mark at
// the beginning of the lines that are chosen, marks around what is chosen, or a text.
type Tool struct {
	Label  string `json:"label"`
	Line   string `json:"line,omitempty"` // takes the place of the mark of another tool
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	Text   string `json:"text,omitempty"`
}

// ToolData is the field's tools as its page's code reads them.
func (f Field) ToolData() string {
	b, _ := json.Marshal(f.Tools) // strings
	return string(b)
}

// LetterTools are for the text of a letter: what a line is, and with variables for a template.
func LetterTools(t *locale.Texts, variables ...cases.Variable) []Tool {
	var out []Tool
	for _, m := range cases.LetterMarks {
		out = append(out, Tool{Label: t.T("tool." + letterTools[m]), Line: "{{" + m + "}}"})
	}
	for _, v := range variables {
		out = append(out, Tool{Label: v.Name, Text: "{{" + v.Name + "}}"})
	}
	return out
}

// letterTools names the tools of marks.
var letterTools = map[string]string{"标题行": "heading", "文号行": "number", "称谓行": "salutation", "落款行": "signature", "附注行": "note"}

// MarkdownTools are for a body in Markdown.
func MarkdownTools(t *locale.Texts) []Tool {
	return []Tool{
		{Label: t.T("tool.heading"), Line: "## "},
		{Label: t.T("tool.subheading"), Line: "### "},
		{Label: t.T("tool.bold"), Before: "**", After: "**"},
		{Label: t.T("tool.list"), Line: "- "},
		{Label: t.T("tool.numbered"), Line: "1. "},
		{Label: t.T("tool.link"), Before: "[", After: "](https://)"},
		{Label: t.T("tool.table"), Text: t.T("tool.table_text")},
	}
}
