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
	s.organs = organs
	s.organsMu.Unlock()
	s.generation.Add(1)
	return err
}

// Organs lists the organs in the order of the tree: each parent before its
// children.
func (s Directory) Organs() []portal.Organ {
	s.organsMu.RLock()
	defer s.organsMu.RUnlock()
	children := make(map[portal.OrganCode][]portal.Organ)
	for _, o := range s.organs {
		parent := o.Parent
		if _, ok := s.organs[parent]; !ok {
			parent = ""
		}
		children[parent] = append(children[parent], o)
	}
	out := make([]portal.Organ, 0, len(s.organs))
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

// SaveOrgan writes an organ; its parent must be there and may not be below
// it.
func (s Directory) SaveOrgan(ctx context.Context, by portal.Actor, o *portal.Organ, at time.Time) error {
	err := s.update(ctx, func(tx *bolt.Tx) error {
		for up := o.Parent; up != ""; {
			var p portal.Organ
			if err := get(tx, organsBucket, string(up), &p); err != nil || p.Code == o.Code {
				return portal.Wrong("parent", "error.choose", nil)
			}
			up = p.Parent
		}
		if err := put(tx.Bucket(organsBucket), string(o.Code), o); err != nil {
			return err
		}
		return record(tx, by, "save organ", "organ/"+string(o.Code), o.Name.ZH, at)
	})
	if err != nil {
		return err
	}
	return s.loadOrgans()
}
