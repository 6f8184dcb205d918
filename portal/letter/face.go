package letter

import (
	_ "embed"
	"sync"
)

// hei is WenQuanYi Micro Hei, which covers Chinese and Latin letters.
//
//go:embed font/wqy-microhei.ttf
var hei []byte

// song is AR PL SungtiL GB, which covers GB 2312.
//
//go:embed font/gbsn00lp.ttf
var song []byte

// Font is the font of letters as a TrueType file. Nobody may change it.
func Font() []byte { return hei }

// face is a font with what it knows of its characters.
type face struct {
	name   string // in a PDF
	file   []byte
	widths func() map[rune]float64 // of the characters that it has, for type of size 1
}

// The faces of letters: Hei (黑体) and Song (宋体).
var (
	heiFace  = face{"hei", hei, sync.OnceValue(func() map[rune]float64 { return widths(hei) })}
	songFace = face{"song", song, sync.OnceValue(func() map[rune]float64 { return widths(song) })}
)

func (f face) has(r rune) bool {
	_, ok := f.widths()[r]
	return ok
}

// widths reads a font's cmap in the format that fpdf reads, and its hmtx.
func widths(font []byte) map[rune]float64 {
	have := make(map[rune]float64)
	u16 := func(at int) int { return int(font[at])<<8 | int(font[at+1]) }
	u32 := func(at int) int { return u16(at)<<16 | u16(at+2) }
	tables := make(map[string]int)
	for i := range u16(4) {
		at := 12 + 16*i
		tables[string(font[at:at+4])] = u32(at + 8)
	}
	em, metrics := float64(u16(tables["head"]+18)), u16(tables["hhea"]+34)
	width := func(glyph int) float64 { return float64(u16(tables["hmtx"]+4*min(glyph, metrics-1))) / em }
	cmap := tables["cmap"]
	for i := range u16(cmap + 2) {
		t := cmap + u32(cmap+4+8*i+4)
		if u16(t) != 4 {
			continue
		}
		n := u16(t+6) / 2
		for s := range n {
			end, start := u16(t+14+2*s), u16(t+16+2*n+2*s)
			delta, offset := u16(t+16+4*n+2*s), u16(t+16+6*n+2*s)
			for c := start; c <= end && c < 0xFFFF; c++ {
				g := (c + delta) & 0xFFFF
				if offset != 0 {
					g = u16(t + 16 + 6*n + 2*s + offset + 2*(c-start))
				}
				if g != 0 {
					have[rune(c)] = width(g)
				}
			}
		}
	}
	return have
}
