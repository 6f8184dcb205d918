package web

import (
	"mime"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/query"
)

// documentPage is what document.html shows.
type documentPage struct {
	base
	Doc      *documents.Document
	Old      bool // this is a superseded version
	Versions []*documents.Document
	Related  []*portal.Listing
	Similar  []*portal.Listing
	Body     string
	Words    []string                 // to mark, from the search one came from
	Files    string                   // address of the files
	Gone     func(portal.FileID) bool // a file of an older version that is public no more
}

// documentOf loads the document that a route names, public or withdrawn.
func (s *Server) documentOf(c echo.Context) (*documents.Document, error) {
	id, ok := documents.ParseDocumentID(c.Param("id"))
	if !ok {
		return nil, portal.Missing()
	}
	return s.Store.Document(id)
}

// document answers GET /documents/{id}. A withdrawn document's page says so
// and why, with the status 410; its address never dies.
func (s *Server) document(c echo.Context) error {
	doc, err := s.documentOf(c)
	if err != nil {
		return err
	}
	if c.Param("id") != string(doc.ID) {
		return c.Redirect(http.StatusMovedPermanently, s.address(portal.Key{Kind: "document", ID: string(doc.ID)}))
	}
	p, err := s.documentPage(c, doc)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if doc.Withdrawn {
		status = http.StatusGone
	}
	return s.render(c, status, "document", p)
}

func (s *Server) documentPage(c echo.Context, doc *documents.Document) (documentPage, error) {
	lang := langOf(c)
	p := documentPage{base: s.base(c, doc.TitleIn(lang)), Doc: doc, Gone: func(portal.FileID) bool { return false }, Files: s.address(portal.Key{Kind: "document", ID: string(doc.ID)}) + "/files/"}
	p.Section = "catalogue"
	p.Canon = s.origin(c) + s.address(portal.Key{Kind: "document", ID: string(doc.ID)})
	p.Columns = column{Name: textsOf(c).T("catalogue.title"), Type: "信息公开目录", ArticleTitle: doc.Title, PubDate: doc.PublishedAt.In(s.Now().Location()).Format("2006-01-02 15:04"),
		ContentSource: s.organName(doc.Lead(), "zh"), Description: doc.Summary}
	p.Feeds = s.feedRefs(c, "organ="+string(doc.Lead()))
	if q := []rune(c.QueryParam("q")); len(q) > 0 && len(q) <= query.MaxQuery {
		p.Words = s.Search.Words(string(q))
	}
	var err error
	if p.Versions, err = s.Store.Versions(doc.ID); err != nil {
		return p, err
	}
	p.Body = doc.Body
	if lang == "en" && doc.BodyEN != "" {
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
	return p, s.similar(c, &p)
}

// similarRows is how many documents on the same subject a page shows.
const similarRows = 5

// similar fills in documents on the same subject. A page does without them
// while the search is down.
func (s *Server) similar(c echo.Context, p *documentPage) error {
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
func (s *Server) documentVersion(c echo.Context) error {
	doc, err := s.documentOf(c)
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
			p.Doc, p.Old, p.Body = v, true, v.Body
			p.Gone = func(f portal.FileID) bool {
				return !doc.KeepFiles && attachment(doc.Attachments, string(f)) == nil
			}
			return s.render(c, http.StatusOK, "document", p)
		}
	}
	return portal.Missing()
}

// documentFile sends an attachment of a public document. A file that a
// correction took out is gone with it, unless it was kept on purpose.
func (s *Server) documentFile(c echo.Context) error {
	doc, err := s.documentOf(c)
	if err != nil {
		return err
	}
	if doc.Withdrawn {
		return portal.Missing()
	}
	if a := attachment(doc.Attachments, c.Param("file")); a != nil {
		return s.sendFile(c, *a, true)
	}
	if !doc.KeepFiles {
		return portal.Missing()
	}
	versions, err := s.Store.Versions(doc.ID)
	if err != nil {
		return err
	}
	for _, v := range versions {
		if a := attachment(v.Attachments, c.Param("file")); a != nil {
			return s.sendFile(c, *a, true)
		}
	}
	return portal.Missing()
}

func attachment(list []portal.Attachment, id string) *portal.Attachment {
	for i := range list {
		if string(list[i].File) == id {
			return &list[i]
		}
	}
	return nil
}

// sendFile sends a stored file as a download, so that nothing in it runs in
// the portal's name; a public PDF, which browsers show in a viewer of their own,
// may be looked at. Parts of it may be asked for.
func (s *Server) sendFile(c echo.Context, a portal.Attachment, public bool) error {
	f, err := s.Store.OpenFile(a.File)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	h := fileHeader(c, a.Name, a.Type, public && a.Type == "application/pdf") // at a page
	h.Set("ETag", `"`+string(a.File)+`"`)
	http.ServeContent(c.Response(), c.Request(), a.Name, st.ModTime(), f)
	return nil
}

// fileHeader says what file is sent: one to save or, inline, one to open in the
// browser.
func fileHeader(c echo.Context, name, mediaType string, inline bool) http.Header {
	h := c.Response().Header()
	how := "attachment"
	if inline {
		how = "inline"
		if mediaType == "application/pdf" { // the browser's viewer is a page of its own
			h.Set("Content-Security-Policy", "frame-ancestors 'self'")
		}
	}
	h.Set(echo.HeaderContentType, mediaType)
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType(how, map[string]string{"filename": name}))
	return h
}

// sendBytes sends a file made on the spot; nobody may keep it.
func (s *Server) sendBytes(c echo.Context, data []byte, mediaType, name string, inline bool) error {
	fileHeader(c, name, mediaType, inline).Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, mediaType, data)
}
