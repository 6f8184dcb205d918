package cases

import (
	"strings"

	"gongkai/portal"
	"gongkai/portal/scan"
)

// Doubts are what looks wrong in who applies and may yet be right: it is asked about and
// never refused, since passports and older numbers are of many kinds (第二十九条).
func (w *Applicant) Doubts() (out []portal.Problem) {
	id := strings.ToUpper(strings.TrimSpace(w.IDNumber))
	switch {
	case id == "":
	case w.Kind == "natural" && digits(id) >= 17 && !scan.CheckDigit(id):
		out = append(out, portal.Problem{Field: "id_number", Key: "doubt.identity"})
	case w.Kind != "natural" && !credit(id):
		out = append(out, portal.Problem{Field: "id_number", Key: "doubt.credit"})
	}
	if n := digits(w.Phone); w.Phone != "" && (n < 7 || n > 15) {
		out = append(out, portal.Problem{Field: "phone", Key: "doubt.phone"})
	}
	return out
}

func digits(s string) (n int) {
	for _, r := range s {
		if '0' <= r && r <= '9' {
			n++
		}
	}
	return n
}

// credit reports whether the check character of a unified social credit code is right
// (GB 32100-2015).
func credit(code string) bool {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	if len(code) != 18 {
		return false
	}
	sum, weight := 0, 1
	for i := range 17 {
		at := strings.IndexByte(alphabet, code[i])
		if at < 0 {
			return false
		}
		sum += at * weight
		weight = weight * 3 % 31
	}
	return code[17] == alphabet[(31-sum%31)%31]
}
