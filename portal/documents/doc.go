// Package documents is the area of what an organ discloses of itself (主动公开):
// drafts, review, versions, correction, withdrawal.
package documents
