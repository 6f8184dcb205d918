package extract

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"

	"gongkai/portal"
)

// harmless refuses a page that would run something or fetch something by itself.
func harmless(file []byte) error {
	s, _, err := Decode(file)
	if err != nil {
		return err
	}
	active := &portal.Error{Kind: portal.Invalid, Key: "error.file_active"}
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return nil
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			switch t.Data {
			case "script", "iframe", "frame", "object", "embed", "applet", "svg", "math", "base", "form", "link":
				return active
			case "meta":
				for _, a := range t.Attr {
					if a.Key == "http-equiv" && strings.EqualFold(strings.TrimSpace(a.Val), "refresh") {
						return active
					}
				}
			}
			for _, a := range t.Attr {
				v := strings.ToLower(strings.Map(func(r rune) rune {
					if r <= ' ' {
						return -1
					}
					return r
				}, a.Val))
				if strings.HasPrefix(a.Key, "on") || a.Key == "srcdoc" || strings.HasPrefix(v, "javascript:") || strings.HasPrefix(v, "vbscript:") || strings.HasPrefix(v, "data:text/html") {
					return active
				}
			}
		}
	}
}

// pageOfWeb reads what is seen of a page; its comments are unseen.
func pageOfWeb(file []byte) (Result, error) {
	s, _, err := Decode(file)
	if err != nil {
		return Result{}, err
	}
	r := one(htmlText(s))
	var said []string
	z := html.NewTokenizer(bytes.NewReader([]byte(s)))
	for k := z.Next(); k != html.ErrorToken; k = z.Next() {
		if k == html.CommentToken {
			said = append(said, string(z.Text()))
		}
	}
	r.hide("place.comment", nil, strings.Join(said, "\n"))
	return r, nil
}

// htmlText is what is read in a page, a line each block.
func htmlText(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	skip := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if skip == 0 {
				b.WriteString(strings.Join(strings.Fields(string(z.Text())), " "))
			}
		case html.StartTagToken:
			switch name, _ := z.TagName(); string(name) {
			case "script", "style", "title", "head":
				skip++
			case "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "br":
				b.WriteString("\n")
			case "td", "th":
				b.WriteString("| ")
			}
		case html.EndTagToken:
			switch name, _ := z.TagName(); string(name) {
			case "script", "style", "title", "head":
				skip = max(0, skip-1)
			case "td", "th":
				b.WriteString(" ")
			case "tr":
				b.WriteString("|")
			}
		}
	}
}
