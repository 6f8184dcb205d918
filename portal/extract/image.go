package extract

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // the kinds of pictures that may be uploaded
	_ "image/png"
	"slices"
	"strings"

	"github.com/bep/imagemeta"

	"gongkai/portal"
)

// maxPixels bounds a picture; larger ones are refused.
const maxPixels = 100_000_000

// picture looks at a picture: that it is one, and what the camera wrote into it. It
// has no text: that is recognised elsewhere, where it can be.
func picture(file []byte, kind string) (Result, error) {
	c, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return Result{}, portal.Damaged(err)
	}
	if c.Width*c.Height > maxPixels {
		return Result{}, &portal.Error{Kind: portal.Invalid, Key: "error.picture_large", Args: portal.Args{"Limit": maxPixels / 1_000_000}}
	}
	r := Result{Pages: []string{""}, Scans: []int{1}}
	r.note("read.unrecognised", nil)
	format := imagemeta.PNG
	if kind == "image/jpeg" {
		format = imagemeta.JPEG
	}
	var said []string
	_, err = imagemeta.Decode(imagemeta.Options{R: bytes.NewReader(file), ImageFormat: format, Sources: imagemeta.EXIF | imagemeta.IPTC | imagemeta.XMP, LimitNumTags: 500, LimitTagSize: 10_000,
		ShouldHandleTag: func(imagemeta.TagInfo) bool { return true },
		HandleTag: func(t imagemeta.TagInfo) error {
			if v := strings.TrimSpace(fmt.Sprint(t.Value)); told(t.Tag) && v != "" {
				said = append(said, t.Tag+": "+v)
			}
			return nil
		}})
	if err != nil {
		return r, nil // what cannot be read of it is in no program's reach
	}
	slices.Sort(said)
	r.hide("place.exif", nil, strings.Join(said, "\n"))
	if slices.ContainsFunc(said, func(s string) bool { return strings.HasPrefix(s, "GPS") }) {
		r.note("read.place_taken", nil)
	}
	return r, nil
}

// told reports whether a tag may tell of a person or a place.
func told(tag string) bool {
	for _, part := range []string{"GPS", "Artist", "Copyright", "Owner", "Serial", "Comment", "Description", "Creator", "By-line", "Byline", "Caption", "Author", "Title", "Person", "City", "Location", "Contact", "Keywords", "Subject", "HostComputer"} {
		if strings.Contains(tag, part) {
			return true
		}
	}
	return false
}
