package powers

import (
	"encoding/json"
	"time"

	"gongkai/portal"
)

// Kind is a power item.
var Kind = portal.Register(portal.RecordKind{
	Code: "power", Bucket: "powers",
	Name: portal.Text{ZH: "权责事项", EN: "Power items"}, Folder: "/powers/", Order: 2, Weight: 0.6,
	Public: func(record []byte) (*portal.Listing, error) {
		var i PowerItem
		if err := json.Unmarshal(record, &i); err != nil {
			return nil, err
		}
		return portal.ListingOf(i.Entry(), time.Time{}), nil
	},
})
