package letter

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"time"
)

const docxHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

// DOCX writes the letter for a word processor.
func (Printer) DOCX(text string, at time.Time) ([]byte, error) {
	var body bytes.Buffer
	body.WriteString(docxHead + `<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`)
	for _, l := range parse(text) {
		align, size, extra := "both", 28, ""
		switch l.kind {
		case heading:
			align, size = "center", 36
		case number:
			align = "center"
		case right:
			align = "right"
		case small:
			size = 21
		case paragraph:
			extra = `<w:ind w:firstLineChars="200" w:firstLine="560"/>`
		}
		fmt.Fprintf(&body, `<w:p><w:pPr><w:spacing w:line="540" w:lineRule="auto"/>%s<w:jc w:val="%s"/></w:pPr><w:r><w:rPr><w:rFonts w:ascii="FangSong" w:hAnsi="FangSong" w:eastAsia="仿宋"/><w:sz w:val="%d"/></w:rPr><w:t xml:space="preserve">`, extra, align, size)
		if err := xml.EscapeText(&body, []byte(l.text)); err != nil {
			return nil, err
		}
		body.WriteString(`</w:t></w:r></w:p>`)
	}
	body.WriteString(`<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1588" w:right="1588" w:bottom="1588" w:left="1588"/></w:sectPr></w:body></w:document>`)
	return docxFile(body.String(), at)
}

// docxFile is the package around the text of a word processor.
func docxFile(body string, at time.Time) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range []struct{ name, text string }{
		{"[Content_Types].xml", docxHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`},
		{"_rels/.rels", docxHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`},
		{"word/document.xml", body},
	} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: at.UTC()})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(f.text)); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
