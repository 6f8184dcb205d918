//go:build !race

package sandbox

// raced says that the race detector is built in.
const raced = false
