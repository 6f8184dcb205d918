package text

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// DocumentNumber is a document number (发文字号): the issuing organ's
// abbreviation (机关代字), a year and a serial number.
type DocumentNumber struct {
	Organ  string // may be empty when only year and serial were typed
	Year   int
	Serial int
}

// String writes the number as documents carry it: 国办发〔2019〕14号.
func (n DocumentNumber) String() string {
	return fmt.Sprintf("%s〔%d〕%d号", n.Organ, n.Year, n.Serial)
}

// One document number and nothing else, after folding: organ, bracketed or
// spaced year, serial.
var documentNumber = regexp.MustCompile(`^(\p{Han}{0,20})\s*[〔\[(【{<《﹝]?\s*((?:19|20)\d\d)\s*(?:[〕\])】}>》﹞]|年|(-))?\s*(?:第)?\s*(\d{1,5})\s*号?$`)

// ParseDocumentNumber reads a document number however it is typed:
// 国办发〔2019〕14号, 国办发[2019]14号, 国办发 2019 14, 2019 14. A bare run of
// digits such as 201914 is none.
func ParseDocumentNumber(s string) (DocumentNumber, bool) {
	if len(s) > 200 {
		return DocumentNumber{}, false
	}
	f := strings.TrimSpace(Fold(s))
	m := documentNumber.FindStringSubmatchIndex(f)
	if m == nil || m[5] == m[8] { // year and serial run into one another
		return DocumentNumber{}, false
	}
	if m[6] >= 0 && m[2] == m[3] { // 2026-1 without an organ is half an index number
		return DocumentNumber{}, false
	}
	year, _ := strconv.Atoi(f[m[4]:m[5]])
	serial, _ := strconv.Atoi(f[m[8]:m[9]])
	return DocumentNumber{Organ: f[m[2]:m[3]], Year: year, Serial: serial}, true
}
