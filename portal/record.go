package portal

import (
	"slices"
	"strings"
)

// Key names a public record of any kind: "document/113700001-2026-00001".
type Key struct {
	Kind string // a code of ContentKinds
	ID   string
}

// String returns the key as stored.
func (k Key) String() string { return k.Kind + "/" + k.ID }

// ParseKey reads what String writes.
func ParseKey(s string) Key {
	kind, id, _ := strings.Cut(s, "/")
	return Key{kind, id}
}

// UnmarshalText reads what String writes, so that a Key can be the key of a
// stored map.
func (k *Key) UnmarshalText(b []byte) error { *k = ParseKey(string(b)); return nil }

// MarshalText writes String.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Entry is what the search engine is told about a public record, and what
// lists show of it. Texts are searched by passage and never kept by the
// engine.
type Entry struct {
	Key
	Title     string
	TitleEN   string
	Number    string // document number, power item code
	Index     string // index number
	Organs    []OrganCode
	Theme     string
	Genre     string
	Item      string
	Validity  string
	Published Date
	Formed    Date
	Keywords  []string
	Audience  []string // whom it is for (服务对象)
	Topics    []string // matters of life in which it is looked for (办事主题)
	Summary   string
	SummaryEN string
	Texts     []string
}

// FileID is the SHA-256 of a file's content, in hexadecimal.
type FileID string

// Attachment is a file that belongs to a document.
type Attachment struct {
	File FileID `json:"file"`
	Name string `json:"name"`
	Type string `json:"type"` // media type found in its content
	Size int64  `json:"size"` // bytes
	// Notes say what of it could not be read and what to look at: message keys.
	Notes []Problem `json:"notes,omitempty"`
}

// WithFile adds a file to others; it takes the place of one with the same name.
func WithFile(files []Attachment, f Attachment) []Attachment {
	return append(slices.DeleteFunc(slices.Clone(files), func(a Attachment) bool { return a.Name == f.Name }), f)
}

// FirstAttachment is the Source of a document's first attachment: 0 is the
// body, 1 the English body.
const FirstAttachment = 2

// Disclosure is what an area of the portal hands to those who publish, without a
// word about any person: a draft is made of it (主动公开, 第四十四条).
type Disclosure struct {
	Title       string
	Organ       OrganCode
	Formed      Date
	Body        string
	Attachments []Attachment
}

// Unseen is something that lies in a file and is not seen by who reads it, but is
// found by who looks: a hidden sheet, a comment, what a tracked change took out, the
// properties of the file. It is never published or searched; it is looked at before
// release (先审查、后公开).
type Unseen struct {
	Place Problem `json:"place"` // where it lies: a message key
	Text  string  `json:"text"`
}

// Reading is what was read in a file.
type Reading struct {
	Text   string   `json:"text,omitempty"` // what is seen; pages are parted by lines of a form feed
	Unseen []Unseen `json:"unseen,omitempty"`
}
