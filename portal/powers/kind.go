package powers

import "gongkai/portal"

// Kind is a power item; it is public from the day on which it is in the list.
var Kind = portal.Register(portal.RecordKind{
	Code: "power", Bucket: "powers", Field: "code",
	Name: portal.Text{ZH: "权责事项", EN: "Power items"}, Folder: "/powers/", Order: 2, Weight: 0.6,
}, func(i *PowerItem) *portal.Listing { return portal.ListingOf(i.Entry(), i.changed()) })
