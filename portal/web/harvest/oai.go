package harvest

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

// OAI-PMH 2.0 (openarchives.org): records as Dublin Core, in sets by kind and organ, changed
// between two instants; withdrawn ones are told as deleted.

// oaiSize is how many records a list has before it is to be resumed.
const oaiSize = 100

const oaiStamp = "2006-01-02T15:04:05Z"

// oaiError is a condition of the protocol.
type oaiError struct{ Code, Text string }

type oaiDoc struct {
	XMLName  struct{}   `xml:"OAI-PMH"`
	Space    string     `xml:"xmlns,attr"`
	XSI      string     `xml:"xmlns:xsi,attr"`
	Schema   string     `xml:"xsi:schemaLocation,attr"`
	Date     string     `xml:"responseDate"`
	Request  oaiRequest `xml:"request"`
	Errors   []oaiFault `xml:"error"`
	Identify *oaiIdentity
	Formats  *oaiFormats `xml:"ListMetadataFormats"`
	Sets     *oaiSets    `xml:"ListSets"`
	Headers  *oaiHeaders `xml:"ListIdentifiers"`
	Records  *oaiRecords `xml:"ListRecords"`
	Record   *oaiOne     `xml:"GetRecord"`
}

type oaiRequest struct {
	Verb       string `xml:"verb,attr,omitempty"`
	Identifier string `xml:"identifier,attr,omitempty"`
	Prefix     string `xml:"metadataPrefix,attr,omitempty"`
	From       string `xml:"from,attr,omitempty"`
	Until      string `xml:"until,attr,omitempty"`
	Set        string `xml:"set,attr,omitempty"`
	Token      string `xml:"resumptionToken,attr,omitempty"`
	Base       string `xml:",chardata"`
}

type oaiFault struct {
	Code string `xml:"code,attr"`
	Text string `xml:",chardata"`
}

type oaiIdentity struct {
	XMLName     struct{} `xml:"Identify"`
	Name        string   `xml:"repositoryName"`
	Base        string   `xml:"baseURL"`
	Version     string   `xml:"protocolVersion"`
	Email       string   `xml:"adminEmail"`
	Earliest    string   `xml:"earliestDatestamp"`
	Deleted     string   `xml:"deletedRecord"`
	Granularity string   `xml:"granularity"`
}

type oaiFormats struct {
	Formats []oaiFormat `xml:"metadataFormat"`
}

type oaiFormat struct {
	Prefix    string `xml:"metadataPrefix"`
	Schema    string `xml:"schema"`
	Namespace string `xml:"metadataNamespace"`
}

type oaiSets struct {
	Sets []oaiSet `xml:"set"`
}

type oaiSet struct {
	Spec string `xml:"setSpec"`
	Name string `xml:"setName"`
}

type oaiHeader struct {
	Status     string   `xml:"status,attr,omitempty"`
	Identifier string   `xml:"identifier"`
	Stamp      string   `xml:"datestamp"`
	Sets       []string `xml:"setSpec"`
}

type oaiToken struct {
	Size   int    `xml:"completeListSize,attr"`
	Cursor int    `xml:"cursor,attr"`
	Token  string `xml:",chardata"`
}

type oaiHeaders struct {
	Headers []oaiHeader `xml:"header"`
	Token   *oaiToken   `xml:"resumptionToken"`
}

type oaiRecords struct {
	Records []oaiRecord `xml:"record"`
	Token   *oaiToken   `xml:"resumptionToken"`
}

type oaiOne struct {
	Record oaiRecord `xml:"record"`
}

type oaiRecord struct {
	Header   oaiHeader    `xml:"header"`
	Metadata *oaiMetadata `xml:"metadata"`
}

type oaiMetadata struct {
	DC oaiDC `xml:"oai_dc:dc"`
}

type oaiDC struct {
	Space      string   `xml:"xmlns:oai_dc,attr"`
	DC         string   `xml:"xmlns:dc,attr"`
	XSI        string   `xml:"xmlns:xsi,attr"`
	Schema     string   `xml:"xsi:schemaLocation,attr"`
	Title      []string `xml:"dc:title"`
	Creator    []string `xml:"dc:creator"`
	Subject    []string `xml:"dc:subject"`
	Summary    []string `xml:"dc:description"`
	Publisher  []string `xml:"dc:publisher"`
	Date       []string `xml:"dc:date"`
	Type       []string `xml:"dc:type"`
	Identifier []string `xml:"dc:identifier"`
	Language   []string `xml:"dc:language"`
}

// oai answers GET and POST /oai.
func (s *Face) oai(c echo.Context) error {
	q := url.Values(nil)
	if c.Request().Method == http.MethodPost {
		var err error
		if q, err = c.FormParams(); err != nil {
			return err
		}
	} else {
		q = c.QueryParams()
	}
	base := s.OriginOf(c) + s.BasePath + "/oai"
	doc := oaiDoc{Space: "http://www.openarchives.org/OAI/2.0/", XSI: "http://www.w3.org/2001/XMLSchema-instance", Schema: "http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd",
		Date: s.Now().UTC().Format(oaiStamp), Request: oaiRequest{Base: base}}
	if fault := s.answer(c, &doc, q); fault != nil {
		doc.Errors = []oaiFault{{fault.Code, fault.Text}}
		if fault.Code == "badVerb" || fault.Code == "badArgument" {
			doc.Request = oaiRequest{Base: base}
		}
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	if err := xml.NewEncoder(&b).Encode(doc); err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "text/xml; charset=utf-8", b.Bytes())
}

// oaiArguments are those that each verb takes; one with a star is required.
var oaiArguments = map[string]string{
	"Identify": "", "ListMetadataFormats": "identifier", "ListSets": "resumptionToken",
	"ListIdentifiers": "from until set metadataPrefix* resumptionToken", "ListRecords": "from until set metadataPrefix* resumptionToken", "GetRecord": "identifier* metadataPrefix*",
}

// answer fills in the answer to a request, or tells what is wrong with it.
func (s *Face) answer(c echo.Context, doc *oaiDoc, q url.Values) *oaiError {
	verb := q.Get("verb")
	takes, known := oaiArguments[verb]
	if !known || len(q["verb"]) != 1 {
		return &oaiError{"badVerb", "the verb is missing, repeated or unknown"}
	}
	for name, v := range q {
		if name != "verb" && (!slices.Contains(strings.Fields(strings.ReplaceAll(takes, "*", "")), name) || len(v) != 1) {
			return &oaiError{"badArgument", name + " is not an argument of " + verb + ", or is repeated"}
		}
	}
	token := q.Get("resumptionToken")
	if token != "" && len(q) > 2 {
		return &oaiError{"badArgument", "resumptionToken stands alone"}
	}
	for name := range strings.FieldsSeq(takes) {
		if n, must := strings.CutSuffix(name, "*"); must && token == "" && q.Get(n) == "" {
			return &oaiError{"badArgument", n + " is missing"}
		}
	}
	doc.Request.Verb, doc.Request.Identifier, doc.Request.Prefix, doc.Request.From, doc.Request.Until, doc.Request.Set, doc.Request.Token = verb, q.Get("identifier"), q.Get("metadataPrefix"), q.Get("from"), q.Get("until"), q.Get("set"), token
	if p := q.Get("metadataPrefix"); p != "" && p != "oai_dc" {
		return &oaiError{"cannotDisseminateFormat", "records are given as oai_dc"}
	}
	switch verb {
	case "Identify":
		return s.identify(c, doc)
	case "ListMetadataFormats":
		if id := q.Get("identifier"); id != "" && s.named(c, id) == nil {
			return &oaiError{"idDoesNotExist", "there is no such record"}
		}
		doc.Formats = &oaiFormats{[]oaiFormat{{"oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", "http://www.openarchives.org/OAI/2.0/oai_dc/"}}}
	case "ListSets":
		if token != "" {
			return &oaiError{"badResumptionToken", "the list of sets is given whole"}
		}
		doc.Sets = s.sets()
	case "GetRecord":
		l := s.named(c, q.Get("identifier"))
		if l == nil {
			return &oaiError{"idDoesNotExist", "there is no such record"}
		}
		doc.Record = &oaiOne{s.record(c, l)}
	default:
		return s.list(c, doc, verb, q, token)
	}
	return nil
}

func (s *Face) identify(c echo.Context, doc *oaiDoc) *oaiError {
	m := s.Masthead()
	email := cmp.Or(m.Email, "webmaster@"+strings.Split(page.Host(s.OriginOf(c)), ":")[0])
	earliest := s.Now()
	for _, l := range s.all(true) {
		if l.ChangedAt.Before(earliest) {
			earliest = l.ChangedAt
		}
	}
	doc.Identify = &oaiIdentity{Name: m.Name.ZH, Base: doc.Request.Base, Version: "2.0", Email: email, Earliest: earliest.UTC().Format(oaiStamp), Deleted: "persistent", Granularity: "YYYY-MM-DDThh:mm:ssZ"}
	return nil
}

// sets are the kinds of records, and the organs.
func (s *Face) sets() *oaiSets {
	out := new(oaiSets)
	for _, k := range portal.ContentKinds.Terms {
		out.Sets = append(out.Sets, oaiSet{"kind:" + k.Code, k.Name.ZH})
	}
	for _, o := range s.Store.Organs() {
		out.Sets = append(out.Sets, oaiSet{"organ:" + string(o.Code), o.Name.ZH})
	}
	return out
}

// identifier names a record for good: oai:host:kind/id.
func (s *Face) identifier(c echo.Context, l *portal.Listing) string {
	return "oai:" + strings.Split(page.Host(s.OriginOf(c)), ":")[0] + ":" + l.Kind + "/" + url.PathEscape(l.ID)
}

// named is the record with an identifier; nil for none.
func (s *Face) named(c echo.Context, identifier string) *portal.Listing {
	rest, ok := strings.CutPrefix(identifier, "oai:"+strings.Split(page.Host(s.OriginOf(c)), ":")[0]+":")
	if !ok {
		return nil
	}
	k := portal.ParseKey(rest)
	id, err := url.PathUnescape(k.ID)
	if err != nil {
		return nil
	}
	return s.Public.Known(portal.Key{Kind: k.Kind, ID: id})[0]
}

func (s *Face) header(c echo.Context, l *portal.Listing) oaiHeader {
	h := oaiHeader{Identifier: s.identifier(c, l), Stamp: l.ChangedAt.UTC().Format(oaiStamp), Sets: []string{"kind:" + l.Kind}}
	for _, o := range l.Organs {
		h.Sets = append(h.Sets, "organ:"+string(o))
	}
	if l.Withdrawn {
		h.Status = "deleted"
	}
	return h
}

func (s *Face) record(c echo.Context, l *portal.Listing) oaiRecord {
	r := oaiRecord{Header: s.header(c, l)}
	if l.Withdrawn {
		return r
	}
	some := func(v ...string) []string { return slices.DeleteFunc(v, func(x string) bool { return x == "" }) }
	d := oaiDC{Space: "http://www.openarchives.org/OAI/2.0/oai_dc/", DC: "http://purl.org/dc/elements/1.1/", XSI: "http://www.w3.org/2001/XMLSchema-instance", Schema: "http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
		Title: some(l.Title, l.TitleEN), Summary: some(l.Summary), Subject: some(append(slices.Clone(l.Keywords), portal.Themes.NameOf(l.Theme, "zh"))...),
		Publisher: []string{s.Masthead().Name.ZH}, Date: some(l.Formed.String(), l.Published.String()), Type: some(portal.ContentKinds.NameOf(l.Kind, "zh"), portal.Genres.NameOf(l.Genre, "zh")),
		Identifier: some(s.OriginOf(c)+s.Address(l.Key), l.Index, l.Number), Language: []string{"zh"}}
	for _, o := range l.Organs {
		d.Creator = append(d.Creator, s.OrganName(o, "zh"))
	}
	r.Metadata = &oaiMetadata{d}
	return r
}

// span reads from and until, which have one granularity; until is inclusive.
func span(from, until string) (a, b time.Time, fault *oaiError) {
	parse := func(v string) (time.Time, int, bool) {
		if t, err := time.Parse("2006-01-02", v); err == nil {
			return t, 10, true
		}
		t, err := time.Parse(oaiStamp, v)
		return t, 20, err == nil
	}
	b = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	var x, y int
	var ok bool
	if from != "" {
		if a, x, ok = parse(from); !ok {
			return a, b, &oaiError{"badArgument", "from is no date"}
		}
	}
	if until != "" {
		if b, y, ok = parse(until); !ok {
			return a, b, &oaiError{"badArgument", "until is no date"}
		}
		if y == 10 {
			b = b.Add(24*time.Hour - time.Second)
		}
	}
	if from != "" && until != "" && (x != y || a.After(b)) {
		return a, b, &oaiError{"badArgument", "from and until differ in granularity, or stand the wrong way round"}
	}
	return a, b, nil
}

// list answers ListIdentifiers and ListRecords. Records come by the time of their last
// change, so that what changes while a harvester goes on comes at the end.
func (s *Face) list(c echo.Context, doc *oaiDoc, verb string, q url.Values, token string) *oaiError {
	cursor, after := 0, ""
	if token != "" {
		b, err := base64.RawURLEncoding.DecodeString(token)
		kept, err2 := url.ParseQuery(string(b))
		if err != nil || err2 != nil || kept.Get("v") != verb {
			return &oaiError{"badResumptionToken", "the token is not of this list"}
		}
		q, after = kept, kept.Get("after")
		if cursor, err = strconv.Atoi(kept.Get("cursor")); err != nil {
			return &oaiError{"badResumptionToken", "the token is not of this list"}
		}
	}
	a, b, fault := span(q.Get("from"), q.Get("until"))
	if fault != nil {
		return fault
	}
	part, value, _ := strings.Cut(q.Get("set"), ":")
	var rows []*portal.Listing
	for _, l := range s.all(true) {
		at := l.ChangedAt.UTC().Truncate(time.Second)
		if at.Before(a) || at.After(b) || part == "kind" && l.Kind != value || part == "organ" && !slices.Contains(l.Organs, portal.OrganCode(value)) {
			continue
		}
		if part != "" && part != "kind" && part != "organ" {
			continue
		}
		rows = append(rows, l)
	}
	place := func(l *portal.Listing) string {
		return l.ChangedAt.UTC().Format(time.RFC3339Nano) + " " + l.Key.String()
	}
	slices.SortFunc(rows, func(x, y *portal.Listing) int {
		return cmp.Or(x.ChangedAt.Compare(y.ChangedAt), cmp.Compare(x.Key.String(), y.Key.String()))
	})
	size := len(rows)
	if after != "" {
		at, key, _ := strings.Cut(after, " ")
		when, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			return &oaiError{"badResumptionToken", "the token is not of this list"}
		}
		rows = rows[sort.Search(len(rows), func(i int) bool {
			return cmp.Or(rows[i].ChangedAt.Compare(when), cmp.Compare(rows[i].Key.String(), key)) > 0
		}):]
	}
	if len(rows) == 0 && token == "" {
		return &oaiError{"noRecordsMatch", "nothing matches"}
	}
	var next *oaiToken
	if len(rows) > oaiSize {
		rows = rows[:oaiSize]
		kept := url.Values{"v": {verb}, "after": {place(rows[oaiSize-1])}, "cursor": {strconv.Itoa(cursor + oaiSize)}}
		for _, name := range []string{"from", "until", "set"} {
			if q.Get(name) != "" {
				kept.Set(name, q.Get(name))
			}
		}
		next = &oaiToken{size, cursor, base64.RawURLEncoding.EncodeToString([]byte(kept.Encode()))}
	} else if token != "" {
		next = &oaiToken{Size: size, Cursor: cursor}
	}
	if verb == "ListIdentifiers" {
		doc.Headers = &oaiHeaders{Token: next}
		for _, l := range rows {
			doc.Headers.Headers = append(doc.Headers.Headers, s.header(c, l))
		}
		return nil
	}
	doc.Records = &oaiRecords{Token: next}
	for _, l := range rows {
		doc.Records.Records = append(doc.Records.Records, s.record(c, l))
	}
	return nil
}
