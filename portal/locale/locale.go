// Package locale holds every text that people see, in Chinese and English
// side by side, and puts values, plurals and dates into them.
package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/nicksnyder/go-i18n/v2/i18n"

	"gongkai/portal"
)

//go:embed messages.json
var files embed.FS

// Langs are the languages of the portal; the first is the default. AddFrom adds to them.
var Langs = []string{"zh", "en"}

// message is a text in both languages. One is the English singular where it
// differs.
type message struct {
	ZH  string `json:"zh"`
	EN  string `json:"en"`
	One string `json:"one,omitempty"`
}

// Texts are the texts of one language.
type Texts struct {
	Lang      string
	plain     map[string]string // texts without values, ready
	localizer *i18n.Localizer
	english   *Texts
	lacks     func(key string) bool // what is said in English; nil for nothing
	date      string                // how a day is written; "" as English does
}

// messages are the texts that the portal is built with.
var messages = sync.OnceValue(func() map[string]message {
	b, err := files.ReadFile("messages.json")
	var all map[string]message
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		panic(fmt.Sprintf("embedded messages: %v", err)) // a mistake of ours, found by any test
	}
	return all
})

var load = sync.OnceValue(func() map[string]*Texts { return build(messages(), extra) })

// In returns the texts of a language; of the default one where there is no
// such language.
func In(lang string) *Texts {
	if t, ok := load()[lang]; ok {
		return t
	}
	return load()[Langs[0]]
}

// T returns the text of a key. Values come as pairs of a placeholder's name
// and its value; N chooses the plural. A key that is not there is returned
// as it is, and found by a test.
func (t *Texts) T(key string, pairs ...any) string {
	if len(pairs) == 0 {
		if s, ok := t.plain[key]; ok {
			return s
		}
	}
	args := portal.Args{}
	for i := 0; i+1 < len(pairs); i += 2 {
		args[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return t.Args(key, args)
}

// Args is T with the values as a map.
func (t *Texts) Args(key string, args portal.Args) string {
	if t.lacks != nil && t.lacks(key) {
		return t.english.Args(key, args)
	}
	c := &i18n.LocalizeConfig{MessageID: key, TemplateData: args}
	if n, ok := args["N"]; ok {
		c.PluralCount = n
	}
	s, err := t.localizer.Localize(c)
	if err != nil {
		return key
	}
	return s
}

// Has reports whether there is a text for the key.
func Has(key string) bool {
	_, err := In("zh").localizer.Localize(&i18n.LocalizeConfig{MessageID: key})
	return err == nil
}

// Date writes a day as the language does.
func (t *Texts) Date(d portal.Date) string {
	if d.IsZero() {
		return ""
	}
	switch {
	case t.Lang == "zh":
		return d.Time().Format("2006年1月2日")
	case t.date != "":
		return d.Time().Format(t.date)
	}
	return d.Time().Format("2 January 2006")
}
