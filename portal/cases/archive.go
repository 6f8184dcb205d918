package cases

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"gongkai/portal"
)

// ManifestLine names a file of an archive with its hash.
type ManifestLine struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Manifest is the list that comes last in an archive.
type Manifest struct {
	Number ApplicationNumber `json:"number"`
	Organ  portal.OrganCode  `json:"organ"`
	Made   time.Time         `json:"made"`
	By     portal.Login      `json:"by"`
	Files  []ManifestLine    `json:"files"`
}

// entryName is a file's name as an entry of an archive: no folder, and so many
// bytes that every file system takes it.
func entryName(name string) string {
	const longest = 200
	name = strings.NewReplacer("/", "_", `\`, "_", "\x00", "").Replace(strings.ToValidUTF8(name, ""))
	if len(name) <= longest {
		return name
	}
	end := path.Ext(name)
	if len(end) > 20 {
		end = ""
	}
	return strings.ToValidUTF8(name[:longest-len(end)], "") + end
}

// maxLogged is how many lines of the log an archive holds.
const maxLogged = 10_000

// Archive writes the case file (归档, 第四十五条) as a ZIP: every letter as sent, the
// record, the log, the files, and a manifest with their hashes. Who applied is
// in the letters, so that it is made, and why, is logged first.
func (u Keeping) Archive(ctx context.Context, by portal.Actor, n ApplicationNumber, files CaseFiles, reason string, w io.Writer) error {
	a, err := u.Open(ctx, by, n)
	if err != nil {
		return err
	}
	if err := u.Letters().openName(ctx, by, n, "archive: ", reason); err != nil {
		return err
	}
	z := zip.NewWriter(w)
	m := Manifest{Number: n, Organ: a.Organ, Made: u.Now().UTC(), By: by.Login}
	add := func(name string, r io.Reader) error {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: u.Now()})
		if err != nil {
			return err
		}
		h := sha256.New()
		size, err := io.Copy(io.MultiWriter(f, h), r)
		m.Files = append(m.Files, ManifestLine{name, size, hex.EncodeToString(h.Sum(nil))})
		return err
	}
	asJSON := func(name string, v any) error {
		r, out := io.Pipe()
		go func() {
			e := json.NewEncoder(out)
			e.SetIndent("", " ")
			out.CloseWithError(e.Encode(v))
		}()
		return add(name, r)
	}
	record := *a
	record.CodeHash = "" // the applicant's secret is no part of the file
	if err := asJSON("case.json", record); err != nil {
		return err
	}
	log, err := files.Audit(ctx, 0, maxLogged, "application/"+string(n))
	if err != nil {
		return err
	}
	if err := asJSON("log.json", log); err != nil {
		return err
	}
	for _, l := range a.Letters {
		_, pdf, err := u.Letters().letterFile(ctx, a, l.ID, LetterPDF)
		if portal.KindOf(err) == portal.NotFound {
			continue // destroyed
		}
		if err != nil {
			return err
		}
		if err := add(fmt.Sprintf("letters/%02d-%s.pdf", l.ID, l.Kind), bytes.NewReader(pdf)); err != nil {
			return err
		}
	}
	seen := make(map[portal.FileID]bool)
	for i, f := range a.allFiles() {
		if seen[f.File] {
			continue
		}
		seen[f.File] = true
		r, err := files.OpenFile(ctx, f.File)
		if err != nil {
			return err
		}
		err = add(fmt.Sprintf("files/%02d-%s", i+1, entryName(f.Name)), r)
		r.Close()
		if err != nil {
			return err
		}
	}
	f, err := z.Create("manifest.json")
	if err != nil {
		return err
	}
	e := json.NewEncoder(f)
	e.SetIndent("", " ")
	if err := e.Encode(m); err != nil {
		return err
	}
	return z.Close()
}
