package public

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/web/page"
)

// collectionsPage is what collections.html shows.
type collectionsPage struct {
	page.Base
	Rows []collectionRow
}

// collectionRow is a collection and how many documents it has.
type collectionRow struct {
	documents.Collection
	N int
}

// collectionPage is what collection.html shows.
type collectionPage struct {
	page.Base
	Collection documents.Collection
	Groups     []documents.Group
	N          int
}

// plainPage is what plain.html shows: a document of a collection of which only title,
// note and text are shown.
type plainPage struct {
	page.Base
	Collection documents.Collection
	Doc        *documents.Document
	Ended      bool
}

// collections answers GET /collections.
func (s *Face) collections(c echo.Context) error {
	t := page.TextsOf(c)
	p := collectionsPage{Base: s.Base(c, t.T("collection.title"))}
	p.Section = "catalogue"
	all := s.Store.Browse(portal.Browse{Kind: documents.Kind.Code, Page: 1, Size: portal.Everything}).Rows
	for _, x := range documents.Collections {
		row := collectionRow{Collection: x}
		for _, l := range all {
			if x.Holds(l) {
				row.N++
			}
		}
		p.Rows = append(p.Rows, row)
	}
	return s.Render(c, http.StatusOK, "collections", p)
}

// collection answers GET /collections/{code}.
func (s *Face) collection(c echo.Context) error {
	x, ok := documents.CollectionNamed(c.Param("code"))
	if !ok {
		return portal.Missing()
	}
	p := collectionPage{Base: s.Base(c, x.Name.In(page.LangOf(c))), Collection: x, Groups: x.Collect(s.Store.Browse(portal.Browse{Kind: documents.Kind.Code, Page: 1, Size: portal.Everything}).Rows)}
	p.Section = "catalogue"
	for _, g := range p.Groups {
		p.N += len(g.Rows)
	}
	return s.Render(c, http.StatusOK, "collection", p)
}

// collected answers GET /collections/{code}/{id}: a document as a collection of plain
// texts shows it.
func (s *Face) collected(c echo.Context) error {
	x, ok := documents.CollectionNamed(c.Param("code"))
	if !ok || !x.Plain {
		return portal.Missing()
	}
	doc, err := s.DocumentOf(c)
	if err != nil {
		return err
	}
	if doc.Withdrawn || !x.Holds(doc.Listing()) {
		return portal.Missing()
	}
	p := plainPage{Base: s.Base(c, doc.TitleIn(page.LangOf(c))), Collection: x, Doc: doc, Ended: doc.Ended(portal.DateOf(s.Now()))}
	p.Section = "catalogue"
	p.Canon = s.OriginOf(c) + s.Address(documents.KeyOf(doc.ID))
	return s.Render(c, http.StatusOK, "plain", p)
}
