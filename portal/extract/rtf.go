package extract

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"gongkai/portal"
)

// codePages are the encodings that RTF names by number, as code pages and as
// character sets of fonts.
var (
	codePages = map[int]encoding.Encoding{936: simplifiedchinese.GBK, 54936: simplifiedchinese.GB18030, 950: traditionalchinese.Big5, 932: japanese.ShiftJIS, 949: korean.EUCKR, 1250: charmap.Windows1250, 1251: charmap.Windows1251, 1252: charmap.Windows1252}
	charSets  = map[int]int{134: 936, 136: 950, 128: 932, 129: 949, 238: 1250, 204: 1251, 0: 1252}
)

// aside are groups of RTF that are no text of the document.
var aside = map[string]bool{"fonttbl": true, "colortbl": true, "stylesheet": true, "info": true, "pict": true, "object": true, "objdata": true, "header": true, "footer": true, "headerl": true, "headerr": true, "footerl": true, "footerr": true,
	"listtable": true, "listoverridetable": true, "revtbl": true, "rsidtbl": true, "themedata": true, "datastore": true, "generator": true, "xmlnstbl": true, "latentstyles": true, "fldinst": true, "nonshppict": true, "bkmkstart": true, "bkmkend": true, "deleted": true}

// rtfText reads the text of an RTF file.
func rtfText(file []byte) (Result, error) {
	type state struct {
		skip, hidden bool
		unicode      int // bytes that stand for a character after \u
		page         int
	}
	var out strings.Builder
	var pending []byte // bytes of one code page that wait to be decoded
	page, fonts := 1252, make(map[int]int)
	now := state{unicode: 1, page: page}
	var stack []state
	var r Result
	flush := func() {
		if len(pending) == 0 {
			return
		}
		if e := codePages[now.page]; e != nil {
			if s, ok := decodeAs(e, pending); ok && !now.skip && !now.hidden {
				out.WriteString(s)
			}
		}
		pending = pending[:0]
	}
	put := func(s string) {
		flush()
		if !now.skip && !now.hidden {
			out.WriteString(s)
		}
	}
	inFonts, font, drop, high := 0, 0, 0, rune(0)
	const deepest = 2000
	for i := 0; i < len(file) && out.Len() < maxText; i++ {
		switch c := file[i]; c {
		case '{':
			flush()
			if len(stack) > deepest {
				return r, portal.Damaged(nil)
			}
			stack = append(stack, now)
		case '}':
			flush()
			if len(stack) > 0 {
				now, stack = stack[len(stack)-1], stack[:len(stack)-1]
			}
			if len(stack) < inFonts {
				inFonts = 0
			}
		case '\r', '\n':
		case '\\':
			i++
			if i >= len(file) {
				break
			}
			if c := file[i]; c == '\'' && i+2 < len(file) {
				b, err := strconv.ParseUint(string(file[i+1:i+3]), 16, 8)
				i += 2
				if err == nil && drop > 0 {
					drop--
				} else if err == nil {
					pending = append(pending, byte(b))
				}
				continue
			} else if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
				switch c {
				case '*':
					now.skip = true
				case '~':
					put(" ")
				case '_':
					put("-")
				case '{', '}', '\\':
					put(string(rune(c)))
				}
				continue
			}
			start := i
			for i < len(file) && (file[i] >= 'a' && file[i] <= 'z' || file[i] >= 'A' && file[i] <= 'Z') {
				i++
			}
			word := string(file[start:i])
			start = i
			if i < len(file) && file[i] == '-' {
				i++
			}
			for i < len(file) && file[i] >= '0' && file[i] <= '9' {
				i++
			}
			value, err := strconv.Atoi(string(file[start:min(i, start+12)]))
			given := err == nil
			if i >= len(file) || file[i] != ' ' {
				i--
			}
			switch word {
			case "u":
				if value < 0 {
					value += 65536
				}
				switch r := rune(value); {
				case r >= 0xD800 && r < 0xDC00:
					high = r
				case utf16.IsSurrogate(r):
					put(string(utf16.DecodeRune(high, r)))
				default:
					put(string(r))
				}
				drop = now.unicode
				continue
			case "uc":
				now.unicode = max(0, min(value, 8))
			case "ansicpg":
				flush()
				page, now.page = value, value
			case "fonttbl":
				now.skip, inFonts = true, len(stack)
			case "f":
				flush()
				if font = value; inFonts == 0 {
					if p := fonts[value]; p != 0 && p != 1252 {
						now.page = p
					} else {
						now.page = page
					}
				}
			case "fcharset":
				if inFonts > 0 && len(fonts) < 5000 {
					fonts[font] = charSets[value]
				}
			case "par", "line", "sect", "page", "row":
				put("\n")
			case "tab":
				put("\t")
			case "cell", "nestcell":
				put(" | ")
			case "v":
				flush()
				now.hidden = !given || value != 0
			case "emdash":
				put("—")
			case "endash":
				put("–")
			case "lquote":
				put("‘")
			case "rquote":
				put("’")
			case "ldblquote":
				put("“")
			case "rdblquote":
				put("”")
			case "bullet":
				put("•")
			case "bin":
				i += max(0, min(value, len(file)-i-1))
			default:
				if aside[word] {
					flush()
					now.skip = true
				}
			}
		default:
			if drop > 0 {
				drop--
				continue
			}
			if c < 0x80 && len(pending) == 0 || c < 0x40 {
				put(string(rune(c)))
			} else {
				pending = append(pending, c) // bytes of a code page as they are, or the second of two
				if c < 0x80 && utf8.RuneStart(c) {
					flush()
				}
			}
		}
	}
	flush()
	if !bytes.HasPrefix(file, []byte(`{\rtf`)) {
		return r, portal.Damaged(nil)
	}
	r.Pages = []string{strings.ToValidUTF8(out.String(), "")}
	return r, nil
}
