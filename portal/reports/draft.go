package reports

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"gongkai/portal"
)

// TitleOf is the title of an organ's report on a year.
func TitleOf(o portal.Organ, year int) portal.Text {
	t := portal.Text{ZH: fmt.Sprintf("%s%d年政府信息公开工作年度报告", o.Name.ZH, year)}
	if o.Name.EN != "" {
		t.EN = fmt.Sprintf("%s: annual report on disclosure, %d", o.Name.EN, year)
	}
	return t
}

var blank = regexp.MustCompile(`\{([^{}]+)\}`)

// FirstTexts are first texts of the sections, made of the year's figures for a person to
// rewrite.
func (f *Form) FirstTexts(organ string, year int, figures Figures) map[string]string {
	out := make(map[string]string, len(f.Draft))
	for code, s := range f.Draft {
		out[code] = blank.ReplaceAllStringFunc(s, func(name string) string {
			switch name = strings.Trim(name, "{}"); name {
			case "year":
				return strconv.Itoa(year)
			case "organ":
				return organ
			case "facts/fees/charged": // in fen
				n := figures[Cell(name)]
				return strings.TrimSuffix(fmt.Sprintf("%d.%02d", n/100, n%100), ".00")
			}
			return f.Written(Cell(name), figures[Cell(name)])
		})
	}
	return out
}
