package portal

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// RecordKind is a kind of record (记录种类): the one row from which the store lists,
// indexes, sweeps and reseals its records, the search weighs them, and pages
// address them. An area registers its kinds; nothing else has to know of a new
// one.
type RecordKind struct {
	Code   string // in keys, addresses and the audit log: "document"
	Field  string // of its form, where a code that is taken is said: "code"
	Bucket string // where the store keeps its records
	// Parts are further buckets of the same kind, such as earlier versions. What
	// their records and those of Bucket name as a file stays when uploads are
	// swept.
	Parts []string
	// Sealed are the buckets whose values are sealed: they are sealed anew when the
	// key changes.
	Sealed []Sealed

	// The rest is of kinds that have a public face.

	Name   Text    // "政府信息"
	Folder string  // of the site: "/documents/"; "" where nothing is ever public
	Order  int     // among the kinds, in lists
	Weight float32 // of its records in a search, where those of documents weigh 1
	// New makes an empty record to read a stored one into.
	New func() any
	// Public tells how a record is listed, with the texts that search is told where
	// the record holds them; nil for one that is not public. Of a kind without it
	// nothing ever is.
	Public func(record any) *Listing
}

// Sealed is a bucket of sealed values.
type Sealed struct {
	Bucket string
	Bound  func(key string) string // the record that the value of a key is bound to
	Files  bool                    // its values may name uploads
}

// kinds holds every kind by its code. It is filled while the program starts and
// read afterwards.
var kinds = make(map[string]RecordKind)

// folders holds the codes of the kinds with a public face by their folders.
var folders = make(map[string]string)

// Register adds a kind whose records are of type T; public tells how one is
// listed, nil for a kind of which nothing is public. It is called while packages
// are set up; a code that is taken is a programmer's mistake.
func Register[T any](k RecordKind, public func(*T) *Listing) RecordKind {
	k.New = func() any { return new(T) }
	if public != nil {
		k.Public = func(record any) *Listing { return public(record.(*T)) }
	}
	if _, taken := kinds[k.Code]; taken || k.Code == "" || k.Bucket == "" {
		panic("kind of record registered twice, or without code or bucket: " + k.Code)
	}
	kinds[k.Code] = k
	if k.Folder != "" {
		folders[k.Folder] = k.Code
		ContentKinds.add(Term{Code: k.Code, Name: k.Name}, func(t Term) int { return kinds[t.Code].Order })
	}
	return k
}

// Kinds lists the kinds by their order.
func Kinds() []RecordKind {
	out := make([]RecordKind, 0, len(kinds))
	for _, k := range kinds {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b RecordKind) int { return cmp.Or(cmp.Compare(a.Order, b.Order), cmp.Compare(a.Code, b.Code)) })
	return out
}

// KindNamed is the kind with a code; its zero value for none.
func KindNamed(code string) RecordKind { return kinds[code] }

// KeyAt is the record whose page a path below the base path is, decoded; false where there
// can be none.
func KeyAt(path string) (Key, bool) {
	at := strings.LastIndexByte(path, '/') + 1
	kind, ok := folders[path[:at]]
	return Key{Kind: kind, ID: path[at:]}, ok && at < len(path)
}

// Path is where a public record is shown, below the base path.
func (k Key) Path() string { return kinds[k.Kind].Folder + url.PathEscape(k.ID) }
