// Package rules holds what the law and its lists say as data: classification
// lists, letters, remedies, fees, retention periods, each file with its source
// and the day it took effect. Time limits and calendars are the clock's own.
package rules

import (
	"embed"
	"encoding/json"
	"fmt"
)

//go:embed *.json
var files embed.FS

// Read reads a file of rules, such as "fees.json", into a value.
func Read[T any](file string) T {
	var v T
	b, err := files.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		panic(fmt.Sprintf("embedded %s: %v", file, err)) // a mistake of ours, found by any test
	}
	return v
}
