package extract

import (
	"path"
	"slices"
	"strings"
	"unicode"

	"gongkai/portal/text"
)

// otherEndings are the endings that a name may have for a type, besides its own.
var otherEndings = map[string][]string{"text/plain": {".md", ".markdown", ".csv", ".log", ".text"}, "text/csv": {".txt"}, "text/html": {".htm"}, "application/msword": {".wps", ".dot", ".wpt"}, "application/vnd.ms-excel": {".et", ".xlt"}, "image/jpeg": {".jpeg", ".jpe"}}

// SafeName keeps of a file's name what is safe to show and to save under: no
// folder, no mark of direction, so many bytes, and an ending that goes with
// the type. What a computer would run is never handed on under such a name.
func SafeName(name, kind string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if text.Unseen(r) {
			return -1
		}
		if unicode.IsControl(r) || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	if name == "" {
		name = "file"
	}
	ending := ""
	if want := Ending(kind); want != "" {
		ending = path.Ext(name)
		if lower := strings.ToLower(ending); lower != want && !slices.Contains(otherEndings[kind], lower) {
			ending = want
			name += want
		}
	}
	const longest = 180 // bytes; a file system takes 255, of which a browser wants some
	stem := strings.TrimSuffix(name, ending)
	if len(name) > longest {
		stem = strings.ToValidUTF8(stem[:longest-len(ending)-len("…")], "") + "…"
	}
	return stem + ending
}
