package cases

import (
	"time"

	"gongkai/portal"
)

// Kind is an application. Its number is its address only where its answer is
// published; who applied and the letters as they were sent are sealed.
var Kind = portal.Register(portal.RecordKind{
	Code: "answer", Bucket: "applications",
	Sealed: []portal.Sealed{
		{Bucket: "identities", Bound: func(key string) string { return key }},
		{Bucket: "letters", Bound: func(key string) string { return "letter/" + key }},
	},
	Name: portal.Text{ZH: "公开的答复", EN: "Published answers"}, Folder: "/answers/", Order: 4, Weight: 1,
}, func(a *Application) *portal.Listing { return portal.ListingOf(a.Entry(), time.Time{}) })
