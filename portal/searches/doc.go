// Package searches is the area of what was searched (检索统计), without a trace
// of who did, and of what the search is taught.
package searches
