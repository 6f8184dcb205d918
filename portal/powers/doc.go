// Package powers is the area of power lists (权责清单): what an organ may do, by
// what law.
package powers
