package extract

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"

	"gongkai/portal"
)

// errScript says that a PDF has a script in it, which some viewers run.
var errScript = &portal.Error{Kind: portal.Invalid, Key: "error.file_script"}

var (
	pdfScript = regexp.MustCompile(`/JavaScript\b|/JS[\s(<\[]`)
	escaped   = regexp.MustCompile(`#[0-9a-fA-F]{2}`)
)

// Bounds on what of a PDF is looked through for scripts.
const (
	maxObjects = 20_000  // streams of objects
	maxObject  = 8 << 20 // bytes of one, unpacked
	maxDict    = 4096    // bytes of what a stream says of itself
)

// scripted reports whether a PDF has a script: in its objects, or in those that lie
// packed in streams.
func scripted(file []byte) bool {
	bare := unstreamed(file)
	if pdfScript.Match(unescaped(bare)) {
		return true
	}
	rest := file
	for range maxObjects {
		at := bytes.Index(rest, []byte("/ObjStm"))
		if at < 0 {
			return false
		}
		rest = rest[at+len("/ObjStm"):]
		head := rest[:min(len(rest), maxDict)]
		begin := bytes.Index(head, []byte("stream"))
		if begin < 0 {
			continue
		}
		packed := bytes.TrimLeft(rest[begin+len("stream"):], "\r\n")
		z, err := zlib.NewReader(bytes.NewReader(packed))
		if err != nil {
			continue // not packed so: the reader of the file would find no objects in it
		}
		objects, _ := io.ReadAll(io.LimitReader(z, maxObject)) // as far as it can be read
		if pdfScript.Match(unescaped(objects)) {
			return true
		}
	}
	return false
}

// unescaped writes names out in which letters are given by number: /J#61vaScript.
func unescaped(b []byte) []byte {
	if !bytes.Contains(b, []byte("#")) {
		return b
	}
	return escaped.ReplaceAllFunc(b, func(x []byte) []byte {
		digit := func(c byte) byte {
			switch {
			case c >= 'a':
				return c - 'a' + 10
			case c >= 'A':
				return c - 'A' + 10
			}
			return c - '0'
		}
		return []byte{digit(x[1])<<4 | digit(x[2])}
	})
}

// unstreamed leaves out the contents of streams, in which anything may stand.
func unstreamed(file []byte) []byte {
	var out []byte
	for {
		at := bytes.Index(file, []byte("stream"))
		if at < 0 {
			return append(out, file...)
		}
		out = append(out, file[:at]...)
		end := bytes.Index(file[at:], []byte("endstream"))
		if end < 0 {
			return out
		}
		file = file[at+end+len("endstream"):]
	}
}
