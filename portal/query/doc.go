// Package query is a search (检索) from what is typed to what is found: its
// operators, the vocabulary it is read with, and the shape of its answer. The
// engine is elsewhere.
package query
