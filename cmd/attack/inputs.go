package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"gongkai/portal/portaltest"
)

// How large what is large is. Tests, which send nothing, make it small.
var (
	million = 1_000_000
	mega    = 1 << 20
)

// input is a file that somebody sends.
type input struct {
	kind, name string
	data       []byte
}

// inputs are the files of the campaign: made here, and those of folders.
func inputs(folders []string) ([]input, error) {
	var out []input
	add := func(kind, name string, data []byte) { out = append(out, input{kind, name, data}) }
	pdfs(add)
	office(add)
	texts(add)
	pictures(add)
	for _, dir := range folders {
		err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
			if os.IsNotExist(err) {
				return nil
			}
			if err != nil || d.IsDir() {
				return err
			}
			if st, err := d.Info(); err != nil || st.Size() > 20<<20 {
				return err
			}
			data, err := os.ReadFile(p)
			if err == nil {
				add("file of "+filepath.Base(filepath.Dir(p)), d.Name(), data)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	_, _ = w.Write(b) // into memory
	_ = w.Close()
	return out.Bytes()
}

// document makes a PDF of one page with this content and these resources.
func document(page, content, resources string, more ...string) []byte {
	objects := append([]string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[4 0 R]/Count 1>>", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 5 0 R/Resources<</Font<</F1 3 0 R>>" + resources + ">>" + page + ">>", portaltest.Stream("", content)}, more...)
	return []byte(portaltest.Objects(objects...))
}

func pdfs(add func(kind, name string, data []byte)) {
	const kind = "pdf"
	text := "BT /F1 12 Tf 20 100 Td (Hello) Tj ET "
	add(kind, "xref stream of itself", []byte("%PDF-1.5\n9 0 obj\n<</Type/XRef/Size 2/W[1 4 2]/Root 1 0 R/Prev 9/Length 14>>\nstream\n"+strings.Repeat("\x02\x00", 7)+"\nendstream\nendobj\nstartxref\n9\n%%EOF"))
	for _, n := range []string{"1000000000000", "2147483647", "-1", "99999999999999999999"} {
		add(kind, "xref of "+n, []byte("%PDF-1.4\nxref\n"+n+" 1\n0000000010 00000 n \ntrailer\n<</Size 9/Root 1 0 R>>\nstartxref\n9\n%%EOF"))
		add(kind, "page count "+n, []byte(strings.Replace(string(document("", text, "")), "/Count 1", "/Count "+n, 1)))
		add(kind, "length "+n, []byte(strings.Replace(string(document("", text, "")), "/Length 36", "/Length "+n, 1)))
		add(kind, "size "+n, []byte(strings.Replace(string(document("", text, "")), "0 0 595 842", "0 0 "+n+" "+n, 1)))
	}
	add(kind, "pages of themselves", []byte(portaltest.Objects("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R 2 0 R 2 0 R]/Count 9>>")))
	add(kind, "form of itself", document("", "/X Do", "/XObject<</X 6 0 R>>", portaltest.Stream("/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</X 6 0 R>>>>", "/X Do /X Do")))
	branch := make([]string, 30)
	for i := range branch {
		branch[i] = portaltest.Stream(fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</X %d 0 R>>>>", 7+i), strings.Repeat("/X Do ", 10))
	}
	add(kind, "forms in forms, ten each", document("", "/X Do", "/XObject<</X 6 0 R>>", branch...))
	for _, deep := range []int{1000, 100_000} {
		add(kind, fmt.Sprintf("arrays %d deep", deep), document("", text, "", strings.Repeat("[", deep)+strings.Repeat("]", deep)))
		add(kind, fmt.Sprintf("dictionaries %d deep", deep), document("/A "+strings.Repeat("<</A ", deep)+"1"+strings.Repeat(">>", deep), text, ""))
		add(kind, fmt.Sprintf("states %d deep", deep), document("", strings.Repeat("q ", deep)+text, ""))
	}
	add(kind, "a bomb of text", []byte(strings.Replace(string(document("", "", "")), "<</Length 0>>stream\n", fmt.Sprintf("<</Filter/FlateDecode/Length %d>>stream\n", len(deflate(bytes.Repeat([]byte(text), 2*million))))+string(deflate(bytes.Repeat([]byte(text), 2*million))), 1)))
	twice := deflate(deflate(bytes.Repeat([]byte{0}, 200*mega)))
	add(kind, "a bomb in a bomb", []byte(strings.Replace(string(document("", "", "")), "<</Length 0>>stream\n", fmt.Sprintf("<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n", len(twice))+string(twice), 1)))
	add(kind, "forty filters", []byte(strings.Replace(string(document("", text, "")), "<</Length", "<</Filter["+strings.Repeat("/ASCIIHexDecode", 40)+"]/Length", 1)))
	add(kind, "a picture of 60000 by 60000", document("", "q 500 0 0 500 0 0 cm /I Do Q", "/XObject<</I 6 0 R>>", portaltest.Stream("/Type/XObject/Subtype/Image/Width 60000/Height 60000/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode", string(deflate(make([]byte, 30*mega))))))
	add(kind, "JBIG2 of noise", document("", "/I Do", "/XObject<</I 6 0 R>>", portaltest.Stream("/Type/XObject/Subtype/Image/Width 3000/Height 3000/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode", strings.Repeat("\x00\x00\x00\x01\x30\x7f\xff", 4000))))
	add(kind, "JPX of noise", document("", "/I Do", "/XObject<</I 6 0 R>>", portaltest.Stream("/Type/XObject/Subtype/Image/Width 3000/Height 3000/Filter/JPXDecode", strings.Repeat("\xff\x4f\xff\x51\x00\x2f", 4000))))
	add(kind, "a million paths", document("", strings.Repeat("0 0 m 595 842 l S ", million), ""))
	add(kind, "patterns of patterns", document("", "/Pattern cs /P scn 0 0 595 842 re f", "/Pattern<</P 6 0 R>>", portaltest.Stream("/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep 0.01/YStep 0.01/Resources<</Pattern<</P 6 0 R>>>>", "/Pattern cs /P scn 0 0 1 1 re f")))
	add(kind, "a shading of functions", document("", "/S sh", "/Shading<</S<</ShadingType 1/ColorSpace/DeviceRGB/Function<</FunctionType 4/Domain[0 1 0 1]/Range[0 1 0 1 0 1]>>>>>>"))
	add(kind, "JavaScript", document("/AA<</O<</S/JavaScript/JS(while\\(1\\);)>>>>", text, ""))
	add(kind, "launch", []byte(strings.Replace(string(document("", text, "")), "/Type/Catalog", "/Type/Catalog/OpenAction<</S/Launch/F(/bin/sh)>>", 1)))
	add(kind, "a file inside", []byte(strings.Replace(string(document("", text, "")), "/Type/Catalog", "/Type/Catalog/Names<</EmbeddedFiles<</Names[(a)<</Type/Filespec/F(/etc/passwd)>>]>>>>", 1)))
	add(kind, "an object stream of itself", document("", text, "", portaltest.Stream("/Type/ObjStm/N 100000/First 10/Extends 6 0 R", "1 0 2 0 3 0")))
	add(kind, "nothing", []byte("%PDF-1.7\n"))
	add(kind, "only a header, then zeros", append([]byte("%PDF-1.7\n"), make([]byte, 5*mega)...))
	add(kind, "polyglot with a page", append([]byte("<!DOCTYPE html><script>alert(1)</script>"), document("", text, "")...))
	good := document("", strings.Repeat(text, 20), "")
	for i := range 30 {
		r := rand.New(rand.NewPCG(uint64(i), 7))
		bad := bytes.Clone(good)
		for range 1 + i {
			bad[r.IntN(len(bad))] = byte(r.IntN(256))
		}
		add(kind, fmt.Sprintf("flipped %d", i), bad)
		if i < 8 {
			add(kind, fmt.Sprintf("cut %d", i), good[:len(good)*(i+1)/9])
		}
	}
}

// part is a part of a ZIP.
type part struct {
	name string
	data []byte
}

func zipped(parts ...part) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, p := range parts {
		w, err := z.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate})
		if err == nil {
			_, _ = w.Write(p.data) // into memory
		}
	}
	_ = z.Close()
	return b.Bytes()
}

const (
	wordType  = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
	sheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
)

func types(t, name string) part {
	return part{"[Content_Types].xml", []byte(`<Types><Override PartName="/` + name + `" ContentType="` + t + `"/></Types>`)}
}

func word(body string, more ...part) []byte {
	return zipped(append([]part{types(wordType, "word/document.xml"), {"_rels/.rels", []byte(`<Relationships><Relationship Id="r" Type="http://x/officeDocument" Target="word/document.xml"/></Relationships>`)},
		{"word/document.xml", []byte(`<w:document xmlns:w="w" xmlns:r="r"><w:body>` + body + `</w:body></w:document>`)}}, more...)...)
}

func sheet(rows string, more ...part) []byte {
	return zipped(append([]part{types(sheetType, "xl/workbook.xml"), {"xl/workbook.xml", []byte(`<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>`)},
		{"xl/worksheets/sheet1.xml", []byte(`<worksheet><sheetData>` + rows + `</sheetData></worksheet>`)}}, more...)...)
}

func office(add func(kind, name string, data []byte)) {
	const docx, xlsx = "docx", "xlsx"
	p := "<w:p><w:r><w:t>水</w:t></w:r></w:p>"
	for _, tag := range []string{"w:p", "w:r", "w:tbl", "w:tc", "w:sdt", "w:txbxContent", "w:ins", "mc:AlternateContent", "w:pPr", "w:rPr"} {
		add(docx, "nested "+tag, word(strings.Repeat("<"+tag+">", 60_000)+"x"+strings.Repeat("</"+tag+">", 60_000)))
	}
	add(docx, "tables in tables", word(strings.Repeat("<w:tbl><w:tr><w:tc>"+p, 150)+strings.Repeat("</w:tc></w:tr></w:tbl>", 150)))
	add(docx, "a bomb", word(strings.Repeat(p, 2*million)))
	add(docx, "one word of 200 MB", word("<w:p><w:r><w:t>"+strings.Repeat("a", 200*mega)+"</w:t></w:r></w:p>"))
	add(docx, "entities", zipped(types(wordType, "word/document.xml"), part{"word/document.xml", []byte(`<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><w:document>&b;</w:document>`)}))
	add(docx, "a file outside", zipped(types(wordType, "word/document.xml"), part{"word/document.xml", []byte(`<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><w:document><w:body><w:p><w:r><w:t>&a;</w:t></w:r></w:p></w:body></w:document>`)}))
	add(docx, "an address outside", zipped(types(wordType, "word/document.xml"), part{"word/document.xml", []byte(`<?xml version="1.0"?><!DOCTYPE l SYSTEM "http://127.0.0.1:9/x"><w:document/>`)}))
	add(docx, "names that climb", zipped(types(wordType, "word/document.xml"), part{"../../../../tmp/gongkai-climbed", []byte("x")}, part{"word/document.xml", []byte("<w:document/>")}))
	inner := word(p)
	for range 6 {
		inner = word(`<w:altChunk r:id="c"/>`, part{"word/_rels/document.xml.rels", []byte(`<Relationships><Relationship Id="c" Type="http://x/aFChunk" Target="c.docx"/></Relationships>`)}, part{"word/c.docx", inner})
	}
	add(docx, "documents in documents", inner)
	many := []part{types(wordType, "word/document.xml"), {"word/document.xml", []byte("<w:document/>")}}
	for i := range 20_000 {
		many = append(many, part{fmt.Sprintf("word/x%d.xml", i), nil})
	}
	add(docx, "twenty thousand parts", zipped(many...))
	add(docx, "a directory of 900,000 names", portaltest.ManyEntries(million-million/10))
	add(docx, "styles in a circle", word(`<w:p><w:pPr><w:pStyle w:val="a"/></w:pPr><w:r><w:t>x</w:t></w:r></w:p>`, part{"word/_rels/document.xml.rels", []byte(`<Relationships><Relationship Id="s" Type="http://x/styles" Target="styles.xml"/></Relationships>`)},
		part{"word/styles.xml", []byte(`<w:styles><w:style w:styleId="a"><w:basedOn w:val="b"/></w:style><w:style w:styleId="b"><w:basedOn w:val="a"/></w:style></w:styles>`)}))
	row := `<row><c r="XFD1"><v></v></c></row>`
	add(xlsx, "wide and empty", sheet(strings.Repeat(row, 100_000)))
	add(xlsx, "wide and full", sheet(strings.Repeat(`<row><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>`, 100_000)))
	add(xlsx, "long", sheet(strings.Repeat(`<row><c><v>1</v></c></row>`, 3*million)))
	add(xlsx, "far away", sheet(`<row r="16000000"><c r="ZZZZZZZZ16000000"><v>1</v></c></row>`))
	add(xlsx, "strings that are not there", sheet(strings.Repeat(`<row><c t="s"><v>999999999</v></c></row>`, 10_000)))
	add(xlsx, "a million strings", sheet(`<row><c t="s"><v>1</v></c></row>`, part{"xl/sharedStrings.xml", []byte("<sst>" + strings.Repeat("<si><t>水</t></si>", 1_500_000) + "</sst>")}))
	add(xlsx, "merged a hundred thousand times", sheet(strings.Repeat(`<row><c><v>1</v></c></row>`, 1000)+"</sheetData>"+strings.Repeat(`<mergeCell ref="A1:XFD1048576"/>`, 100_000)+"<sheetData>"))
	add(xlsx, "numbers", sheet(`<row><c><v>1e308</v></c><c><v>NaN</v></c><c><v>-1e400</v></c><c s="99999"><v>1</v></c></row>`))
	good := word(strings.Repeat(p, 50))
	sheetGood := sheet(strings.Repeat(`<row><c t="inlineStr"><is><t>水</t></is></c></row>`, 50))
	for i := range 12 {
		r := rand.New(rand.NewPCG(uint64(i), 11))
		for kind, g := range map[string][]byte{docx: good, xlsx: sheetGood} {
			bad := bytes.Clone(g)
			for range 1 + i {
				bad[r.IntN(len(bad))] = byte(r.IntN(256))
			}
			add(kind, fmt.Sprintf("flipped %d", i), bad)
		}
	}
}

func texts(add func(kind, name string, data []byte)) {
	const kind = "text"
	add(kind, "groups", []byte(`{\rtf1 `+strings.Repeat("{", 500_000)))
	add(kind, "words", []byte(`{\rtf1 `+strings.Repeat(`\b`, 500_000)+"}"))
	add(kind, "binary", []byte(`{\rtf1 \bin2147483647 x}`))
	add(kind, "quotes", []byte("a,b\n"+strings.Repeat(`"`, million)))
	add(kind, "open quotes", []byte("a,b\n"+strings.Repeat("\"x,y\n", 200_000)))
	add(kind, "one line", []byte("a,b\n"+strings.Repeat("x", 20*mega)))
	add(kind, "columns", []byte(strings.Repeat("x,", 2*million)))
	add(kind, "zeros", make([]byte, 1*mega))
	add(kind, "half a character", []byte("关于\xe5\x85"))
	add(kind, "lost characters", []byte("关于\uFFFD\uFFFD的通知"))
	add(kind, "directions", []byte(strings.Repeat("\u202E\u2066x", 100_000)))
	add(kind, "marks on one letter", []byte("a"+strings.Repeat("\u0301", 500_000)))
	add(kind, "a page", []byte("<html><script>fetch('/desk')</script>"))
	add(kind, "svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`))
	add(kind, "a program", append([]byte("MZ\x90\x00"), make([]byte, 1000)...))
	add(kind, "a shell script", []byte("#!/bin/sh\nrm -rf /\n"))
	for i := range 12 {
		r := rand.New(rand.NewPCG(uint64(i), 13))
		noise := make([]byte, 1000<<i)
		for k := range noise {
			noise[k] = byte(r.IntN(256))
		}
		add(kind, fmt.Sprintf("noise of %d bytes", len(noise)), noise)
	}
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	_, _ = w.Write(make([]byte, 100*mega)) // into memory
	_ = w.Close()
	add(kind, "gzip of zeros", gz.Bytes())
}

func pictures(add func(kind, name string, data []byte)) {
	const kind = "picture"
	png := func(width, height uint32) []byte {
		chunk := func(name string, data []byte) []byte {
			b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
			body := append([]byte(name), data...)
			return binary.BigEndian.AppendUint32(append(b, body...), crc32.ChecksumIEEE(body))
		}
		head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
		return bytes.Join([][]byte{[]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 8, 6, 0, 0, 0)), chunk("IDAT", deflate(make([]byte, 10*mega))), chunk("IEND", nil)}, nil)
	}
	add(kind, "60000 by 60000", png(60000, 60000))
	add(kind, "as large as can be said", png(1<<31-1, 1<<31-1))
	add(kind, "none", png(0, 0))
	add(kind, "a JPEG of nothing", []byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00"))
	add(kind, "a JPEG of 65535 by 65535", []byte("\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01"))
}
