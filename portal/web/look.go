package web

import (
	"encoding/xml"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/masthead"
)

// style sends what follows from a colour of a masthead: for one colour always the same.
func (s *Server) style(c echo.Context) error {
	colour := c.QueryParam("colour")
	if !masthead.IsColour(colour) {
		return portal.Missing()
	}
	forEver(c)
	return c.Blob(http.StatusOK, "text/css; charset=utf-8", []byte(masthead.Style(colour)))
}

// emblem sends the picture beside the portal's name.
func (s *Server) emblem(c echo.Context) error {
	m := s.Masthead()
	if m.Emblem == nil {
		return portal.Missing()
	}
	f, err := s.Site.Store.OpenFile(c.Request().Context(), m.Emblem.File)
	if err != nil {
		return err
	}
	defer f.Close()
	forEver(c)
	c.Response().Header().Set(echo.HeaderContentType, m.Emblem.Type)
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, f)
	return nil
}

func forEver(c echo.Context) {
	c.Response().Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	c.Response().Header().Del("Vary")
}

// robots tells crawlers what to leave alone: what is for one person, and searches.
func (s *Server) robots(c echo.Context) error {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	for _, p := range []string{"/desk", "/track", "/search", "/alerts", "/opinion", "/pass", "/qr.svg"} {
		b.WriteString("Disallow: " + s.BasePath + p + "\n")
	}
	b.WriteString("Sitemap: " + s.OriginOf(c) + s.BasePath + "/sitemap.xml\n")
	return c.String(http.StatusOK, b.String())
}

// securityTXT says whom to tell of a hole (RFC 9116). It holds for a year from the day
// it is read: the masthead's address is kept.
func (s *Server) securityTXT(c echo.Context) error {
	contact := s.OriginOf(c) + s.BasePath + "/mailbox/write/site"
	if e := s.Masthead().Email; e != "" {
		contact = "mailto:" + e
	}
	return c.String(http.StatusOK, "Contact: "+contact+"\nExpires: "+s.Now().UTC().AddDate(1, 0, 0).Truncate(24*time.Hour).Format(time.RFC3339)+"\nPreferred-Languages: zh, en\nCanonical: "+s.OriginOf(c)+s.BasePath+"/.well-known/security.txt\n")
}

// opensearch describes the search to browsers (OpenSearch 1.1).
func (s *Server) opensearch(c echo.Context) error {
	at := s.OriginOf(c) + s.BasePath
	name := portal.Named(s.Masthead().Name, "zh")
	b, err := xml.Marshal(openSearch{Space: "http://a9.com/-/spec/opensearch/1.1/", ShortName: short(name, 16), Description: short(name, 1024), Encoding: "UTF-8", Language: "zh-CN",
		URLs: []openSearchURL{{"text/html", at + "/search?q={searchTerms}"}, {"application/atom+xml", at + "/feed.atom?q={searchTerms}"}}})
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "application/opensearchdescription+xml; charset=utf-8", append([]byte(xml.Header), b...))
}

type openSearch struct {
	XMLName     struct{}        `xml:"OpenSearchDescription"`
	Space       string          `xml:"xmlns,attr"`
	ShortName   string          `xml:"ShortName"`
	Description string          `xml:"Description"`
	Encoding    string          `xml:"InputEncoding"`
	Language    string          `xml:"Language"`
	URLs        []openSearchURL `xml:"Url"`
}

type openSearchURL struct {
	Type     string `xml:"type,attr"`
	Template string `xml:"template,attr"`
}

func short(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes])
	}
	return s
}
