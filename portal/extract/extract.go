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
	"os"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"gongkai/portal"
	"gongkai/portal/sandbox"
	"gongkai/portal/table"
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
// uploaded.
func Type(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return "", err
	}
	return typeOf(f, st.Size())
}

// typeOf tells a type by content.
func typeOf(f *os.File, size int64) (string, error) {
	m, err := mimetype.DetectReader(f)
	if err != nil {
		return "", err
	}
	for k := m; k != nil; k = k.Parent() {
		name, _, _ := strings.Cut(k.String(), ";")
		switch {
		case active[name]:
			return "", &portal.Error{Kind: portal.Invalid, Key: "error.file_active"}
		case name == "application/x-ole-storage":
			return "", &portal.Error{Kind: portal.Invalid, Key: oleProblem(f, size)}
		case name == "application/zip", strings.HasSuffix(name, "wordprocessingml.document"), strings.HasSuffix(name, "spreadsheetml.sheet"):
			switch kind, err := officeType(f, size); {
			case kind != "" || err != nil:
				return kind, err
			case name != "application/zip":
				return "", damaged(errNoOffice)
			}
		case endings[name] != "":
			return name, nil
		}
	}
	return "", &portal.Error{Kind: portal.Invalid, Key: "error.file_type"}
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

// jobText is the name of the job of a child.
const jobText = "text"

// what tells a child what it is given.
type what struct {
	Type string `json:"type,omitempty"`
}

// Read reads a file of a type that Type has told. A file without text, such as
// a scan, gives none, and a note that says so. What cannot be read is a
// *portal.Error of kind Invalid.
func (r Reader) Read(ctx context.Context, path, mediaType string) (Result, error) {
	if strings.HasPrefix(mediaType, "image/") {
		return Result{}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return Result{}, err
	}
	defer f.Close()
	var out Result
	err = r.Pool.Do(ctx, jobText, what{mediaType}, f, &out)
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
	return map[string]sandbox.Job{jobText: {Prepare: prepare, Do: read}, jobSheets: {Do: readSheets}}
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
	if w.Type == "" {
		kind, _, _ := strings.Cut(mimetype.Detect(file).String(), ";")
		w.Type = kind
	}
	var r Result
	var err error
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
		return nil, &portal.Error{Kind: portal.Invalid, Key: "error.file_type"}
	}
	if err != nil {
		return nil, err
	}
	size := 0
	for i, p := range r.Pages {
		if p = portal.Clean(p); size+len(p) > maxText {
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

// damaged says that a file is not what its type says.
func damaged(err error) error {
	return &portal.Error{Kind: portal.Invalid, Key: "error.file_damaged", Err: err}
}

// one is a result of one page.
func one(text string) Result { return Result{Pages: []string{text}} }

// plainText reads a text in whatever encoding.
func plainText(file []byte) (Result, error) {
	text, _, err := Decode(file)
	return one(text), err
}
