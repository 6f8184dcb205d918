package search_test

import (
	"bytes"
	"math"
	"testing"

	"gongkai/portal"
	"gongkai/portal/query"
	"gongkai/search"
)

// TestShorthandOfTexts: what one text calls something finds the others that spell it out, unless
// texts call different things so; a reading finds it, too.
func TestShorthandOfTexts(t *testing.T) {
	t.Parallel()
	define := "第一条 为了保护消费者，设立消费者权益保护委员会（以下简称“消保委”）。"
	st, x, _ := site(t, doc{title: "章程", body: define}, doc{title: "消费者权益保护委员会投诉办法", body: "投诉应当书面提出。"},
		doc{title: "甲办法", body: "排污管理所站（以下简称管站）应当登记。"}, doc{title: "乙办法", body: "用水管护总站（以下简称管站）应当缴费。"}, doc{title: "丙办法", body: "用电管理总站（以下简称管站）应当缴费。"})
	if got := titles(st, find(t, x, query.Query{Text: "消保委", Verbatim: true})); got != "章程 消费者权益保护委员会投诉办法" && got != "消费者权益保护委员会投诉办法 章程" {
		t.Errorf("消保委 found %q", got)
	}
	if f := find(t, x, query.Query{Text: "管站"}); len(f.Words) == 0 || len(f.Words) > 2 {
		t.Errorf("a word that each text defines anew is taken for %q", f.Words)
	}
}

// FuzzShorthands: no text makes a shorthand that is longer than what it stands for.
func FuzzShorthands(f *testing.F) {
	for _, s := range []string{"最低生活保障（以下简称“低保”）", "以下简称（以下简称）", "《条例》（以下简称《条例》）", "（以下统称：水水）水水（以下称水水）"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for short, full := range search.Shorthands(&portal.Entry{Texts: []string{s}}) {
			if len(full) <= len(short) {
				t.Errorf("%q for %q", short, full)
			}
		}
	})
}

// FuzzPlace: the name of a passage is read as it was written, and nothing else is.
func FuzzPlace(f *testing.F) {
	f.Add("d/1#0:a:z", 3, 100, 2000)
	f.Add("d/1#", 0, 0, 0)
	f.Add("#::", math.MaxInt16, math.MaxInt32-1, 1)
	f.Fuzz(func(t *testing.T, id string, source, start, length int) {
		if s, a, b, ok := search.Place(id); ok && (a < 0 || b < a || s < -1) {
			t.Errorf("%q is read as %d, %d to %d", id, s, a, b)
		}
		if source < 0 || source > math.MaxInt16 || start < 0 || length < 0 || start > math.MaxInt32 || length > math.MaxInt32-start {
			return
		}
		id = search.PassageName(portal.Key{Kind: "document", ID: "1"}, source, start, start+length)
		if s, a, b, ok := search.Place(id); !ok || s != source || a != start || b != start+length {
			t.Errorf("%q is read as %d, %d to %d, %v", id, s, a, b, ok)
		}
	})
}

// FuzzHead: what the index keeps of a record is read as it was written; anything else is refused
// or read without harm.
func FuzzHead(f *testing.F) {
	f.Add([]byte{})
	f.Add(search.HeadOf("供水", "water", "06", 20000, 3, 7, "water", "finance"))
	f.Add(search.HeadOf("", "", "", -1, 0, math.MaxUint32))
	f.Fuzz(func(t *testing.T, b []byte) {
		once, err := search.Head(b)
		if err != nil {
			return
		}
		if twice, err := search.Head(once); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("%x is written %x and then %x, %v", b, once, twice, err)
		}
	})
}
