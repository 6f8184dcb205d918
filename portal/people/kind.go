package people

import "gongkai/portal"

// Kind is an account, with its second factors sealed.
var Kind = portal.Register[portal.Person](portal.RecordKind{
	Code: "person", Bucket: "people", Field: "login",
	Sealed: []portal.Sealed{{Bucket: "second_factors", Bound: func(key string) string { return "second/" + key }}},
}, nil)
