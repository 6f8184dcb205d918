// Package portaltest holds what tests of several packages share.
package portaltest

import "fmt"

// PDF makes a small PDF by hand, with its cross-reference table. Its page says
// "Qilin Street water supply".
func PDF() string {
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
		"<</Length 58>>stream\nBT /F1 12 Tf 20 100 Td (Qilin Street water supply) Tj ET   \nendstream", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"}
	out, offsets := "%PDF-1.4\n", []int{}
	for i, o := range objects {
		offsets = append(offsets, len(out))
		out += fmt.Sprintf("%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := len(out)
	out += fmt.Sprintf("xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		out += fmt.Sprintf("%010d 00000 n \n", o)
	}
	return out + fmt.Sprintf("trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
}
