package extract

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path"
	"strings"

	"gongkai/portal"
)

// Limits on a ZIP of files.
const (
	MaxEntries  = 500
	MaxUnpacked = 500 << 20 // bytes of all files together
	oneBatch    = 40 << 20  // bytes that one child hands over
)

// Entry is a file of a ZIP.
type Entry struct {
	Name string `json:"name"`
	Data []byte `json:"data,omitempty"`
	// Problem says why it is not taken; its Key is "" where it is.
	Problem portal.Problem `json:"problem"`
}

// unpacked are some of the files of a ZIP.
type unpacked struct {
	Entries []Entry `json:"entries"`
	Next    int     `json:"next"` // where those after them begin; 0: nowhere
}

// Unpack calls f with each file of a ZIP, as far as the limits allow. A file that is
// not taken says why, and does not stop the others.
func (r Reader) Unpack(ctx context.Context, z *os.File, f func(Entry) error) error {
	total := 0
	for from := 0; ; {
		if _, err := z.Seek(0, io.SeekStart); err != nil {
			return err
		}
		var got unpacked
		if err := r.Pool.Do(ctx, jobUnpack, part{From: from}, z, &got); err != nil {
			return err
		}
		for _, e := range got.Entries {
			if total += len(e.Data); total > MaxUnpacked {
				return &portal.Error{Kind: portal.TooLarge, Key: "error.zip_unpacked", Args: portal.Args{"Limit": MaxUnpacked >> 20}}
			}
			if err := f(e); err != nil {
				return err
			}
		}
		if got.Next <= from {
			return nil
		}
		from = got.Next
	}
}

// unpack takes files out of a ZIP, in a child.
func unpack(args json.RawMessage, file []byte) (any, error) {
	var p part
	if err := json.Unmarshal(args, &p); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, portal.Damaged(err)
	}
	if len(z.File) > MaxEntries {
		return nil, &portal.Error{Kind: portal.Invalid, Key: "error.zip_entries", Args: portal.Args{"Limit": MaxEntries}}
	}
	var out unpacked
	size := 0
	for i := p.From; i < len(z.File); i++ {
		f := z.File[i]
		name := entryName(f)
		base := path.Base(strings.ReplaceAll(name, `\`, "/"))
		if f.FileInfo().IsDir() || strings.HasSuffix(name, `\`) || strings.HasPrefix(name, "__MACOSX/") || base == ".DS_Store" || strings.EqualFold(base, "thumbs.db") || strings.HasPrefix(base, "~$") {
			continue
		}
		e := Entry{Name: name}
		switch {
		case climbs(name), !f.Mode().IsRegular():
			e.Name, e.Problem = base, portal.Problem{Key: "error.zip_name"}
		case f.Flags&1 != 0:
			e.Problem = portal.Problem{Key: "error.file_password"}
		case f.UncompressedSize64 > portal.MaxFile:
			e.Problem = portal.Problem{Key: "error.file_too_large", Args: portal.Args{"Limit": portal.MaxFile >> 20}}
		default:
			if size > 0 && size+int(f.UncompressedSize64) > oneBatch {
				out.Next = i
				return out, nil
			}
			r, err := f.Open()
			if err == nil {
				e.Data, err = io.ReadAll(io.LimitReader(r, portal.MaxFile+1))
				err = errors.Join(err, r.Close())
			}
			if err != nil {
				e.Data, e.Problem = nil, portal.Problem{Key: "error.file_damaged"}
			} else if len(e.Data) > portal.MaxFile {
				e.Data, e.Problem = nil, portal.Problem{Key: "error.file_too_large", Args: portal.Args{"Limit": portal.MaxFile >> 20}}
			}
			size += len(e.Data)
		}
		out.Entries = append(out.Entries, e)
	}
	return out, nil
}

// climbs reports whether a name leads out of the folder that it is unpacked into.
func climbs(name string) bool {
	name = strings.ReplaceAll(name, `\`, "/")
	return strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':' || name == ".." || strings.HasPrefix(name, "../") || strings.Contains(name, "/../") || strings.HasSuffix(name, "/..") || strings.ContainsRune(name, 0)
}

// entryName is a name in whatever encoding the program wrote it.
func entryName(f *zip.File) string {
	if !f.NonUTF8 {
		return f.Name
	}
	s, _, err := Decode([]byte(f.Name))
	if err != nil {
		return strings.ToValidUTF8(f.Name, "_")
	}
	return s
}
