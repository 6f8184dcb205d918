package text

// Short cuts a text that is longer than so many characters, and says by an ellipsis that
// it goes on.
func Short(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}
