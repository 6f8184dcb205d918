package cases

import (
	"strings"

	"gongkai/portal"
)

// Doubts are what looks wrong in who applies and may yet be right: it is asked about and
// never refused, since passports and older numbers are of many kinds (第二十九条).
func (w *Applicant) Doubts() (out []portal.Problem) {
	id := strings.ToUpper(strings.TrimSpace(w.IDNumber))
	switch {
	case id == "":
	case w.Kind == "natural" && digits(id) >= 17 && !identity(id):
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

// identity reports whether the check digit of an identity number is right (GB 11643-1999).
func identity(id string) bool {
	if len(id) != 18 {
		return false
	}
	sum := 0
	for i, w := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		if id[i] < '0' || id[i] > '9' {
			return false
		}
		sum += int(id[i]-'0') * w
	}
	return id[17] == "10X98765432"[sum%11]
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
