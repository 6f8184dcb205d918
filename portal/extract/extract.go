// Package extract finds the text in uploaded files: PDF, OFD, DOCX, XLSX, PPTX,
// ODT, ODS, DOC, XLS, WPS, RTF, HTML, CSV, plain text and Markdown, as a reader sees
// it, page by page, and apart from it what lies in them unseen. It says what was left
// out and why. Files are read in a child process only (portal/sandbox);
// nothing that is in a file is ever run.
package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"gongkai/portal"
	"gongkai/portal/sandbox"
	"gongkai/portal/table"
	"gongkai/portal/text"
)

// maxText bounds the text that is taken out of a file, in bytes.
const maxText = 4 << 20

// The types that may be uploaded, and the ending that goes with each.
var endings = map[string]string{
	"application/pdf": ".pdf",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   ".docx",
	"application/vnd.ms-word.document.macroenabled.12":                          ".docm",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         ".xlsx",
	"application/vnd.ms-excel.sheet.macroenabled.12":                            ".xlsm",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
	typeODT: ".odt", typeODS: ".ods", typeODP: ".odp", typeOFD: ".ofd",
	typeDOC: ".doc", typeXLS: ".xls",
	"text/rtf": ".rtf", "text/plain": ".txt", "text/csv": ".csv", "text/html": ".html",
	"image/png": ".png", "image/jpeg": ".jpg",
}

// Types that are told by more than how a file begins.
const (
	typeOLE = "application/x-ole-storage"
	typeDOC = "application/msword"
	typeXLS = "application/vnd.ms-excel"
	typeOFD = "application/ofd"
	typeODT = "application/vnd.oasis.opendocument.text"
	typeODS = "application/vnd.oasis.opendocument.spreadsheet"
	typeODP = "application/vnd.oasis.opendocument.presentation"
)

// Ending is the ending of the names of files of a type.
func Ending(mediaType string) string { return endings[mediaType] }

// active are kinds of text that a browser might run.
var active = map[string]bool{"text/xml": true, "application/xhtml+xml": true, "image/svg+xml": true, "text/javascript": true, "application/javascript": true}

// Type tells a file's media type by its content. It refuses what may not be
// uploaded. What a ZIP holds is told by a child.
func (r Reader) Type(ctx context.Context, f *os.File) (string, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	kind, whole, err := begins(f)
	if err != nil || !whole {
		return kind, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	var told string
	err = r.Pool.Do(ctx, jobType, what{}, f, &told)
	if e, ok := errors.AsType[*portal.Error](err); ok && e.Key == "error.unreadable" {
		err = portal.Damaged(e.Err)
	}
	return told, err
}

// begins tells a type by the beginning of a file, and whether the whole of it has
// to be looked at, because the beginning does not tell all.
func begins(f io.Reader) (kind string, whole bool, err error) {
	m, err := mimetype.DetectReader(f)
	if err != nil {
		return "", false, err
	}
	for k := m; k != nil; k = k.Parent() {
		name, _, _ := strings.Cut(k.String(), ";")
		switch {
		case active[name]:
			return "", false, &portal.Error{Kind: portal.Invalid, Key: "error.file_active"}
		case name == typeOLE, name == zipType, name == "text/html", name == "application/pdf", strings.HasPrefix(name, "image/") && endings[name] != "":
			return name, true, nil
		case strings.Contains(name, "opendocument."), strings.Contains(name, "openxmlformats"):
			return zipType, true, nil
		case endings[name] != "":
			return name, false, nil
		}
	}
	return "", false, errType
}

const zipType = "application/zip"

// errArchive says that a file is a ZIP of files.
var errArchive = &portal.Error{Kind: portal.Invalid, Key: "error.file_archive"}

// IsArchive reports whether a file was refused because it holds other files, which
// Reader.Unpack takes out.
func IsArchive(err error) bool {
	e, ok := errors.AsType[*portal.Error](err)
	return ok && e.Key == errArchive.Key
}

var errType = &portal.Error{Kind: portal.Invalid, Key: "error.file_type"}

// typeOf tells a type by all of a file, in a child.
func typeOf(file []byte) (string, error) {
	kind, whole, err := begins(bytes.NewReader(file))
	if err != nil || !whole {
		return kind, err
	}
	switch {
	case kind == typeOLE:
		return oleType(file)
	case kind == "text/html":
		return kind, harmless(file)
	case kind == zipType:
		return zippedType(file)
	}
	return kind, polyglot(file, kind)
}

// zippedType tells what a ZIP is.
func zippedType(file []byte) (string, error) {
	if bytes.HasPrefix(file, []byte("PK\x05\x06")) || !bytes.HasPrefix(file, []byte("PK\x03\x04")) {
		return "", errType
	}
	office, err := officeType(file)
	if err != nil {
		return "", err
	}
	if office == "" {
		if bytes.Contains(file[:min(len(file), 4096)], []byte("[Content_Types].xml")) {
			return "", portal.Damaged(errNoOffice)
		}
		return "", errArchive
	}
	return office, nil
}

// polyglot refuses a picture or PDF that is another kind of file besides: behind
// its end, or before its beginning, where another program looks.
func polyglot(file []byte, kind string) error {
	two := &portal.Error{Kind: portal.Invalid, Key: "error.file_two"}
	end := file[max(0, len(file)-70_000):]
	if bytes.Contains(end, []byte("PK\x05\x06")) && bytes.Contains(file, []byte("PK\x01\x02")) {
		return two
	}
	head := bytes.ToLower(file[:min(len(file), 1024)])
	if kind == "application/pdf" && !bytes.HasPrefix(bytes.TrimLeft(file, "\xef\xbb\xbf \t\r\n\x00"), []byte("%PDF-")) && (bytes.Contains(head, []byte("<script")) || bytes.Contains(head, []byte("<html")) || bytes.HasPrefix(file, []byte("\xff\xd8")) || bytes.HasPrefix(file, []byte("\x89PNG")) || bytes.HasPrefix(file, []byte("MZ"))) {
		return two
	}
	if strings.HasPrefix(kind, "image/") {
		low := bytes.ToLower(end)
		for _, mark := range []string{"%pdf-", "<script", "<html", "<?php"} {
			if bytes.Contains(low, []byte(mark)) || bytes.Contains(head, []byte(mark)) {
				return two
			}
		}
	}
	return nil
}

// errNoOffice says that a file begins like a document of Office and is none.
var errNoOffice = errors.New("not a whole document of Office")

// Result is what was read of a file.
type Result struct {
	// Pages are the texts of the pages of a PDF; other files have one.
	Pages []string `json:"pages"`
	// Notes say what was left out and what to look at, and why: message keys.
	Notes []portal.Problem `json:"notes,omitempty"`
	// Unseen is what lies in the file and is not seen.
	Unseen []portal.Unseen `json:"unseen,omitempty"`
	// Scans are the pages without text, from 1, which may be pictures of one.
	Scans []int `json:"scans,omitempty"`
	// Cause is why it could not be read, for the log.
	Cause string `json:"cause,omitempty"`
}

// hide keeps something that is not seen, as far as a file may have so much of it.
func (r *Result) hide(place string, args portal.Args, s string) {
	if s = strings.TrimSpace(text.Clean(s)); s == "" || len(r.Unseen) > 2000 {
		return
	}
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "")
	}
	r.Unseen = append(r.Unseen, portal.Unseen{Place: portal.Problem{Key: place, Args: args}, Text: s})
}

// Reading is what is kept of the result.
func (r Result) Reading() portal.Reading { return portal.Reading{Text: r.Text(), Unseen: r.Unseen} }

func (r *Result) note(key string, args portal.Args) {
	r.Notes = append(r.Notes, portal.Problem{Key: key, Args: args})
}

// Text is the text of all pages, each ended by a line of a form feed where there are
// several.
func (r Result) Text() string {
	if len(r.Pages) == 1 {
		return r.Pages[0]
	}
	var b strings.Builder
	for _, p := range r.Pages {
		b.WriteString(p + "\n\f")
	}
	return b.String()
}

// Reader reads files in child processes.
type Reader struct {
	Pool *sandbox.Pool
	// OCR reads what stands in pictures; nil where no program for it is installed.
	OCR *Recogniser
}

// Look tells a file's type and reads it, in one child. A file of a kind that is taken
// but that cannot be read is an empty result with the note read.failed.
func (r Reader) Look(ctx context.Context, f *os.File) (string, Result, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", Result{}, err
	}
	begins, whole, err := begins(f)
	if err != nil {
		return "", Result{}, err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", Result{}, err
	}
	var out looked
	err = r.Pool.Do(ctx, jobLook, what{begins}, f, &out)
	if e, ok := errors.AsType[*portal.Error](err); !ok || e.Key != "error.unreadable" {
		return out.Type, out.Result, err
	} else if whole && begins != "application/pdf" { // the child did not get as far as to say
		if begins, err = r.Type(ctx, f); err != nil {
			return "", Result{}, err
		}
		out.Err = e.Err.Error()
	}
	out.Result.note("read.failed", nil)
	out.Result.Cause = out.Err
	return begins, out.Result, nil
}

// looked is what a child says of a file.
type looked struct {
	Type   string `json:"type"`
	Result Result `json:"result"`
	Err    string `json:"err,omitempty"`
}

// look tells a type and reads, in a child.
func look(args json.RawMessage, file []byte) (any, error) {
	kind, err := typeOf(file)
	if err != nil {
		return nil, err
	}
	w, err := json.Marshal(what{kind})
	if err != nil {
		return nil, err
	}
	r, err := sandbox.Job{Do: read}.Safe(w, file)
	if _, told := errors.AsType[*portal.Error](err); told {
		return nil, err
	}
	out := looked{Type: kind}
	if err != nil {
		out.Err = err.Error()
		out.Result.note("read.failed", nil)
		out.Result.Cause = out.Err
		return out, nil
	}
	out.Result, _ = r.(Result)
	return out, nil
}

// The names of the jobs of children.
const (
	jobLook    = "look"
	jobType    = "type"
	jobText    = "text"
	jobSheets  = "sheets" // of a workbook, as tables
	jobUnpack  = "unpack" // some of the files of a ZIP
	jobSVG     = "svg"    // a page of an OFD document
	jobPicture = "scan"   // a page as a picture
)

// what tells a child what it is given.
type what struct {
	Type string `json:"type,omitempty"`
}

// Read reads a file of a type that Type has told. A file without text, such as
// a scan, gives none, and a note that says so. What cannot be read is a
// *portal.Error of kind Invalid.
func (r Reader) Read(ctx context.Context, f *os.File, mediaType string) (Result, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Result{}, err
	}
	var out Result
	err := r.Pool.Do(ctx, jobText, what{mediaType}, f, &out)
	return out, err
}

// ReadBytes is Read of a file that was made here.
func (r Reader) ReadBytes(ctx context.Context, file []byte, mediaType string) (Result, error) {
	var out Result
	err := r.Pool.Do(ctx, jobText, what{mediaType}, bytes.NewReader(file), &out)
	return out, err
}

// Workbook reads an XLSX file as tables.
func (r Reader) Workbook(ctx context.Context, file []byte) (table.Workbook, error) {
	var out table.Workbook
	err := r.Pool.Do(ctx, jobSheets, what{}, bytes.NewReader(file), &out)
	return out, err
}

// Jobs are the jobs of children, by name.
func Jobs() map[string]sandbox.Job {
	return map[string]sandbox.Job{
		jobLook:    {Prepare: prepare, Do: look},
		jobType:    {Do: func(_ json.RawMessage, file []byte) (any, error) { return typeOf(file) }},
		jobText:    {Prepare: prepare, Do: read},
		jobSheets:  {Do: readSheets},
		jobUnpack:  {Do: unpack},
		jobSVG:     {Do: ofdPicture},
		jobPicture: {Prepare: prepare, Do: drawn},
		jobTables:  {Prepare: prepare, Do: tables},
	}
}

func prepare(args json.RawMessage) error {
	var w what
	if err := json.Unmarshal(args, &w); err != nil {
		return err
	}
	if w.Type == "application/pdf" || w.Type == "" { // "": a person asks, and what comes is not known yet
		return loadPDF()
	}
	return nil
}

// read reads a file in a child.
func read(args json.RawMessage, file []byte) (any, error) {
	var w what
	if err := json.Unmarshal(args, &w); err != nil {
		return nil, err
	}
	var err error
	if w.Type == "" {
		if w.Type, err = typeOf(file); err != nil {
			return nil, err
		}
	}
	var r Result
	switch {
	case w.Type == "application/pdf":
		r, err = pdfText(file)
	case w.Type == typeOFD:
		r, err = ofdText(file)
	case w.Type == typeDOC:
		r, err = docText(file)
	case w.Type == typeXLS:
		r, err = xlsText(file)
	case strings.Contains(w.Type, "opendocument"):
		r, err = odfText(file)
	case strings.Contains(w.Type, "presentation"):
		r, err = pptxText(file)
	case strings.Contains(w.Type, "word"):
		r, err = docxText(file)
	case strings.Contains(w.Type, "sheet"):
		r, err = xlsxText(file)
	case w.Type == "text/rtf":
		r, err = rtfText(file)
	case w.Type == "text/csv":
		r, err = csvText(file)
	case w.Type == "text/html":
		r, err = pageOfWeb(file)
	case strings.HasPrefix(w.Type, "image/"):
		r, err = picture(file, w.Type)
	case strings.HasPrefix(w.Type, "text/"):
		r, err = plainText(file)
	default:
		return nil, errType
	}
	if err != nil {
		return nil, err
	}
	size := 0
	for i, p := range r.Pages {
		if p = text.Clean(p); strings.ContainsRune(p, utf8.RuneError) { // what stood there nobody can tell
			p = strings.ReplaceAll(p, string(utf8.RuneError), "")
			r.note("read.lost", nil)
		}
		if size+len(p) > maxText {
			p = strings.ToValidUTF8(p[:maxText-size], "")
			r.note("read.text_cut", portal.Args{"Limit": maxText >> 20})
			r.Pages = append(r.Pages[:i], p)
			break
		}
		r.Pages[i] = p
		size += len(p)
	}
	return r, nil
}

// one is a result of one page.
func one(text string) Result { return Result{Pages: []string{text}} }

// plainText reads a text in whatever encoding.
func plainText(file []byte) (Result, error) {
	text, _, err := Decode(file)
	return one(text), err
}
