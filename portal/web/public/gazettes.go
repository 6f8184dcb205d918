package public

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/gazette"
	"gongkai/portal/letter"
	"gongkai/portal/web/page"
)

// gazettesPage is what gazettes.html shows.
type gazettesPage struct {
	page.Base
	Rows  []*portal.Listing
	Pager page.Pager
}

// gazettePage is what gazette.html shows: the cover and the table of contents.
type gazettePage struct {
	page.Base
	Issue *gazette.Issue
	Rows  []*portal.Listing
}

// gazettes answers GET /gazettes.
func (s *Face) gazettes(c echo.Context) error {
	b, err := page.BrowseOf(c)
	if err != nil {
		return err
	}
	b.Kind = gazette.Kind.Code
	list := s.Store.Browse(b)
	p := gazettesPage{Base: s.Base(c, page.TextsOf(c).T("gazette.title")), Rows: list.Rows, Pager: page.PagerOf(c, b.Page, b.Size, list.Total)}
	p.Section = "catalogue"
	return s.Render(c, http.StatusOK, "gazettes", p)
}

// gazette answers GET /gazettes/{id}.
func (s *Face) gazette(c echo.Context) error {
	i, err := s.Store.Gazettes.Get(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	p := gazettePage{Base: s.Base(c, i.Name().In(page.LangOf(c))), Issue: i}
	p.Section = "catalogue"
	for _, d := range i.Documents {
		if l := s.Store.Listings(documents.KeyOf(documents.DocumentID(d)))[0]; l != nil {
			p.Rows = append(p.Rows, l)
		}
	}
	return s.Render(c, http.StatusOK, "gazette", p)
}

// gazettePDF answers GET /gazettes/{id}/pdf: the whole issue as one file. What was
// withdrawn since is named and left out.
func (s *Face) gazettePDF(c echo.Context) error {
	ctx, t := c.Request().Context(), page.TextsOf(c)
	i, err := s.Store.Gazettes.Get(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	var parts []letter.Part
	for _, d := range i.Documents {
		doc, err := s.Documents.Document(ctx, documents.DocumentID(d))
		if err != nil {
			return err
		}
		parts = append(parts, s.partOf(c, doc))
	}
	name := i.Name()
	file, err := letter.Printer{}.Booklet([]string{i.Title.ZH, strings.TrimPrefix(name.ZH, i.Title.ZH+" "), s.OrganName(i.Organ, "zh"), i.Published.String()}, t.T("gazette.contents"), parts, i.ChangedAt)
	if err != nil {
		return err
	}
	return page.SendMade(c, name.In(t.Lang)+".pdf", file)
}

// partOf is a document as it is printed.
func (s *Face) partOf(c echo.Context, doc *documents.Document) letter.Part {
	t := page.TextsOf(c)
	var note []string
	for _, x := range []string{doc.Number, s.OrganName(doc.Lead(), "zh"), doc.Formed.String()} {
		if x != "" {
			note = append(note, x)
		}
	}
	p := letter.Part{Title: doc.Title, Note: strings.Join(note, "　"), Text: doc.Body}
	if doc.Ended(s.Today()) {
		p.Note += "　" + portal.Validities.NameOf(doc.Validity, "zh")
	}
	if doc.Withdrawn {
		p.Text = t.T("doc.withdrawn_tag")
	} else if p.Text == "" { // it stands in its files
		p.Text = doc.Summary
		for _, a := range doc.Attachments {
			p.Text += "\n\n" + t.T("doc.attachments") + "：" + a.Name
		}
	}
	return p
}

// documentPoster answers GET /documents/{id}/poster: a sheet for a wall (上墙公示).
func (s *Face) documentPoster(c echo.Context) error {
	doc, err := s.DocumentOf(c)
	if err != nil {
		return err
	}
	if doc.Withdrawn {
		return portal.Missing()
	}
	size := c.QueryParam("size")
	if _, ok := letter.Sizes[size]; !ok {
		size = "A4"
	}
	file, err := letter.Printer{}.Poster(s.partOf(c, doc), doc.IndexNumber+"　"+s.OriginOf(c)+s.Address(documents.KeyOf(doc.ID)), size, doc.ChangedAt)
	if err != nil {
		return err
	}
	return page.SendMade(c, doc.Title+" "+size+".pdf", file)
}

// screenPage is what screen.html shows: documents for a screen in a hall, which turns
// its pages by itself.
type screenPage struct {
	page.Base
	Docs []*documents.Document
}

// maxScreen is how many documents a screen turns through.
const maxScreen = 20

// screen answers GET /screen: one document, the newest of an organ, or the newest of all.
func (s *Face) screen(c echo.Context) error {
	ctx, t := c.Request().Context(), page.TextsOf(c)
	p := screenPage{Base: s.Base(c, t.T("screen.title"))}
	var ids []documents.DocumentID
	if id, ok := documents.ParseDocumentID(c.QueryParam("document")); ok {
		ids = append(ids, id)
	} else {
		for _, l := range s.Store.Browse(portal.Browse{Kind: documents.Kind.Code, Organ: portal.OrganCode(c.QueryParam("organ")), Page: 1, Size: maxScreen}).Rows {
			ids = append(ids, documents.DocumentID(l.ID))
		}
	}
	for _, id := range ids {
		doc, err := s.Documents.Document(ctx, id)
		if err != nil {
			return err
		}
		if !doc.Withdrawn {
			p.Docs = append(p.Docs, doc)
		}
	}
	if len(p.Docs) == 0 {
		return portal.Missing()
	}
	return s.Render(c, http.StatusOK, "screen", p)
}
