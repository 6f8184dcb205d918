// Package text holds pure functions of a text: folding it to one form, cutting it
// into passages, marking what was found, reading document numbers.
package text
