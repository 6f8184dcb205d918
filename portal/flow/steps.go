// Package flow holds the steps by which something is handled (办理流程) and draws them as
// a chart. Where boxes and lines lie is worked out by dagre, a library for layered
// graphs, which is JavaScript and runs in goja.
package flow

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Step is one step (环节).
type Step struct {
	Name  string // 环节名称
	Post  string // 责任岗位
	Limit string // 办理时限, as written: "5个工作日"
	// Next are the ways on, in their order; without one the next step follows.
	Next []Branch
	End  bool // nothing follows
}

// Branch is a way on from a step: to a later step, or back to an earlier one.
type Branch struct {
	If string // on what condition; "" without one
	To int    // the number of the step, from 0; Ending for the end
}

// Ending is where a branch leads that ends the matter.
const Ending = -1

// Limits on steps.
const (
	MaxSteps = 60
	maxName  = 60 // characters of a name, a post, a limit, a condition
)

// Mistake is a line of steps that cannot be understood. Key names what is wrong; What is
// what stands there.
type Mistake struct {
	Line int    // from 1
	Key  string // unknown, many, long, name
	What string
}

// Error implements error.
func (m *Mistake) Error() string { return fmt.Sprintf("line %d: %s: %s", m.Line, m.Key, m.What) }

var (
	bars    = strings.NewReplacer("｜", "|", "\t", "|")
	arrows  = strings.NewReplacer("->", "→", "=>", "→", "—>", "→", "－>", "→", "⟶", "→", "➔", "→")
	endings = []string{"结束", "办结", "终止", "end"}
)

// Parse reads steps that were typed, or pasted from a table: a line each, "name | post |
// limit | ways on", of which only the name has to be there. Ways on are "condition→step",
// parted by semicolons; "结束" ends the matter. Where one condition alone is named the next
// step follows otherwise. One line of names with arrows between them
// is steps one after another.
func Parse(text string) ([]Step, error) {
	var lines []string
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(arrows.Replace(bars.Replace(l))); strings.Trim(l, "| ") != "" {
			lines = append(lines, l)
		}
	}
	if len(lines) == 1 && strings.Contains(lines[0], "→") && !strings.Contains(lines[0], "|") {
		names := strings.Split(lines[0], "→")
		lines = lines[:0]
		for _, n := range names {
			if n = strings.TrimSpace(n); n != "" {
				lines = append(lines, n)
			}
		}
	}
	if len(lines) > 0 && heads(lines[0]) {
		lines[0] = ""
	}
	if len(lines) > MaxSteps+1 {
		return nil, &Mistake{Line: MaxSteps + 1, Key: "many", What: fmt.Sprint(len(lines))}
	}
	var steps []Step
	var ways []string
	var at []int // line of each step
	for i, l := range lines {
		if l == "" {
			continue
		}
		cells := strings.Split(l, "|")
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
			if j < 3 && utf8.RuneCountInString(cells[j]) > maxName {
				return nil, &Mistake{Line: i + 1, Key: "long", What: cells[j]}
			}
		}
		for len(cells) < 4 {
			cells = append(cells, "")
		}
		if cells[0] == "" {
			return nil, &Mistake{Line: i + 1, Key: "name", What: l}
		}
		steps = append(steps, Step{Name: cells[0], Post: cells[1], Limit: cells[2]})
		ways, at = append(ways, strings.Join(cells[3:], "；")), append(at, i+1)
	}
	for i, w := range ways {
		for part := range strings.FieldsFuncSeq(w, func(r rune) bool { return r == ';' || r == '；' }) {
			cond, to, ok := strings.Cut(part, "→")
			if !ok {
				cond, to = "", part
			}
			cond, to = strings.TrimSpace(cond), strings.TrimSpace(to)
			if to == "" {
				continue
			}
			if utf8.RuneCountInString(cond) > maxName {
				return nil, &Mistake{Line: at[i], Key: "long", What: cond}
			}
			n, found := find(steps, to)
			if !found {
				return nil, &Mistake{Line: at[i], Key: "unknown", What: to}
			}
			steps[i].Next = append(steps[i].Next, Branch{cond, n})
		}
	}
	for i := range steps {
		if n := steps[i].Next; len(n) == 1 && n[0].If != "" && n[0].To != i+1 && i+1 < len(steps) {
			steps[i].Next = append(n, Branch{To: i + 1}) // one exception: otherwise it goes on
		}
		if len(steps[i].Next) > 0 {
			continue
		}
		if i+1 == len(steps) {
			steps[i].End = true
		} else {
			steps[i].Next = []Branch{{To: i + 1}}
		}
	}
	return steps, nil
}

// heads reports whether a line holds the heads of a table of steps.
func heads(line string) bool {
	first, rest, ok := strings.Cut(line, "|")
	switch strings.TrimSpace(first) {
	case "环节", "步骤", "环节名称", "步骤名称", "办理环节", "Step", "step":
		return ok && rest != ""
	}
	return false
}

func find(steps []Step, name string) (int, bool) {
	for i, s := range steps {
		if s.Name == name {
			return i, true
		}
	}
	for _, e := range endings {
		if strings.EqualFold(e, name) {
			return Ending, true
		}
	}
	return 0, false
}
