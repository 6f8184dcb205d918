package documents

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"gongkai/portal"
	"gongkai/portal/text"
)

// DocumentID names a public document in its address. It is the index number
// with its slash turned into a hyphen, and like it never changes.
type DocumentID string

// Document is a piece of government information that is public or was
// (政府信息). The fields are those of the catalogue (目录, 第十二条).
type Document struct {
	ID          DocumentID `json:"id"`
	IndexNumber string     `json:"index_number"` // 索引号, issued once and never changed
	Version     int        `json:"version"`      // from 1, one more with each correction
	Content

	PublishedAt time.Time `json:"published_at"` // when the portal made it public; set by the server
	ChangedAt   time.Time `json:"changed_at"`   // when this version was approved, or when it was withdrawn
	ChangeNote  string    `json:"change_note,omitempty"`
	Minor       bool      `json:"minor,omitempty"`      // the version changes nothing that matters to a reader
	KeepFiles   bool      `json:"keep_files,omitempty"` // files that earlier versions had stay public
	Withdrawn   bool      `json:"withdrawn,omitempty"`
	Reason      string    `json:"reason,omitempty"` // of the withdrawal
	Source      string    `json:"source,omitempty"` // key of an import or id of a draft that a program handed in, so that a second time finds it

	Links   []Link   `json:"links,omitempty"`   // what other documents do to this one
	Reviews []Review `json:"reviews,omitempty"` // that this version passed before its release
	// Entered is when the first version was handed in for review, Returns when it was
	// sent back: both are counted (Documents.Count).
	Entered time.Time   `json:"entered,omitzero"`
	Returns []time.Time `json:"returns,omitempty"`
	// Sealed are the files as they were handed in, of those of which a masked copy is
	// public. Nobody but those who publish is given them.
	Sealed []portal.Attachment `json:"sealed,omitempty"`
	// Removed says that it was taken away for a mistake: of its content nothing is left
	// but the title (a tombstone).
	Removed bool `json:"removed,omitempty"`
}

// Content is what a department writes about and into a document.
type Content struct {
	Title       string              `json:"title"`
	TitleEN     string              `json:"title_en,omitempty"`
	Number      string              `json:"number,omitempty"` // 发文字号
	Organs      []portal.OrganCode  `json:"organs"`           // 发文机关; the first leads (第十条)
	Formed      portal.Date         `json:"formed,omitzero"`  // 成文日期
	Published   portal.Date         `json:"published"`        // 发布日期
	Theme       string              `json:"theme"`            // 主题分类
	Genre       string              `json:"genre"`            // 体裁
	Item        string              `json:"item"`             // 第二十条第几项
	Mode        string              `json:"mode"`             // 公开方式
	Validity    string              `json:"validity"`         // 有效性
	Effective   portal.Date         `json:"effective,omitzero"`
	Repealed    portal.Date         `json:"repealed,omitzero"`
	Expires     portal.Date         `json:"expires,omitzero"` // 有效期至: the last day
	Keywords    []string            `json:"keywords,omitempty"`
	Summary     string              `json:"summary,omitempty"` // 内容概述
	SummaryEN   string              `json:"summary_en,omitempty"`
	Body        string              `json:"body,omitempty"` // Markdown
	BodyEN      string              `json:"body_en,omitempty"`
	Attachments []portal.Attachment `json:"attachments,omitempty"`
	Related     []DocumentID        `json:"related,omitempty"`
	Repeals     []DocumentID        `json:"repeals,omitempty"`    // 废止的文件
	Amends      []DocumentID        `json:"amends,omitempty"`     // 修改的文件
	Interprets  []DocumentID        `json:"interprets,omitempty"` // 解读的文件
	Supersedes  []DocumentID        `json:"supersedes,omitempty"` // 替代的文件
	Posted      []Posting           `json:"posted,omitempty"`     // 在其他场所的公开
}

// Limits on a document.
const (
	MaxKeywords    = 20
	MaxAttachments = 20
)

// Lead is the organ that keeps the document (第十条): the first named.
func (c *Content) Lead() portal.OrganCode {
	if len(c.Organs) == 0 {
		return ""
	}
	return c.Organs[0]
}

// TitleIn returns the title in the language, else the Chinese one.
func (c *Content) TitleIn(lang string) string {
	return portal.Named(portal.Text{ZH: c.Title, EN: c.TitleEN}, lang)
}

// SummaryIn returns the summary in the language, else the Chinese one.
func (c *Content) SummaryIn(lang string) string {
	return portal.Named(portal.Text{ZH: c.Summary, EN: c.SummaryEN}, lang)
}

// Validate reports the mistakes in the content's fields.
func (c *Content) Validate() error {
	var p portal.Problems
	p.Text("title", c.Title, true, portal.MaxLine)
	p.Text("title_en", c.TitleEN, false, portal.MaxLine)
	p.Text("number", c.Number, false, 100)
	if len(c.Organs) == 0 {
		p.Add("organs", "error.choose", nil)
	}
	for _, f := range []struct {
		name, code string
		list       *portal.List
	}{{"theme", c.Theme, portal.Themes}, {"genre", c.Genre, portal.Genres}, {"item", c.Item, portal.Items}, {"mode", c.Mode, portal.Modes}, {"validity", c.Validity, portal.Validities}} {
		if !f.list.Has(f.code) {
			p.Add(f.name, "error.choose", nil)
		}
	}
	if c.Repealed != 0 && c.Effective != 0 && c.Repealed < c.Effective {
		p.Add("repealed", "error.repealed_before_effective", nil)
	}
	if c.Expires != 0 && c.Effective != 0 && c.Expires < c.Effective {
		p.Add("expires", "error.expires_before_effective", nil)
	}
	if len(c.Keywords) > MaxKeywords {
		p.Add("keywords", "error.too_many", portal.Args{"Limit": MaxKeywords})
	}
	for _, k := range c.Keywords {
		if len([]rune(k)) > 40 {
			p.Add("keywords", "error.too_long", portal.Args{"Limit": 40, "Length": len([]rune(k))})
			break
		}
	}
	p.Text("summary", c.Summary, false, portal.MaxNote)
	p.Text("summary_en", c.SummaryEN, false, portal.MaxNote)
	p.Text("body", c.Body, false, portal.MaxBody)
	p.Text("body_en", c.BodyEN, false, portal.MaxBody)
	if text.IsBlank(c.Body) && len(c.Attachments) == 0 {
		p.Add("body", "error.body_or_file", nil)
	}
	if len(c.Attachments) > MaxAttachments {
		p.Add("attachments", "error.too_many", portal.Args{"Limit": MaxAttachments})
	}
	return p.Err()
}

// SameAs reports whether two contents say the same, for an import that is
// run twice.
func (c *Content) SameAs(o *Content) bool {
	return c.Title == o.Title && c.Number == o.Number && c.Body == o.Body && c.Formed == o.Formed &&
		c.Theme == o.Theme && c.Validity == o.Validity && c.Summary == o.Summary && c.TitleEN == o.TitleEN &&
		c.BodyEN == o.BodyEN && slices.Equal(c.Organs, o.Organs) && slices.Equal(c.Keywords, o.Keywords)
}

// DraftID names a draft. It says nothing about the document to be.
type DraftID string

// DraftState says where a draft stands.
type DraftState string

// The states of a draft. An approved draft becomes a Document and is gone.
const (
	Writing   DraftState = "writing"   // 起草
	Submitted DraftState = "submitted" // 待审核
	Released  DraftState = "released"  // 已公开: no draft any more; as a program that handed it in sees it
	Returned  DraftState = "returned"  // 退回修改
	Approved  DraftState = "approved"  // 待发布: it passed every review and waits for its time
	Internal  DraftState = "internal"  // 内部公开: it passed every review and is shown to staff, never to anybody else
)

// ToStaff is the mode of what only staff are shown (内部公开). It stays among the drafts,
// of which nothing is ever public.
const ToStaff = "internal"

// Draft is content that is not public: a document to be, or the next version
// of one that is.
type Draft struct {
	ID        DraftID      `json:"id"`
	Of        DocumentID   `json:"of,omitempty"`   // of a correction: the document it changes
	Base      int          `json:"base,omitempty"` // of a correction: the version that it was written over
	State     DraftState   `json:"state"`
	Content   Content      `json:"content"`
	Note      string       `json:"note,omitempty"`       // change note of a correction
	KeepFiles bool         `json:"keep_files,omitempty"` // of a correction: files that it takes out stay public
	By        portal.Login `json:"by"`                   // who wrote it
	Submitter portal.Login `json:"submitter,omitempty"`
	Remark    string       `json:"remark,omitempty"` // why it was returned
	ChangedAt time.Time    `json:"changed_at"`
	// Entered is when it was first handed in, Returns when it was sent back.
	Entered time.Time   `json:"entered,omitzero"`
	Returns []time.Time `json:"returns,omitempty"`
	// Reviews are those that it has passed since it was handed in.
	Reviews []Review `json:"reviews,omitempty"`
	// PublishAt is when it is to become public, once it is approved; zero: at once.
	PublishAt time.Time `json:"publish_at,omitzero"`
	// Decisions say, for each finding of the scan before release, what is done about
	// it.
	Decisions map[string]Decision `json:"decisions,omitempty"`
	// Sealed are the files as they were handed in, of those of which staff are shown a
	// masked copy.
	Sealed []portal.Attachment `json:"sealed,omitempty"`
	// Minor says of a correction that it changes nothing that matters to a reader.
	Minor bool `json:"minor,omitempty"`
	// Recognised names the fields that were read out of a file and that nobody has
	// confirmed yet.
	Recognised []string `json:"recognised,omitempty"`
}

// IndexNumber writes an index number (索引号): the organ's prefix, the year
// of publication and a serial number of the organ in that year.
func IndexNumber(prefix string, year, serial int) string {
	return fmt.Sprintf("%s/%04d-%05d", prefix, year, serial)
}

// IDOf makes a document's address from its index number.
func IDOf(indexNumber string) DocumentID {
	return DocumentID(strings.Replace(indexNumber, "/", "-", 1))
}

var documentID = regexp.MustCompile(`^[0-9A-Z]{9,18}-\d{4}(\d\d)?-\d{5,}$`)

// ParseDocumentID reads an address or an index number.
func ParseDocumentID(s string) (DocumentID, bool) {
	id := IDOf(strings.ToUpper(strings.TrimSpace(s)))
	return id, len(s) < 64 && documentID.MatchString(string(id))
}

// Entry returns what search and the catalogue are told of the document, with
// the text of its attachments; nil for one that is withdrawn.
func (d *Document) Entry(attachments []string) *portal.Entry {
	if d.Withdrawn {
		return nil
	}
	return &portal.Entry{
		Key: portal.Key{Kind: "document", ID: string(d.ID)}, Title: d.Title, TitleEN: d.TitleEN, Number: d.Number, Index: d.IndexNumber,
		Organs: d.Organs, Theme: d.Theme, Genre: d.Genre, Item: d.Item, Validity: d.Validity,
		Published: d.Published, Formed: d.Formed, Keywords: d.Keywords, Summary: d.Summary, SummaryEN: d.SummaryEN,
		Texts: append([]string{d.Body, d.BodyEN}, attachments...),
	}
}

// Listing returns the document as lists show it.
func (d *Document) Listing() *portal.Listing {
	l := &portal.Listing{Version: d.Version, PublishedAt: d.PublishedAt, ChangedAt: d.ChangedAt, ChangeNote: d.ChangeNote, Withdrawn: d.Withdrawn, Reason: d.Reason}
	shown := *d
	shown.Withdrawn, shown.Body, shown.BodyEN = false, "", ""
	l.Entry = *shown.Entry(nil)
	l.Texts = nil
	return l
}
