package reports

import (
	"gongkai/portal"
)

// Kind is an annual report.
var Kind = portal.Register(portal.RecordKind{
	Code: "report", Bucket: "reports", Field: "year",
	Name: portal.Text{ZH: "年度报告", EN: "Annual reports"}, Folder: "/reports/", Order: 3, Weight: 0.7,
}, func(r *Report) *portal.Listing { return portal.ListingOf(r.Entry(), r.ChangedAt) })
