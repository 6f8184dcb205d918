package documents

import (
	"gongkai/portal"
)

// Kind is a document that is public or was.
var Kind = portal.Register(portal.RecordKind{
	Code: "document", Bucket: "documents", Parts: []string{"versions"},
	Name: portal.Text{ZH: "政府信息", EN: "Documents"}, Folder: "/documents/", Order: 1, Weight: 1,
}, (*Document).Listing)

// DraftKind is a draft. None of it is public.
var DraftKind = portal.Register[Draft](portal.RecordKind{Code: "draft", Bucket: "drafts"}, nil)

// KeyOf is the key of a document.
func KeyOf(id DocumentID) portal.Key { return portal.Key{Kind: Kind.Code, ID: string(id)} }
