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

// Steps lead a new portal to its opening.
type Steps []Step

// steps are shown on every page of the desk until what is needed is done.
func steps(all Steps, path string) Steps {
	if !slices.ContainsFunc(all, func(x Step) bool { return x.Needed && !x.Done }) {
		return nil
	}
	for i := range all {
		at, _, _ := strings.Cut(all[i].URL, "#")
		all[i].Here = strings.TrimSuffix(at, "/edit") == strings.TrimSuffix(path, "/edit")
	}
	return all
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
