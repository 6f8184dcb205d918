// Package extract finds the text in uploaded files: PDF, DOCX, XLSX, CSV,
// plain text and Markdown. What it returns is for search and for pages; it never runs
// anything that is in a file.
package extract

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
	"github.com/ledongthuc/pdf"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"gongkai/portal"
)

// Limits on what is taken out of a file.
const (
	maxText    = 20 << 20 // bytes of text
	maxXML     = 64 << 20 // bytes of a DOCX part, unpacked
	pdfTimeout = 60 * time.Second
)

// The types that may be uploaded, and the ending that goes with each.
var allowed = map[string]string{
	"application/pdf": ".pdf",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       ".xlsx",
	"text/plain": ".txt", "text/csv": ".csv",
	"image/png": ".png", "image/jpeg": ".jpg",
}

// active are kinds of text that a browser might run.
var active = map[string]bool{"text/html": true, "text/xml": true, "application/xhtml+xml": true, "image/svg+xml": true, "text/javascript": true, "application/javascript": true}

// Type tells a file's media type by its content. It refuses what may not be
// uploaded.
func Type(path string) (string, error) {
	m, err := mimetype.DetectFile(path)
	if err != nil {
		return "", err
	}
	for ; m != nil; m = m.Parent() {
		name, _, _ := strings.Cut(m.String(), ";")
		if active[name] {
			break
		}
		if _, ok := allowed[name]; ok {
			return name, nil
		}
	}
	return "", &portal.Error{Kind: portal.Invalid, Key: "error.file_type"}
}

// Text returns the text of a file of a type that Type has told. A file
// without text, such as a scan, gives "".
func Text(ctx context.Context, path, mediaType string) (string, error) {
	var text string
	var err error
	switch {
	case mediaType == "application/pdf":
		text, err = pdfText(ctx, path)
	case strings.HasSuffix(mediaType, "wordprocessingml.document"):
		text, err = docxText(path)
	case strings.HasSuffix(mediaType, "spreadsheetml.sheet"):
		text, err = xlsxText(path)
	case mediaType == "text/csv":
		text, err = csvText(path)
	case strings.HasPrefix(mediaType, "text/"):
		text, err = plainText(path)
	}
	if err != nil {
		return "", err
	}
	if len(text) > maxText {
		text = text[:maxText]
	}
	return strings.ToValidUTF8(text, ""), nil
}

// pdfText asks poppler's pdftotext where it is installed, which reads more
// kinds of PDF, and a library where it is not. Each page ends with a form
// feed.
func pdfText(ctx context.Context, path string) (string, error) {
	if tool, err := exec.LookPath("pdftotext"); err == nil {
		ctx, cancel := context.WithTimeout(ctx, pdfTimeout)
		defer cancel()
		var out bytes.Buffer
		cmd := exec.CommandContext(ctx, tool, "-q", "-enc", "UTF-8", path, "-")
		cmd.Stdout = &limitedBuffer{buf: &out}
		if err := cmd.Run(); err == nil {
			return out.String(), nil
		} else if ctx.Err() != nil {
			return "", fmt.Errorf("reading the PDF took too long")
		}
	}
	return pdfLibrary(path)
}

// pdfLibrary reads a PDF in this process. The library may panic on a
// damaged file.
func pdfLibrary(path string) (text string, err error) {
	defer func() {
		if p := recover(); p != nil {
			text, err = "", unreadable(fmt.Errorf("%v", p))
		}
	}()
	f, r, err := pdf.Open(path)
	if err != nil {
		return "", unreadable(err)
	}
	defer f.Close()
	var out strings.Builder
	for n := 1; n <= r.NumPage() && out.Len() < maxText; n++ {
		page := r.Page(n)
		if page.V.IsNull() {
			continue
		}
		plain, err := page.GetPlainText(nil)
		if err != nil {
			return "", unreadable(err)
		}
		out.WriteString(plain + "\f")
	}
	return out.String(), nil
}

func unreadable(err error) error {
	return &portal.Error{Kind: portal.Invalid, Key: "error.file_damaged", Err: err}
}

type limitedBuffer struct{ buf *bytes.Buffer }

func (l *limitedBuffer) Write(p []byte) (int, error) {
	if room := maxText - l.buf.Len(); room > 0 {
		l.buf.Write(p[:min(room, len(p))])
	}
	return len(p), nil // the rest is read and thrown away
}

// docxText reads the paragraphs of a DOCX, headings as Markdown headings and
// the cells of a table row on one line.
func docxText(path string) (string, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return "", unreadable(err)
	}
	defer z.Close()
	f, err := z.Open("word/document.xml")
	if err != nil {
		return "", unreadable(err)
	}
	defer f.Close()
	d := xml.NewDecoder(io.LimitReader(f, maxXML))
	var out, line strings.Builder
	heading, cells, inText := 0, 0, false
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out.String(), nil
		}
		if err != nil {
			return "", unreadable(err)
		}
		switch e := t.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "t":
				inText = true
			case "tab":
				line.WriteByte('\t')
			case "br":
				line.WriteByte('\n')
			case "tr":
				cells = 1
			case "pStyle":
				heading = headingLevel(e)
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "t":
				inText = false
			case "p":
				if cells > 0 {
					line.WriteByte(' ')
					continue
				}
				if s := strings.TrimSpace(line.String()); s != "" {
					if heading > 0 {
						out.WriteString(strings.Repeat("#", heading) + " ")
					}
					out.WriteString(s + "\n\n")
				}
				line.Reset()
				heading = 0
			case "tc":
				line.WriteString(" | ")
			case "tr":
				out.WriteString("| " + strings.TrimRight(line.String(), " |") + " |\n")
				line.Reset()
				cells = 0
			}
		case xml.CharData:
			if inText {
				line.Write(e)
			}
		}
		if out.Len() > maxText {
			return out.String(), nil
		}
	}
}

// headingLevel reads a paragraph style such as Heading2, heading 2 or 2.
func headingLevel(e xml.StartElement) int {
	for _, a := range e.Attr {
		if a.Name.Local == "val" {
			v := strings.ToLower(strings.TrimSpace(a.Value))
			v = strings.TrimSpace(strings.TrimPrefix(v, "heading"))
			if len(v) == 1 && v >= "1" && v <= "6" {
				return int(v[0] - '0')
			}
		}
	}
	return 0
}

// row writes a row of a table, which search takes as a passage of its own.
func row(out *strings.Builder, cells []string) {
	line := strings.TrimRight(strings.Join(cells, " | "), " |")
	if strings.TrimSpace(line) != "" {
		out.WriteString("| " + strings.Join(strings.Fields(line), " ") + " |\n")
	}
}

// xlsxText reads the rows of every sheet.
func xlsxText(path string) (string, error) {
	f, err := excelize.OpenFile(path, excelize.Options{UnzipSizeLimit: 8 * maxXML, UnzipXMLSizeLimit: maxXML})
	if err != nil {
		return "", unreadable(err)
	}
	defer f.Close()
	var out strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.Rows(sheet)
		if err != nil {
			return "", unreadable(err)
		}
		out.WriteString("# " + sheet + "\n")
		for rows.Next() && out.Len() < maxText {
			cells, err := rows.Columns()
			if err != nil {
				return "", unreadable(err)
			}
			row(&out, cells)
		}
		if err := rows.Close(); err != nil {
			return "", unreadable(err)
		}
	}
	return out.String(), nil
}

// csvText reads the rows of a CSV file, or the file as it is where it is none.
func csvText(path string) (string, error) {
	plain, err := plainText(path)
	if err != nil {
		return "", err
	}
	r := csv.NewReader(strings.NewReader(plain))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	var out strings.Builder
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return out.String(), nil
		}
		if err != nil {
			return plain, nil
		}
		row(&out, cells)
	}
}

// plainText reads UTF-8, and GB 18030 where it is not UTF-8.
func plainText(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxText))
	if err != nil {
		return "", err
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	if utf8.Valid(b) {
		return string(b), nil
	}
	b, err = simplifiedchinese.GB18030.NewDecoder().Bytes(b)
	return string(b), err
}
