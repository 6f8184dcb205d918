package harvest

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

// pageSize is how many datasets a page of the catalogue has.
const pageSize = 500

// The licences and types that DCAT-AP takes from the vocabularies of the EU.
const (
	fileTypes = "http://publications.europa.eu/resource/authority/file-type/"
	languages = "http://publications.europa.eu/resource/authority/language/"
)

// dcat answers GET /dcat.jsonld and /dcat.ttl: every public record as a dataset (DCAT-AP 3),
// page by page, the registers and the whole catalogue on the first.
func (s *Face) dcat(write writer, kind string) echo.HandlerFunc {
	return func(c echo.Context) error {
		n := max(1, page.NumberOf(c, "page"))
		rows := s.all(false)
		pages := max(1, (len(rows)+pageSize-1)/pageSize)
		if n > pages {
			return portal.Missing()
		}
		var b bytes.Buffer
		write(&b, s.datasets(c, rows[(n-1)*pageSize:min(len(rows), n*pageSize)], n, pages, len(rows)))
		return c.Blob(http.StatusOK, kind, b.Bytes())
	}
}

func (s *Face) datasets(c echo.Context, rows []*portal.Listing, n, pages, total int) graph {
	at, m := s.OriginOf(c)+s.BasePath, s.Masthead()
	name := func(x portal.Text) (zh, en string) { return x.ZH, x.EN }
	catalogue := node{ID: at + "/dcat", Type: "dcat:Catalog"}
	zh, en := name(m.Name)
	catalogue.text("dct:title", zh, en)
	catalogue.text("dct:description", zh+"：依照《中华人民共和国政府信息公开条例》公开的信息", "What is disclosed under the Regulation on Open Government Information")
	catalogue.ref("foaf:homepage", at+"/")
	catalogue.ref("dct:language", languages+"ZHO", languages+"ENG")
	catalogue.ref("dcat:themeTaxonomy", at+"/dcat#themes")
	publisher := node{ID: at + "/#publisher", Type: "foaf:Agent"}
	if zh, en := name(m.Sponsor); zh != "" {
		publisher.text("foaf:name", zh, en)
	} else {
		publisher.text("foaf:name", m.Name.ZH, m.Name.EN)
	}
	catalogue.ref("dct:publisher", publisher.ID)
	scheme := node{ID: at + "/dcat#themes", Type: "skos:ConceptScheme"}
	scheme.text("dct:title", "主题分类", "Themes")
	scheme.text("skos:prefLabel", "主题分类", "Themes")
	g := graph{publisher, scheme}
	organs, themes := make(map[portal.OrganCode]bool), make(map[string]bool)
	for _, l := range rows {
		d := node{ID: at + l.Path(), Type: "dcat:Dataset"}
		d.text("dct:title", l.Title, l.TitleEN)
		description := l.Summary
		if description == "" {
			description = l.Title
		}
		d.text("dct:description", description, l.SummaryEN)
		d.literal("dct:identifier", l.Index, "")
		d.literal("dct:issued", l.Published.String(), "xsd:date")
		d.literal("dct:modified", l.ChangedAt.UTC().Format(time.RFC3339), "xsd:dateTime")
		d.ref("dct:language", languages+"ZHO")
		d.ref("dcat:landingPage", at+l.Path())
		for _, k := range l.Keywords {
			d.text("dcat:keyword", k, "")
		}
		if l.Theme != "" {
			d.ref("dcat:theme", at+"/dcat#theme-"+l.Theme)
			themes[l.Theme] = true
		}
		for i, o := range l.Organs {
			if i == 0 {
				d.ref("dct:publisher", at+"/organs/"+url.PathEscape(string(o)))
			}
			organs[o] = true
		}
		s.distribution(&g, &d, at+l.Path(), at+l.Path(), "HTML", "")
		if l.Kind == "document" {
			s.distribution(&g, &d, d.ID+"#json", at+"/api/v1/documents/"+url.PathEscape(l.ID), "JSON", at+"/api/v1/documents/"+url.PathEscape(l.ID))
		}
		catalogue.ref("dcat:dataset", d.ID)
		g = append(g, d)
	}
	if n == 1 {
		whole := node{ID: at + "/dcat#catalogue", Type: "dcat:Dataset"}
		whole.text("dct:title", "全部公开目录", "The whole catalogue")
		whole.text("dct:description", "全部公开记录的目录，每夜生成", "The list of everything public, made each night")
		whole.ref("dct:publisher", publisher.ID)
		for _, f := range [][2]string{{"catalogue.jsonl.gz", "JSON"}, {"catalogue.csv.gz", "CSV"}} {
			s.distribution(&g, &whole, whole.ID+"-"+f[1], at+"/dumps/"+f[0], f[1], at+"/dumps/"+f[0])
		}
		catalogue.ref("dcat:dataset", whole.ID)
		g = append(g, whole)
		for _, r := range s.Registers {
			d := node{ID: at + "/registers/" + r.Code, Type: "dcat:Dataset"}
			d.text("dct:title", r.Name.ZH, r.Name.EN)
			d.text("dct:description", r.Name.ZH+"，逐条公示", r.Name.EN+", entry by entry")
			d.ref("dct:publisher", publisher.ID)
			for _, f := range []string{"csv", "json", "xlsx"} {
				a := at + "/registers/" + r.Code + "?format=" + f
				s.distribution(&g, &d, d.ID+"#"+f, a, map[string]string{"csv": "CSV", "json": "JSON", "xlsx": "XLSX"}[f], a)
			}
			catalogue.ref("dcat:dataset", d.ID)
			g = append(g, d)
		}
	}
	for _, o := range s.Store.Organs() {
		if organs[o.Code] {
			a := node{ID: at + "/organs/" + url.PathEscape(string(o.Code)), Type: "foaf:Agent"}
			a.text("foaf:name", o.Name.ZH, o.Name.EN)
			g = append(g, a)
		}
	}
	for _, t := range portal.Themes.Terms {
		if themes[t.Code] {
			x := node{ID: at + "/dcat#theme-" + t.Code, Type: "skos:Concept"}
			x.text("skos:prefLabel", t.Name.ZH, t.Name.EN)
			x.ref("skos:inScheme", scheme.ID)
			g = append(g, x)
		}
	}
	return append(graph{catalogue, s.paging(c, n, pages, total)}, g...)
}

// distribution adds one form in which a dataset can be had.
func (s *Face) distribution(g *graph, d *node, id, access, format, download string) {
	if id == d.ID {
		id += "#html"
	}
	x := node{ID: id, Type: "dcat:Distribution"}
	x.ref("dcat:accessURL", access)
	if download != "" {
		x.ref("dcat:downloadURL", download)
	}
	x.ref("dct:format", fileTypes+format)
	d.ref("dcat:distribution", id)
	*g = append(*g, x)
}

// paging tells harvesters where the next page is (Hydra, as CKAN's harvester reads it).
func (s *Face) paging(c echo.Context, n, pages, total int) node {
	address := func(n int) string {
		return s.OriginOf(c) + c.Request().URL.Path + "?page=" + strconv.Itoa(n)
	}
	p := node{ID: address(n), Type: "hydra:PagedCollection"}
	p.literal("hydra:totalItems", strconv.Itoa(total), "xsd:integer")
	p.literal("hydra:itemsPerPage", strconv.Itoa(pageSize), "xsd:integer")
	first, last := address(1), address(pages)
	p.literal("hydra:firstPage", first, "")
	p.literal("hydra:lastPage", last, "")
	if n < pages {
		p.literal("hydra:nextPage", address(n+1), "")
	}
	if n > 1 {
		p.literal("hydra:previousPage", address(n-1), "")
	}
	return p
}
