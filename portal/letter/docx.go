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
		align, size, extra, face := "both", 32, "", "仿宋"
		color := ""
		switch l.kind {
		case issuer:
			align, size, face = "center", 52, "宋体"
			color = `<w:b/><w:color w:val="D40000"/>`
			extra = `<w:pBdr><w:bottom w:val="thickThinSmallGap" w:sz="24" w:space="4" w:color="D40000"/></w:pBdr>`
		case heading:
			align, size, face = "center", 44, "宋体"
		case number:
			align = "right"
		case right:
			align = "right"
		case small:
			size = 24
		case paragraph:
			extra = `<w:ind w:firstLineChars="200" w:firstLine="640"/>`
		}
		fmt.Fprintf(&body, `<w:p><w:pPr>%s<w:jc w:val="%s"/></w:pPr><w:r><w:rPr><w:rFonts w:ascii="%s" w:hAnsi="%[3]s" w:eastAsia="%[3]s"/>%s<w:sz w:val="%d"/></w:rPr><w:t xml:space="preserve">`, extra, align, face, color, size)
		if err := xml.EscapeText(&body, []byte(l.text)); err != nil {
			return nil, err
		}
		body.WriteString(`</w:t></w:r></w:p>`)
	}
	body.WriteString(`<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="2098" w:right="1474" w:bottom="1984" w:left="1588"/><w:docGrid w:type="linesAndChars" w:linePitch="579"/></w:sectPr></w:body></w:document>`)
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
