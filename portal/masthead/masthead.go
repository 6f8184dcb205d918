// Package masthead is the room of how a portal presents itself (网站标识): its name, who
// runs it, its colour and emblem, the numbers that a government site must show, and the
// links at its foot (政府网站发展指引, 国办发〔2017〕47号).
package masthead

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"

	"gongkai/portal"
)

// Masthead is what every page of the portal says about the portal itself.
type Masthead struct {
	Name      portal.Text        `json:"name"`                // 网站名称, the tag SiteName
	Sponsor   portal.Text        `json:"sponsor,omitzero"`    // 主办单位
	Address   portal.Text        `json:"address,omitzero"`    // 地址
	Telephone string             `json:"telephone,omitempty"` // 联系电话
	Email     string             `json:"email,omitempty"`
	SiteCode  string             `json:"site_code,omitempty"` // 网站标识码, the tag SiteIDCode: ten characters
	ICP       string             `json:"icp,omitempty"`       // ICP备案号
	Police    string             `json:"police,omitempty"`    // 公安备案号
	Colour    string             `json:"colour,omitempty"`    // of the head and of buttons: #rrggbb; "" is DefaultColour
	Emblem    *portal.Attachment `json:"emblem,omitempty"`    // a picture, at most MaxEmblem bytes
	Links     []Link             `json:"links,omitempty"`     // at the foot of each page
	Parent    *Link              `json:"parent,omitempty"`    // the site of which the portal is a section (专栏): its head is slim then
	Errors    string             `json:"errors,omitempty"`    // address of "我为政府网站找错"; "" is the portal's own mailbox

	// Sum is a short hash of the rest. It stands in addresses and says whether a page
	// that is kept is still right.
	Sum string `json:"-"`
}

// Link leads from the foot of a page to another site.
type Link struct {
	Name portal.Text `json:"name"`
	URL  string      `json:"url"`
}

// Limits of a masthead.
const (
	DefaultColour = "#1a4b84"
	MaxEmblem     = 200 << 10 // bytes
	MaxLinks      = 40
	// LeastContrast is how far white letters must stand out from the colour (WCAG 2.2,
	// 1.4.3).
	LeastContrast = 4.5
)

// Kind is the record in which the masthead is kept; there is one, named id.
var Kind = portal.Register[Masthead](portal.RecordKind{Code: "masthead", Bucket: "masthead", Field: "name_zh"}, nil)

const id = "portal"

var (
	// siteCode: ministries bm and eight digits, others the region's six digits and four.
	siteCode = regexp.MustCompile(`^(bm[0-9]{8}|[0-9]{10})$`)
	colour   = regexp.MustCompile(`^#[0-9a-f]{6}$`)
	emblems  = map[string]bool{"image/png": true, "image/jpeg": true}
)

// Validate reports the mistakes in its fields.
func (m *Masthead) Validate() error {
	var p portal.Problems
	p.Text("name_zh", m.Name.ZH, true, portal.MaxName)
	p.Text("name_en", m.Name.EN, false, portal.MaxName)
	for name, x := range map[string]portal.Text{"sponsor": m.Sponsor, "address": m.Address} {
		p.Text(name+"_zh", x.ZH, false, portal.MaxLine)
		p.Text(name+"_en", x.EN, false, portal.MaxLine)
	}
	for name, x := range map[string]string{"telephone": m.Telephone, "email": m.Email, "icp": m.ICP, "police": m.Police} {
		p.Text(name, x, false, portal.MaxName)
	}
	if m.SiteCode != "" && !siteCode.MatchString(m.SiteCode) {
		p.Add("site_code", "error.site_code", nil)
	}
	if m.Colour != "" {
		if c := Contrast(m.Colour, "#ffffff"); !colour.MatchString(m.Colour) {
			p.Add("colour", "error.colour", nil)
		} else if c < LeastContrast {
			p.Add("colour", "error.contrast", portal.Args{"Ratio": fmt.Sprintf("%.1f", c), "Least": LeastContrast})
		}
	}
	if m.Emblem != nil && (m.Emblem.Size > MaxEmblem || !emblems[m.Emblem.Type]) {
		p.Add("emblem", "error.emblem", portal.Args{"Limit": MaxEmblem >> 10})
	}
	if len(m.Links) > MaxLinks {
		p.Add("links", "error.too_many_links", portal.Args{"Limit": MaxLinks})
	}
	for i, l := range m.Links {
		if l.Name.ZH == "" || !address(l.URL) {
			p.Add("links", "error.link_line", portal.Args{"Line": i + 1})
			break
		}
	}
	if m.Parent != nil && (m.Parent.Name.ZH == "" || !address(m.Parent.URL)) {
		p.Add("parent", "error.link_line", portal.Args{"Line": 1})
	}
	if m.Errors != "" && !address(m.Errors) {
		p.Add("errors", "error.address", nil)
	}
	return p.Err()
}

func address(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && len(s) <= portal.MaxLine
}

// ColourOr is the colour, or that of a portal that has chosen none.
func (m *Masthead) ColourOr() string {
	if m.Colour == "" {
		return DefaultColour
	}
	return m.Colour
}

// Style is a style sheet with the colour and what follows from it.
func Style(colour string) string {
	return ":root{--brand:" + colour + ";--brand-dark:" + darker(colour) + "}\n"
}

// darker is the colour of the bar below the head.
func darker(c string) string {
	r, g, b := channels(c)
	return fmt.Sprintf("#%02x%02x%02x", r*7/10, g*7/10, b*7/10)
}

func channels(c string) (r, g, b int) {
	n, _ := strconv.ParseUint(strings.TrimPrefix(c, "#"), 16, 32) // 0 where it is no colour
	return int(n >> 16 & 255), int(n >> 8 & 255), int(n & 255)
}

// Contrast is the contrast ratio of two colours, from 1 to 21 (WCAG 2.2).
func Contrast(a, b string) float64 {
	light := func(c string) float64 {
		line := func(v int) float64 {
			x := float64(v) / 255
			if x <= 0.04045 {
				return x / 12.92
			}
			return math.Pow((x+0.055)/1.055, 2.4)
		}
		r, g, b := channels(c)
		return 0.2126*line(r) + 0.7152*line(g) + 0.0722*line(b)
	}
	x, y := light(a), light(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Read reads a masthead from a file: JSON as it is kept, without an emblem. What is not
// a field of it is refused.
func Read(b []byte) (*Masthead, error) {
	m := new(Masthead)
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(m); err != nil {
		return nil, fmt.Errorf("the masthead's file is not what was expected: %w", err)
	}
	m.Emblem = nil // a file of the portal's own: it is set on the page
	return m, m.Validate()
}

// LinksOf reads links, one in a line: a Chinese name, an English one that may be left out,
// and an address, parted by vertical bars. A line that is none becomes a link without an
// address, which Validate refuses.
func LinksOf(written string) (out []Link) {
	for line := range strings.Lines(written) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		parts := strings.FieldsFunc(line, func(r rune) bool { return r == '|' || r == '｜' })
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		l := Link{Name: portal.Text{ZH: parts[0]}}
		if n := len(parts); n > 1 {
			l.URL = parts[n-1]
			if n == 3 {
				l.Name.EN = parts[1]
			}
		}
		out = append(out, l)
	}
	return out
}

// Write writes links as LinksOf reads them.
func Write(links ...Link) string {
	var b strings.Builder
	for _, l := range links {
		b.WriteString(l.Name.ZH + " | ")
		if l.Name.EN != "" {
			b.WriteString(l.Name.EN + " | ")
		}
		b.WriteString(l.URL + "\n")
	}
	return strings.TrimSpace(b.String())
}

// IsColour reports whether a text is a colour as a masthead has it.
func IsColour(s string) bool { return colour.MatchString(s) }

// Keeper keeps the masthead, and has it at hand for every page.
type Keeper struct {
	portal.Clockwork
	Store   portal.Records[Masthead]
	Default Masthead // of a portal that has set none
	now     *atomic.Pointer[Masthead]
}

// NewKeeper makes a keeper of what a store has.
func NewKeeper(w portal.Clockwork, st portal.Records[Masthead]) *Keeper {
	return &Keeper{Clockwork: w, Store: st, now: new(atomic.Pointer[Masthead])}
}

// Load takes what the store has; def is what holds where it has none.
func (k *Keeper) Load(ctx context.Context, def Masthead) error {
	k.Default = def
	m, _, err := k.Kept(ctx)
	if err != nil {
		return err
	}
	k.take(m)
	return nil
}

// take makes a masthead the one that pages show.
func (k *Keeper) take(m *Masthead) {
	x := *m
	b, err := json.Marshal(x)
	if err != nil { // it was read from JSON, or will be
		panic(err)
	}
	sum := sha256.Sum256(b)
	x.Sum = hex.EncodeToString(sum[:6])
	k.now.Store(&x)
}

// Current is the masthead that pages show. It is not to be changed.
func (k *Keeper) Current() *Masthead { return k.now.Load() }

// Kept is the masthead as it is kept and its revision: portal.Absent where there is none.
func (k *Keeper) Kept(ctx context.Context) (*Masthead, portal.Revision, error) {
	m, err := k.Store.Get(ctx, id)
	if err != nil && portal.KindOf(err) == portal.NotFound {
		def := k.Default
		return &def, portal.Absent, nil
	}
	if err != nil {
		return nil, "", err
	}
	return m, portal.RevisionOf(m), nil
}

// Change sets the masthead. Administrators may.
func (k *Keeper) Change(ctx context.Context, by portal.Actor, seen portal.Revision, edit func(*Masthead)) error {
	m, err := k.Store.Change(ctx, by, id, seen, "set_masthead", k.Now(), func(m *Masthead) (string, error) {
		if err := by.Need(portal.ManageOrgans, ""); err != nil {
			return "", err
		}
		edit(m)
		return m.Name.ZH, m.Validate()
	})
	if err != nil {
		return err
	}
	k.take(m)
	return nil
}
