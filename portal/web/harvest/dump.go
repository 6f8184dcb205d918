package harvest

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/web/page"
)

// The files of a night's dump. A day's folder is made beside and renamed, so that it is
// there whole or not at all.
const (
	jsonLines = "catalogue.jsonl.gz"
	csvTable  = "catalogue.csv.gz"
	sums      = "SHA256SUMS"
)

// keptDays is how many days' dumps are kept.
const keptDays = 3

var dayFolder = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

// days are the days that have a dump, the newest first.
func (s *Face) days() []string {
	entries, err := os.ReadDir(s.Dir)
	if err != nil { // none yet
		return nil
	}
	var out []string
	for _, e := range entries {
		if dayFolder.MatchString(e.Name()) {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	slices.Reverse(out)
	return out
}

// dump answers GET /dumps/{file} with the newest, and /dumps/{day}/{file}.
func (s *Face) dump(c echo.Context) error {
	days, day, file := s.days(), c.Param("day"), c.Param("file")
	if day == "" && len(days) > 0 {
		day = days[0]
	}
	kinds := map[string]string{jsonLines: "application/gzip", csvTable: "application/gzip", sums: "text/plain; charset=utf-8"}
	if s.Dir == "" || !slices.Contains(days, day) || kinds[file] == "" {
		return portal.Missing()
	}
	f, err := os.Open(filepath.Join(s.Dir, day, file))
	if errors.Is(err, os.ErrNotExist) {
		return portal.Missing()
	}
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, kinds[file])
	h.Set("ETag", `"`+day+`-`+file+`"`)
	h.Set("Cache-Control", "public, max-age=3600")
	http.ServeContent(c.Response(), c.Request(), "", info.ModTime(), f)
	return nil
}

// Dump writes the catalogue of today, unless it is there, and takes the oldest away.
func (s *Face) Dump() error {
	today := s.Today().String()
	if slices.Contains(s.days(), today) {
		return nil
	}
	if err := os.MkdirAll(s.Dir, 0o750); err != nil {
		return err
	}
	making, err := os.MkdirTemp(s.Dir, "making-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(making)
	rows := s.all(false)
	var sum strings.Builder
	for _, f := range []struct {
		name  string
		write func(io.Writer, []*portal.Listing) error
	}{{jsonLines, s.writeLines}, {csvTable, s.writeTable}} {
		h := sha256.New()
		if err := zipped(filepath.Join(making, f.name), h, func(w io.Writer) error { return f.write(w, rows) }); err != nil {
			return err
		}
		fmt.Fprintf(&sum, "%s  %s\n", hex.EncodeToString(h.Sum(nil)), f.name)
	}
	if err := os.WriteFile(filepath.Join(making, sums), []byte(sum.String()), 0o640); err != nil {
		return err
	}
	if err := os.Rename(making, filepath.Join(s.Dir, today)); err != nil {
		return err
	}
	for _, old := range s.days()[min(keptDays, len(s.days())):] {
		if err := os.RemoveAll(filepath.Join(s.Dir, old)); err != nil {
			return err
		}
	}
	return nil
}

// zipped writes a compressed file, whose bytes go into sum as well.
func zipped(path string, sum io.Writer, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	z := gzip.NewWriter(io.MultiWriter(f, sum))
	return errors.Join(write(z), z.Close(), f.Sync(), f.Close())
}

func (s *Face) writeLines(w io.Writer, rows []*portal.Listing) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for _, l := range rows {
		if err := e.Encode(s.Described(s.Origin, l)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Face) writeTable(w io.Writer, rows []*portal.Listing) error {
	c := csv.NewWriter(w)
	if err := c.Write([]string{"kind", "id", "index_number", "title", "title_en", "number", "organs", "formed", "published", "theme", "genre", "item", "validity", "changed", "url"}); err != nil {
		return err
	}
	for _, l := range rows {
		a := s.Described(s.Origin, l)
		row := []string{a.Kind, a.ID, a.IndexNumber, a.Title, a.TitleEN, a.Number, strings.Join(a.Organs, ";"), a.Formed, a.Published, a.Theme, a.Genre, a.Item, a.Validity, a.Changed, a.URL}
		for i := range row {
			row[i] = page.PlainCell(row[i])
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}
