package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/png"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"gongkai/portal"
	"gongkai/portal/pdf"
	"gongkai/portal/sandbox"
	"gongkai/portal/text"
)

// Bounds on what is recognised of one file while somebody waits for it.
const (
	maxRecognised = 20 // pages
	recogniseTime = 2 * time.Minute
)

// Recogniser reads the text in pictures with tesseract, a program of its own that the
// operator installs. It is given nothing but pictures that a child has drawn anew.
type Recogniser struct {
	// Pool starts the program and bounds what it uses.
	Pool *sandbox.Pool
	// Languages are those that it is to read, such as chi_sim+eng.
	Languages string
}

// Limits are what tesseract may use for a page.
func (Recogniser) Limits() sandbox.Limits {
	return sandbox.Limits{Memory: 1 << 30, CPU: 60, Time: time.Minute, Output: 1 << 20, AtOnce: 1, Waiting: 20}
}

// Picture reads the text in a PNG.
func (r *Recogniser) Picture(ctx context.Context, picture []byte) (string, error) {
	out, err := r.Pool.Program(ctx, []string{"stdin", "stdout", "-l", r.Languages, "--psm", "3"}, bytes.NewReader(picture))
	if err != nil {
		return "", err
	}
	return together(text.Clean(string(out))), nil
}

// together takes out the spaces that stand between Chinese characters, which the
// program puts there, and empty lines.
func together(s string) string {
	wide := func(r rune) bool { return unicode.Is(unicode.Han, r) || r >= 0x3000 && r <= 0x303F || r >= 0xFF00 }
	var b strings.Builder
	for line := range strings.Lines(s) {
		runes := []rune(strings.TrimSpace(line))
		for i, r := range runes {
			if r == ' ' && i > 0 && i+1 < len(runes) && (wide(runes[i-1]) || runes[i-1] == ' ') && (wide(runes[i+1]) || runes[i+1] == ' ') {
				continue
			}
			b.WriteRune(r)
		}
		if len(runes) > 0 {
			b.WriteByte('\n')
		}
	}
	return strings.TrimSpace(b.String())
}

// Recognise reads the scans among the pages of a result, which is of the file f of
// such a type, where there is a recogniser; the result says which pages were
// recognised, as they may have mistakes.
func (r Reader) Recognise(ctx context.Context, f *os.File, mediaType string, result *Result) error {
	if r.OCR == nil || len(result.Scans) == 0 || mediaType == typeOFD {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, recogniseTime)
	defer cancel()
	var done, empty []int
	for _, n := range result.Scans[:min(len(result.Scans), maxRecognised)] {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		var picture []byte
		err := r.Pool.Do(ctx, jobPicture, part{Page: n, Type: mediaType}, f, &picture)
		if err == nil {
			var s string
			if s, err = r.OCR.Picture(ctx, picture); err == nil {
				if result.Pages[n-1] = s; s == "" {
					empty = append(empty, n)
				} else {
					done = append(done, n)
				}
			}
		}
		if err != nil { // what is not recognised stays a scan, and says so
			if result.Cause == "" {
				result.Cause = err.Error()
			}
			if ctx.Err() != nil {
				break
			}
		}
	}
	result.Scans = slices.DeleteFunc(result.Scans, func(n int) bool { return slices.Contains(done, n) || slices.Contains(empty, n) })
	result.Notes = slices.DeleteFunc(result.Notes, func(p portal.Problem) bool { return p.Key == "read.scan" || p.Key == "read.unrecognised" })
	for _, x := range []struct {
		key   string
		pages []int
	}{{"read.recognised", done}, {"read.no_words", empty}, {"read.scan", result.Scans}} {
		if len(x.pages) > 0 {
			result.note(x.key, portal.Args{"Pages": pagesArg(x.pages)})
		}
	}
	return nil
}

// drawn draws a page of a PDF, or a picture, anew, in a child.
func drawn(args json.RawMessage, file []byte) (any, error) {
	var p part
	if err := json.Unmarshal(args, &p); err != nil {
		return nil, err
	}
	var img image.Image
	if p.Type == "application/pdf" {
		d, err := pdfReader.Open(file)
		if err != nil {
			return nil, err
		}
		if p.Page < 1 || p.Page > d.Pages {
			return nil, portal.Missing()
		}
		if img, err = d.PictureAt(p.Page, scanDPI); err != nil {
			return nil, err
		}
	} else {
		c, _, err := image.DecodeConfig(bytes.NewReader(file))
		if err != nil || c.Width*c.Height > maxDrawn {
			return nil, portal.Damaged(err)
		}
		src, _, err := image.Decode(bytes.NewReader(file))
		if err != nil {
			return nil, portal.Damaged(err)
		}
		img = pdf.Flat(src)
	}
	var b bytes.Buffer
	err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&b, img)
	return b.Bytes(), err
}

// scanDPI is the density at which a page is drawn to be read, which the program asks for.
const scanDPI = 300

// maxDrawn bounds a picture that is recognised, in pixels.
const maxDrawn = 40_000_000
