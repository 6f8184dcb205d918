package page

import (
	"slices"
	"strings"
)

// Step is something that a portal needs before it opens to the public.
type Step struct {
	Name, URL string
	Done      bool
	Needed    bool // without it nobody can work with the portal
	Here      bool // the page belongs to it
}

// Steps lead a new portal to its opening. Every page of the desk shows them until what is
// needed is done, the first page after that what is left.
type Steps []Step

// at marks the steps that belong to a page.
func (x Steps) at(path string) Steps {
	for i := range x {
		at, _, _ := strings.Cut(x[i].URL, "#")
		x[i].Here = strings.TrimSuffix(at, "/edit") == strings.TrimSuffix(path, "/edit")
	}
	return x
}

// Needed reports whether nobody can work with the portal yet.
func (x Steps) Needed() bool {
	return slices.ContainsFunc(x, func(s Step) bool { return s.Needed && !s.Done })
}

// Left are the steps that are not done.
func (x Steps) Left() Steps {
	return slices.DeleteFunc(slices.Clone(x), func(s Step) bool { return s.Done })
}

// Next is the first step that is not done; nil at its own page.
func (x Steps) Next() *Step {
	for i := range x {
		if !x[i].Done {
			if x[i].Here {
				return nil
			}
			return &x[i]
		}
	}
	return nil
}
