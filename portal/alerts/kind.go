package alerts

import "gongkai/portal"

// Kind is a saved search, with the address that it writes to sealed.
var Kind = portal.Register[Alert](portal.RecordKind{
	Code: "alert", Bucket: "alerts",
	Sealed: []portal.Sealed{{Bucket: "alert_addresses", Bound: func(key string) string { return "alert/" + key }}},
}, nil)
