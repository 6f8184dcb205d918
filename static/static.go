// Package static holds what browsers download: style, behaviour and
// pictures. Nothing is built when the portal is; `make css` makes the style
// anew from scss.
package static

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"sync"
)

// Files are the files to serve.
//
//go:embed css js img
var Files embed.FS

// Sum is a short hash over all files. It stands in their addresses, so that
// browsers may keep them for ever.
var Sum = sync.OnceValue(func() string {
	h := sha256.New()
	// The embedded files are always there.
	_ = fs.WalkDir(Files, ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			b, _ := Files.ReadFile(p)
			h.Write(b)
		}
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:6])
})
