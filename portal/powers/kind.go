package powers

import (
	"time"

	"gongkai/portal"
)

// Kind is a power item.
var Kind = portal.Register(portal.RecordKind{
	Code: "power", Bucket: "powers", Field: "code",
	Name: portal.Text{ZH: "权责事项", EN: "Power items"}, Folder: "/powers/", Order: 2, Weight: 0.6,
}, func(i *PowerItem) *portal.Listing { return portal.ListingOf(i.Entry(), time.Time{}) })
