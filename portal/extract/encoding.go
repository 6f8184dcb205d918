package extract

import (
	"bytes"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	xunicode "golang.org/x/text/encoding/unicode"

	"gongkai/portal"
	"gongkai/portal/text"
)

// encodings are those that are tried, in this order; of two that are as likely
// the first is taken.
var encodings = []struct {
	name string
	enc  encoding.Encoding
}{
	{"GB 18030", simplifiedchinese.GB18030},
	{"Big5", traditionalchinese.Big5},
	{"UTF-16 (LE)", xunicode.UTF16(xunicode.LittleEndian, xunicode.IgnoreBOM)},
	{"UTF-16 (BE)", xunicode.UTF16(xunicode.BigEndian, xunicode.IgnoreBOM)},
	{"Windows-1252", charmap.Windows1252},
}

// usual are the characters that Chinese texts are mostly made of.
const usual = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严龙飞申请通知件"

var usualRunes = sync.OnceValue(func() map[rune]bool {
	m := make(map[rune]bool, 900)
	for _, r := range usual {
		m[r] = true
	}
	return m
})

// rare tells Chinese characters that a text in today's Chinese hardly ever has
// more than a few of: those that GB 2312 does not know.
func rare(r rune) bool {
	if r < 0x3400 || r > 0x9FFF && r < 0x20000 || r > 0x3FFFF {
		return r >= 0xE000 && r <= 0xF8FF // private use
	}
	if row := gb2312(r); row >= 0xB0 {
		return false
	}
	f := []rune(text.Fold(string(r))) // a traditional form of a usual character is usual too
	row := byte(0)
	if len(f) == 1 {
		row = gb2312(f[0])
	}
	const lastUsual = 0xD7 // the row that ends the usual characters
	return row < 0xB0 || row > lastUsual
}

// gb2312 is the row of a character in GB 2312, as its first byte; 0 for none.
func gb2312(r rune) byte {
	b, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(string(r)))
	if err != nil || len(b) != 2 || b[0] < 0xB0 || b[0] > 0xF7 || b[1] < 0xA1 {
		return 0
	}
	return b[0]
}

// likely tells how much a decoded text looks like one that people write, from
// below 0 to 1.
func likely(written string) float64 {
	var sum, n float64
	var before rune
	for _, r := range written {
		n++
		latin := r < 0x250 && unicode.IsLetter(r)
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == ' ':
			n--
		case text.Unseen(r):
			sum -= 2
		case r < 0x7F:
			sum += 0.8
		case usualRunes()[r] || strings.ContainsRune("，。、；：？！（）《》〔〕“”‘’—…·〇", r):
			sum++
		case unicode.Is(unicode.Han, r):
			if f := []rune(text.Fold(string(r))); len(f) == 1 && usualRunes()[f[0]] {
				sum += 0.9
			} else if !rare(r) {
				sum += 0.4
			} else {
				sum--
			}
			if before < 0x250 && before > 0x7F && unicode.IsLetter(before) {
				sum--
			}
		case latin && before < 0x7F && unicode.IsLetter(before): // café
			sum += 0.6
		case 0x3000 <= r && r <= 0x30FF || 0xFF00 <= r && r <= 0xFFEF || 0x2000 <= r && r <= 0x26FF:
			sum += 0.3
		default:
			sum -= 0.7
		}
		before = r
	}
	if n <= 0 {
		return 1
	}
	return sum / n
}

// enough is how likely a text must be to be taken.
const enough = 0.3

// Decode tells the encoding of a text and returns it as UTF-8: UTF-8, GB
// 18030, Big5, UTF-16 with and without a mark, Windows-1252. It refuses what
// is none of them, and says what was tried. The text holds no replacement
// character.
func Decode(b []byte) (text, name string, err error) {
	refuse := func(tried ...string) (string, string, error) {
		return "", "", &portal.Error{Kind: portal.Invalid, Key: "error.encoding", Args: portal.Args{"Tried": strings.Join(tried, ", ")}}
	}
	for _, m := range []struct {
		mark []byte
		name string
		at   int // in encodings
	}{{[]byte("\xef\xbb\xbf"), "UTF-8", -1}, {[]byte("\xff\xfe"), "UTF-16 (LE)", 2}, {[]byte("\xfe\xff"), "UTF-16 (BE)", 3}} {
		if rest, ok := bytes.CutPrefix(b, m.mark); ok {
			text := string(rest)
			if m.at >= 0 {
				text, ok = decodeAs(encodings[m.at].enc, rest)
			}
			if !ok || !utf8.ValidString(text) || strings.ContainsRune(text, utf8.RuneError) {
				return refuse(m.name)
			}
			return text, m.name, nil
		}
	}
	if utf8.Valid(b) && !bytes.Contains(b, []byte("\uFFFD")) && !zeros(b) {
		return string(b), "UTF-8", nil
	}
	sample := b
	if len(sample) > 1<<16 { // enough to tell; the cut may part a character
		sample = sample[:1<<16]
	}
	best, bestScore := -1, enough
	tried := []string{"UTF-8"}
	for i, e := range encodings {
		tried = append(tried, e.name)
		text, ok := decodeAs(e.enc, sample)
		if !ok && len(sample) < len(b) {
			for cut := 1; cut < 4 && !ok; cut++ {
				text, ok = decodeAs(e.enc, sample[:len(sample)-cut])
			}
		}
		if !ok {
			continue
		}
		score := likely(text)
		if strings.HasPrefix(e.name, "Windows") {
			score -= 0.1
		}
		if score > bestScore {
			best, bestScore = i, score
		}
	}
	if best < 0 {
		return refuse(tried...)
	}
	text, ok := decodeAs(encodings[best].enc, b)
	if !ok {
		return refuse(tried...)
	}
	return text, encodings[best].name, nil
}

// zeros reports whether a text has bytes of zero, as UTF-16 has.
func zeros(b []byte) bool { return bytes.IndexByte(b[:min(len(b), 4096)], 0) >= 0 }

// decodeAs decodes a text whole, or not at all.
func decodeAs(e encoding.Encoding, b []byte) (string, bool) {
	out, err := e.NewDecoder().Bytes(b)
	if err != nil || bytes.Contains(out, []byte("\uFFFD")) {
		return "", false
	}
	return string(out), true
}
