package public

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/query"
	"gongkai/portal/web/page"
)

// documentPage is what document.html shows.
type documentPage struct {
	page.Base
	Doc      *documents.Document
	Old      bool // this is a superseded version
	Versions []*documents.Document
	Related  []*portal.Listing
	Similar  []*portal.Listing
	Body     string
	Words    []string                 // to mark, from the search one came from
	Files    string                   // address of the files
	Gone     func(portal.FileID) bool // a file of an older version that is public no more
	Ended    bool                     // it is no longer in force
	Forward  []relation               // what it does to others
	Backward []relation               // what others do to it
	Shaken   []*portal.Listing        // what it rests on and what is no longer in force
}

// relation is how a document stands to another, which is listed.
type relation struct {
	Relation documents.Relation
	On       portal.Date
	Other    *portal.Listing
}

// relations fills in how a document stands to others, both ways.
func (s *Face) relations(p *documentPage) {
	one := func(r documents.Relation, id documents.DocumentID, on portal.Date) []relation {
		if l := s.Store.Listings(documents.KeyOf(id))[0]; l != nil {
			return []relation{{r, on, l}}
		}
		return nil
	}
	shaken := func(l *portal.Listing) {
		if l != nil && !l.Withdrawn && (l.Validity == "repealed" || l.Validity == "expired") && !slices.Contains(p.Shaken, l) {
			p.Shaken = append(p.Shaken, l)
		}
	}
	for _, l := range p.Related {
		shaken(l)
	}
	defer func() {
		for _, f := range p.Forward {
			if f.Relation == documents.Interprets || f.Relation == documents.Amends {
				shaken(f.Other)
			}
		}
	}()
	for _, r := range documents.AllRelations {
		for _, id := range p.Doc.Relations()[r] {
			p.Forward = append(p.Forward, one(r, id, 0)...)
		}
		for _, l := range p.Doc.Links {
			if l.Relation == r {
				p.Backward = append(p.Backward, one(r, l.From, l.On)...)
			}
		}
	}
}

// document answers GET /documents/{id}. A withdrawn document's page says so
// and why, with the status 410; its address never dies.
func (s *Face) document(c echo.Context) error {
	doc, err := s.DocumentOf(c)
	if err != nil {
		return err
	}
	if c.Param("id") != string(doc.ID) {
		return c.Redirect(http.StatusMovedPermanently, s.Address(portal.Key{Kind: "document", ID: string(doc.ID)}))
	}
	p, err := s.documentPage(c, doc)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if doc.Withdrawn {
		status = http.StatusGone
	}
	return s.Render(c, status, "document", p)
}

func (s *Face) documentPage(c echo.Context, doc *documents.Document) (documentPage, error) {
	lang := page.LangOf(c)
	p := documentPage{Base: s.Base(c, doc.TitleIn(lang)), Doc: doc, Gone: func(portal.FileID) bool { return false }, Files: s.Address(portal.Key{Kind: "document", ID: string(doc.ID)}) + "/files/"}
	p.Section = "catalogue"
	p.Feeds = s.FeedRefs(c, "organ="+string(doc.Lead()))
	if q := []rune(c.QueryParam("q")); len(q) > 0 && len(q) <= query.MaxQuery {
		p.Words = s.Search.Words(string(q))
	}
	var err error
	if p.Versions, err = s.Store.Versions(c.Request().Context(), doc.ID); err != nil {
		return p, err
	}
	p.Body = doc.Body
	if lang != "zh" && doc.BodyEN != "" {
		p.Body = doc.BodyEN
	}
	var keys []portal.Key
	for _, r := range doc.Related {
		keys = append(keys, portal.Key{Kind: "document", ID: string(r)})
	}
	for _, l := range s.Store.Listings(keys...) {
		if l != nil {
			p.Related = append(p.Related, l)
		}
	}
	s.relations(&p)
	p.Ended = doc.Ended(portal.DateOf(s.Now()))
	return p, s.similar(c, &p)
}

// similarRows is how many documents on the same subject a page shows.
const similarRows = 5

// similar fills in documents on the same subject. A page does without them
// while the search is down.
func (s *Face) similar(c echo.Context, p *documentPage) error {
	if p.Doc.Withdrawn {
		return nil
	}
	keys, err := s.Search.Similar(c.Request().Context(), portal.Key{Kind: "document", ID: string(p.Doc.ID)}, similarRows)
	if portal.KindOf(err) == portal.Unavailable {
		s.Log.Error("search is down", "error", err)
		return nil
	}
	for _, l := range s.Store.Listings(keys...) {
		if l != nil && !slices.Contains(p.Related, l) {
			p.Similar = append(p.Similar, l)
		}
	}
	return err
}

// documentVersion answers GET /documents/{id}/versions/{n}: what the
// document said before it was corrected. Of a withdrawn document no version
// is shown.
func (s *Face) documentVersion(c echo.Context) error {
	doc, err := s.DocumentOf(c)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.Param("n"))
	if err != nil || doc.Withdrawn {
		return portal.Missing()
	}
	p, err := s.documentPage(c, doc)
	if err != nil {
		return err
	}
	for _, v := range p.Versions {
		if v.Version == n {
			p.Doc, p.Old, p.Body, p.NoIndex = v, true, v.Body, true
			p.Gone = func(f portal.FileID) bool {
				return !doc.KeepFiles && page.Attachment(doc.Attachments, string(f)) == nil
			}
			return s.Render(c, http.StatusOK, "document", p)
		}
	}
	return portal.Missing()
}

// documentFile sends an attachment of a public document. A file that a
// correction took out is gone with it, unless it was kept on purpose.
func (s *Face) documentFile(c echo.Context) error {
	doc, err := s.DocumentOf(c)
	if err != nil {
		return err
	}
	a, err := s.fileOf(c, doc)
	if err != nil {
		return err
	}
	return s.SendFile(c, *a, true)
}

// fileOf is the file of a public document that an address names.
func (s *Face) fileOf(c echo.Context, doc *documents.Document) (*portal.Attachment, error) {
	if doc.Withdrawn {
		return nil, portal.Missing()
	}
	if a := page.Attachment(doc.Attachments, c.Param("file")); a != nil {
		return a, nil
	}
	if !doc.KeepFiles {
		return nil, portal.Missing()
	}
	versions, err := s.Store.Versions(c.Request().Context(), doc.ID)
	if err != nil {
		return nil, err
	}
	for _, v := range versions {
		if a := page.Attachment(v.Attachments, c.Param("file")); a != nil {
			return a, nil
		}
	}
	return nil, portal.Missing()
}

// documentRead shows what stands in a file, page by page.
func (s *Face) documentRead(c echo.Context) error {
	doc, err := s.DocumentOf(c)
	if err != nil {
		return err
	}
	a, err := s.fileOf(c, doc)
	if err != nil {
		return err
	}
	at := s.Address(documents.KeyOf(doc.ID))
	return s.Reading.ShowFile(c, *a, at, at+"/files/"+string(a.File)+"/"+url.PathEscape(a.Name), at+"/read/"+string(a.File))
}

// documentPicture sends a page of a file as a picture.
func (s *Face) documentPicture(c echo.Context) error {
	doc, err := s.DocumentOf(c)
	if err != nil {
		return err
	}
	a, err := s.fileOf(c, doc)
	if err != nil {
		return err
	}
	return s.Reading.SendPicture(c, *a, c.Param("page"))
}
