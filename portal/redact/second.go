package redact

import (
	"bytes"
	"compress/zlib"
	"io"
	"strings"
	"unicode/utf16"

	"gongkai/portal/text"
)

// Left is the second reader of a result, which shares nothing with the one
// that drew it: it unpacks every stream of the file, reads what strings of text
// are shown, and looks for words in them, whatever the blanks and the spelling.
// It returns the first that it finds and its page; "" for none. The words are
// squeezed (portal.Squeeze).
func Left(file []byte, words []string) (page int, word string) {
	for data := file; ; {
		_, rest, found := bytes.Cut(data, []byte("stream\n"))
		if !found {
			return 0, ""
		}
		stream, after, found := bytes.Cut(rest, []byte("\nendstream"))
		if !found {
			return 0, ""
		}
		data = after
		shown, ok := shownText(stream)
		if !ok {
			continue
		}
		page++
		written := text.Squeeze(shown)
		for _, w := range words {
			if strings.Contains(written, w) {
				return page, w
			}
		}
	}
}

// shownText is the text that a page's stream shows, and whether it is one.
func shownText(stream []byte) (string, bool) {
	if z, err := zlib.NewReader(bytes.NewReader(stream)); err == nil {
		const most = 64 << 20
		plain, err := io.ReadAll(io.LimitReader(z, most))
		if err != nil {
			return "", false
		}
		stream = plain
	}
	if !bytes.Contains(stream, []byte(" Do")) { // each page of a result is a picture
		return "", false
	}
	var b strings.Builder
	for i := 0; i < len(stream); i++ {
		if stream[i] != '(' {
			continue
		}
		var raw []byte
		for i++; i < len(stream) && stream[i] != ')'; i++ {
			if stream[i] == '\\' && i+1 < len(stream) {
				i++
				if stream[i] == 'r' {
					raw = append(raw, '\r')
					continue
				}
			}
			raw = append(raw, stream[i])
		}
		units := make([]uint16, 0, len(raw)/2)
		for k := 0; k+1 < len(raw); k += 2 {
			units = append(units, uint16(raw[k])<<8|uint16(raw[k+1]))
		}
		b.WriteString(string(utf16.Decode(units)))
	}
	return b.String(), true
}
