package portal

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"gongkai/portal/text"
)

// codeAlphabet leaves out letters that look like digits or each other.
const codeAlphabet = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewQueryCode makes the secret with which somebody follows what they sent (查询码):
// twelve characters in groups of four, about 58 bits.
func NewQueryCode() string {
	var b strings.Builder
	for b.Len() < 14 {
		if b.Len() == 4 || b.Len() == 9 {
			b.WriteByte('-')
		}
		var r [1]byte
		if _, err := rand.Read(r[:]); err != nil {
			panic(err) // crypto/rand never fails on a working system
		}
		if int(r[0]) < 256-256%len(codeAlphabet) {
			b.WriteByte(codeAlphabet[int(r[0])%len(codeAlphabet)])
		}
	}
	return b.String()
}

// HashCode hashes the query code of a number as typed; hyphens, blanks and case do not
// matter.
func HashCode(number, code string) string {
	code = strings.ToUpper(text.Squeeze(code))
	sum := sha256.Sum256([]byte(number + "\n" + code))
	return hex.EncodeToString(sum[:])
}

// SameCode reports in constant time whether a code is that of a number, whose hash is
// kept; never for an empty hash.
func SameCode(number, code, hash string) bool {
	return hash != "" && subtle.ConstantTimeCompare([]byte(HashCode(number, code)), []byte(hash)) == 1
}
