package page

import (
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
)

// SendFile sends a stored file as a download, so that nothing in it runs in
// the portal's name; a public PDF, which browsers show in a viewer of their own,
// may be looked at. Parts of it may be asked for.
func (s *Site) SendFile(c echo.Context, a portal.Attachment, public bool) error {
	f, err := s.Store.OpenFile(c.Request().Context(), a.File)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	h := FileHeader(c, a.Name, a.Type, public && a.Type == "application/pdf") // at a page
	h.Set("ETag", `"`+string(a.File)+`"`)
	http.ServeContent(c.Response(), c.Request(), a.Name, st.ModTime(), f)
	return nil
}

// FileHeader says what file is sent: one to save or, inline, one to open in the
// browser.
func FileHeader(c echo.Context, name, mediaType string, inline bool) http.Header {
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

// made are the kinds of files that the portal makes, by their endings.
var made = map[string]string{
	".pdf":  "application/pdf",
	".json": "application/json; charset=utf-8",
	".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}

// SendMade sends a file that the portal has made, of the kind that its name says: a PDF to
// open in the browser, any other to save.
func SendMade(c echo.Context, name string, file []byte) error {
	ending := path.Ext(name)
	FileHeader(c, name, made[ending], ending == ".pdf")
	return c.Blob(http.StatusOK, made[ending], file)
}

// SendBytes sends a file made on the spot; nobody may keep it.
func (s *Site) SendBytes(c echo.Context, data []byte, mediaType, name string, inline bool) error {
	FileHeader(c, name, mediaType, inline).Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, mediaType, data)
}

func Attachment(list []portal.Attachment, id string) *portal.Attachment {
	for i := range list {
		if string(list[i].File) == id {
			return &list[i]
		}
	}
	return nil
}

// Kept is how long others may keep a page that is the same for everybody: as they like, but
// they must ask whether it is still right, which costs nothing.
const Kept = "public, no-cache"

// CachedPage is a finished page.
type CachedPage struct {
	Body []byte
	Kind string
	Etag string
}

// unkept says of an answer that it is right only now.
const unkept = "no-store"

// Passing says that what is being answered is not to be kept: the next reader may see another.
func Passing(c echo.Context) { c.Response().Header().Set("Cache-Control", unkept) }

// Keeps reports whether an answer may be kept.
func Keeps(c echo.Context) bool { return c.Response().Header().Get("Cache-Control") != unkept }

// countKey is where a request keeps how its reader is counted.
const countKey = "count"

// Count counts a reader, by the address, and lets every reader be counted to whom the same
// page is shown from memory.
func Count(c echo.Context, count func(visitor string)) {
	c.Set(countKey, count)
	count(c.RealIP())
}

// CountOf is how readers of an answer are counted; nil if they are not.
func CountOf(c echo.Context) func(visitor string) {
	count, _ := c.Get(countKey).(func(string))
	return count
}

// Conditional sends a page with its ETag, or 304.
func Conditional(c echo.Context, p CachedPage) error {
	h := c.Response().Header()
	h.Set("ETag", p.Etag)
	h.Set("Cache-Control", Kept)
	if match := c.Request().Header.Get("If-None-Match"); match != "" && strings.Contains(match, strings.TrimPrefix(p.Etag, "W/")) {
		return c.NoContent(http.StatusNotModified)
	}
	return c.Blob(http.StatusOK, p.Kind, p.Body)
}
