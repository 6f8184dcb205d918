// Package alerts is the area of saved searches that write (检索订阅): who wants
// to be told of what, and which change answers it. It tells by a port; it knows
// neither mail nor pages.
package alerts
