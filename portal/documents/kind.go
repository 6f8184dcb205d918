package documents

import (
	"encoding/json"

	"gongkai/portal"
)

// Kind is a document that is public or was.
var Kind = portal.Register(portal.RecordKind{
	Code: "document", Bucket: "documents", Parts: []string{"versions"},
	Name: portal.Text{ZH: "政府信息", EN: "Documents"}, Folder: "/documents/", Order: 1, Weight: 1,
	Public: func(record []byte) (*portal.Listing, error) {
		var d Document
		if err := json.Unmarshal(record, &d); err != nil {
			return nil, err
		}
		return d.Listing(), nil
	},
})

// DraftKind is a draft. None of it is public.
var DraftKind = portal.Register(portal.RecordKind{Code: "draft", Bucket: "drafts"})

// KeyOf is the key of a document.
func KeyOf(id DocumentID) portal.Key { return portal.Key{Kind: Kind.Code, ID: string(id)} }
