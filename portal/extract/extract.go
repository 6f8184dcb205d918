// Package extract finds the text in uploaded files: PDF, DOCX, XLSX, RTF, CSV,
// plain text and Markdown, as a reader sees it, page by page. It says what was
// left out and why. Files are read in a child process only (portal/sandbox);
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
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
	"application/vnd.ms-word.document.macroenabled.12":                        ".docm",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       ".xlsx",
	"application/vnd.ms-excel.sheet.macroenabled.12":                          ".xlsm",
	"text/rtf": ".rtf", "text/plain": ".txt", "text/csv": ".csv",
	"image/png": ".png", "image/jpeg": ".jpg",
}

// Ending is the ending of the names of files of a type.
func Ending(mediaType string) string { return endings[mediaType] }

// active are kinds of text that a browser might run.
var active = map[string]bool{"text/html": true, "text/xml": true, "application/xhtml+xml": true, "image/svg+xml": true, "text/javascript": true, "application/javascript": true}

// Type tells a file's media type by its content. It refuses what may not be
// uploaded. What a ZIP holds is told by a child.
func (r Reader) Type(ctx context.Context, f *os.File) (string, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	st, err := f.Stat()
	if err != nil {
		return "", err
	}
	kind, zipped, err := begins(f, st.Size())
	if err != nil || !zipped {
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

// begins tells a type by the beginning of a file, and whether it is a ZIP, of
// which that does not tell all.
func begins(f interface {
	io.Reader
	io.ReaderAt
}, size int64) (kind string, zipped bool, err error) {
	m, err := mimetype.DetectReader(f)
	if err != nil {
		return "", false, err
	}
	for k := m; k != nil; k = k.Parent() {
		name, _, _ := strings.Cut(k.String(), ";")
		switch {
		case active[name]:
			return "", false, &portal.Error{Kind: portal.Invalid, Key: "error.file_active"}
		case name == "application/x-ole-storage":
			return "", false, &portal.Error{Kind: portal.Invalid, Key: oleProblem(f, size)}
		case name == zipType, strings.HasSuffix(name, "wordprocessingml.document"), strings.HasSuffix(name, "spreadsheetml.sheet"):
			return name, true, nil
		case endings[name] != "":
			return name, false, nil
		}
	}
	return "", false, errType
}

const zipType = "application/zip"

var errType = &portal.Error{Kind: portal.Invalid, Key: "error.file_type"}

// typeOf tells a type by all of a file, in a child.
func typeOf(file []byte) (string, error) {
	kind, zipped, err := begins(bytes.NewReader(file), int64(len(file)))
	if err != nil || !zipped {
		return kind, err
	}
	switch office, err := officeType(file); {
	case office != "" || err != nil:
		return office, err
	case kind != zipType:
		return "", portal.Damaged(errNoOffice)
	}
	return "", errType
}

// errNoOffice says that a file begins like a document of Office and is none.
var errNoOffice = errors.New("not a whole document of Office")

// Result is what was read of a file.
type Result struct {
	// Pages are the texts of the pages of a PDF; other files have one.
	Pages []string `json:"pages"`
	// Notes say what was left out and what to look at, and why: message keys.
	Notes []portal.Problem `json:"notes,omitempty"`
}

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
type Reader struct{ Pool *sandbox.Pool }

// The names of the jobs of children.
const (
	jobType   = "type"
	jobText   = "text"
	jobSheets = "sheets" // of a workbook, as tables
)

// what tells a child what it is given.
type what struct {
	Type string `json:"type,omitempty"`
}

// Read reads a file of a type that Type has told. A file without text, such as
// a scan, gives none, and a note that says so. What cannot be read is a
// *portal.Error of kind Invalid.
func (r Reader) Read(ctx context.Context, f *os.File, mediaType string) (Result, error) {
	if strings.HasPrefix(mediaType, "image/") {
		return Result{}, nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Result{}, err
	}
	var out Result
	err := r.Pool.Do(ctx, jobText, what{mediaType}, f, &out)
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
		jobType:   {Do: func(_ json.RawMessage, file []byte) (any, error) { return typeOf(file) }},
		jobText:   {Prepare: prepare, Do: read},
		jobSheets: {Do: readSheets},
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
	case strings.Contains(w.Type, "word"):
		r, err = docxText(file)
	case strings.Contains(w.Type, "sheet"):
		r, err = xlsxText(file)
	case w.Type == "text/rtf":
		r, err = rtfText(file)
	case w.Type == "text/csv":
		r, err = csvText(file)
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
		if p = text.Clean(p); size+len(p) > maxText {
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
