// Package ole opens compound files (MS-CFB), in which Word, Excel and WPS kept
// documents before 2007. It is used in child processes only (portal/sandbox).
package ole

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"github.com/richardlehane/mscfb"
	"github.com/richardlehane/msoleps"
)

// Limits on a file.
const (
	maxStreams = 20_000
	maxStream  = 64 << 20 // bytes
)

// File holds the streams of a compound file, by their path with slashes.
type File map[string][]byte

// Open reads the streams that want names, and the names alone of the others.
func Open(file []byte, want func(path string) bool) (File, error) {
	r, err := mscfb.New(bytes.NewReader(file))
	if err != nil {
		return nil, err
	}
	out := make(File)
	for n := 0; ; n++ {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if n > maxStreams {
			return nil, errors.New("too many streams")
		}
		path := ""
		for _, p := range e.Path {
			path += p + "/"
		}
		path += e.Name
		if e.FileInfo().IsDir() || !want(path) {
			out[path] = nil
			continue
		}
		b, err := io.ReadAll(io.LimitReader(r, maxStream))
		if err != nil && len(b) == 0 {
			return nil, err
		}
		out[path] = b // as much as is there of a file that was cut off
	}
}

// Has reports whether the file has a stream or folder of a name.
func (f File) Has(path string) bool { _, ok := f[path]; return ok }

// Summaries are the streams in which a document says something of itself and of who
// wrote it.
var Summaries = []string{"\x05SummaryInformation", "\x05DocumentSummaryInformation", "SummaryInformation", "DocumentSummaryInformation"}

// Properties are the texts that a document says of itself. What cannot be read of
// them is left out.
func (f File) Properties() (out []string) {
	defer func() { _ = recover() }() // the library trusts the lengths that a file gives
	for _, name := range Summaries {
		b := f[name]
		if b == nil {
			continue
		}
		r, err := msoleps.NewFrom(bytes.NewReader(b))
		if err != nil {
			continue
		}
		for _, p := range r.Property {
			switch p.Name {
			case "Title", "Subject", "Author", "Keywords", "Comments", "LastAuthor", "Manager", "Company", "Category":
				if s := strings.TrimSpace(strings.Trim(p.String(), "\x00")); s != "" {
					out = append(out, s)
				}
			}
		}
	}
	return out
}
