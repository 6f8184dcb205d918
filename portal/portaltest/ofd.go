package portaltest

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
)

// OFD is a document in the national layout format (GB/T 33190) with a line of text on
// each page.
func OFD(pages ...string) []byte {
	const head = `<?xml version="1.0" encoding="UTF-8"?>`
	const space = `xmlns:ofd="http://www.ofdspec.org/2016"`
	files := map[string]string{"OFD.xml": head + `<ofd:OFD ` + space + ` DocType="OFD" Version="1.0"><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>`}
	var list strings.Builder
	for i, p := range pages {
		fmt.Fprintf(&list, `<ofd:Page ID="%d" BaseLoc="Pages/Page_%d/Content.xml"/>`, i+1, i)
		files[fmt.Sprintf("Doc_0/Pages/Page_%d/Content.xml", i)] = head + `<ofd:Page ` + space + `><ofd:Content><ofd:Layer ID="9"><ofd:TextObject ID="10" Boundary="20 20 160 10" Font="1" Size="5"><ofd:TextCode X="0" Y="5" DeltaX="g ` + fmt.Sprint(len([]rune(p))-1) + ` 5">` + p + `</ofd:TextCode></ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>`
	}
	files["Doc_0/Document.xml"] = head + `<ofd:Document ` + space + `><ofd:CommonData><ofd:MaxUnitID>10</ofd:MaxUnitID><ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>` + list.String() + `</ofd:Pages></ofd:Document>`
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, s := range files { // a ZIP in memory takes whatever it is given
		w, _ := z.Create(name)
		_, _ = w.Write([]byte(s))
	}
	_ = z.Close()
	return b.Bytes()
}
