package reports

import (
	"encoding/json"

	"gongkai/portal"
)

// Kind is an annual report.
var Kind = portal.Register(portal.RecordKind{
	Code: "report", Bucket: "reports",
	Name: portal.Text{ZH: "年度报告", EN: "Annual reports"}, Folder: "/reports/", Order: 3, Weight: 0.7,
	Public: func(record []byte) (*portal.Listing, error) {
		var r Report
		if err := json.Unmarshal(record, &r); err != nil {
			return nil, err
		}
		return portal.ListingOf(r.Entry(), r.ChangedAt), nil
	},
})
