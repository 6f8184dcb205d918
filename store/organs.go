package store

import (
	"cmp"
	"context"
	"slices"
	"time"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
)

func (s *core) loadOrgans() error {
	organs := make(map[portal.OrganCode]portal.Organ)
	err := s.db.View(func(tx *bolt.Tx) error {
		return each(context.Background(), tx, organsBucket, func(_ string, o *portal.Organ) error {
			organs[o.Code] = *o
			return nil
		})
	})
	s.organsMu.Lock()
	s.organs, s.organTree = organs, treeOf(organs)
	s.organsMu.Unlock()
	s.generation.Add(1)
	return err
}

// Organs lists the organs in the order of the tree: each parent before its
// children.
func (s Directory) Organs() []portal.Organ {
	s.organsMu.RLock()
	defer s.organsMu.RUnlock()
	return slices.Clone(s.organTree)
}

// treeOf puts each parent before its children.
func treeOf(organs map[portal.OrganCode]portal.Organ) []portal.Organ {
	children := make(map[portal.OrganCode][]portal.Organ)
	for _, o := range organs {
		parent := o.Parent
		if _, ok := organs[parent]; !ok {
			parent = ""
		}
		children[parent] = append(children[parent], o)
	}
	out := make([]portal.Organ, 0, len(organs))
	var walk func(portal.OrganCode)
	walk = func(parent portal.OrganCode) {
		list := children[parent]
		delete(children, parent) // a circle, if there is one, is walked once
		slices.SortFunc(list, func(a, b portal.Organ) int {
			return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Code, b.Code))
		})
		for _, o := range list {
			out = append(out, o)
			walk(o.Code)
		}
	}
	walk("")
	return out
}

// Organ returns an organ by its code.
func (s Directory) Organ(code portal.OrganCode) (portal.Organ, error) {
	s.organsMu.RLock()
	defer s.organsMu.RUnlock()
	o, ok := s.organs[code]
	if !ok {
		return o, portal.Missing()
	}
	return o, nil
}

// prefixOf returns the index prefix of an organ.
func (s *core) prefixOf(tx *bolt.Tx, code portal.OrganCode) string {
	var o portal.Organ
	if err := get(tx, organsBucket, string(code), &o); err != nil || o.IndexPrefix == "" {
		return portal.PrefixFor(code)
	}
	return o.IndexPrefix
}

// ChangeOrgan changes an organ or adds one; its parent must be there and may not
// be below it.
func (s Directory) ChangeOrgan(ctx context.Context, by portal.Actor, code portal.OrganCode, seen portal.Revision, at time.Time, change func(*portal.Organ) error) error {
	_, err := records[portal.Organ](s.core, portal.OrganKind).change(ctx, by, string(code), seen, "save organ", at, func(tx *bolt.Tx, o *portal.Organ) (string, error) {
		if err := change(o); err != nil {
			return "", err
		}
		for up := o.Parent; up != ""; {
			var p portal.Organ
			if err := get(tx, organsBucket, string(up), &p); err != nil || p.Code == o.Code {
				return "", portal.Wrong("parent", "error.choose", nil)
			}
			up = p.Parent
		}
		return o.Name.ZH, nil
	})
	if err != nil {
		return err
	}
	return s.loadOrgans()
}

// SaveOrgan writes an organ that the machine brings, whatever was there.
func (s Directory) SaveOrgan(ctx context.Context, by portal.Actor, o *portal.Organ, at time.Time) error {
	seen := portal.Latest
	if _, err := s.Organ(o.Code); err != nil {
		seen = portal.Absent
	}
	return s.ChangeOrgan(ctx, by, o.Code, seen, at, func(x *portal.Organ) error { *x = *o; return nil })
}
