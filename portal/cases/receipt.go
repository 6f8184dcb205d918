package cases

import (
	"bufio"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"gongkai/portal"
)

// Proof is what a signed receipt (回执) says: which application arrived when,
// and the sum of what was sent. It tells nothing of who sent it.
type Receipt struct {
	Number   ApplicationNumber
	Organ    portal.OrganCode
	Received time.Time // to the second
	Sum      string    // SHA-256 of what was sent, in hexadecimal figures
}

// ProofOf is the proof of an application as it was received.
func ReceiptOf(a *Application) Receipt {
	p := Receipt{Number: a.Number, Organ: a.Organ, Sum: SumOfRequest(a.Subject, a.Description, a.DocNumber)}
	if len(a.Steps) > 0 {
		p.Received = a.Steps[0].RecordedAt.UTC().Truncate(time.Second)
	}
	return p
}

// SumOfRequest is the sum of what an applicant wrote, whatever its blanks and
// line ends.
func SumOfRequest(subject, description, docNumber string) string {
	var b strings.Builder
	for _, s := range []string{subject, description, docNumber} {
		b.WriteString(strings.Join(strings.Fields(s), " ") + "\n")
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

const (
	receiptBegin = "-----BEGIN GONGKAI RECEIPT-----"
	receiptEnd   = "-----END GONGKAI RECEIPT-----"
)

// signed is the text that the signature is over.
func (p Receipt) signed() string {
	return fmt.Sprintf("number: %s\norgan: %s\nreceived: %s\nsha256: %s\n", p.Number, p.Organ, p.Received.UTC().Format(time.RFC3339), p.Sum)
}

// Sign writes the receipt with its Ed25519 signature, as text to keep. The same
// proof always gives the same text.
func (p Receipt) Sign(key ed25519.PrivateKey) string {
	sig := ed25519.Sign(key, []byte(p.signed()))
	return receiptBegin + "\n" + p.signed() + "signature: " + base64.StdEncoding.EncodeToString(sig) + "\n" + receiptEnd + "\n"
}

// ReadReceipt reads a receipt as Sign writes it, from a text that may hold
// more, and reports whether the key has signed it. The error says that there
// is no receipt in the text.
func ReadReceipt(text string, key ed25519.PublicKey) (p Receipt, genuine bool, err error) {
	none := portal.Wrong("receipt", "error.no_receipt", nil)
	_, rest, ok := strings.Cut(text, receiptBegin)
	body, _, closed := strings.Cut(rest, receiptEnd)
	if !ok || !closed || len(body) > 2000 {
		return p, false, none
	}
	values := make(map[string]string)
	for s := bufio.NewScanner(strings.NewReader(body)); s.Scan(); {
		if name, value, ok := strings.Cut(strings.TrimSpace(s.Text()), ": "); ok {
			values[name] = strings.TrimSpace(value)
		}
	}
	at, timeErr := time.Parse(time.RFC3339, values["received"])
	sig, sigErr := base64.StdEncoding.DecodeString(values["signature"])
	if timeErr != nil || sigErr != nil || values["number"] == "" {
		return p, false, none
	}
	p = Receipt{ApplicationNumber(values["number"]), portal.OrganCode(values["organ"]), at, values["sha256"]}
	return p, ed25519.Verify(key, []byte(p.signed()), sig), nil
}

// Masked is the applicant as staff see them before they ask to see more: the
// first character of the name, the last figures of the numbers.
func (a Applicant) Masked() Applicant {
	tail := func(s string, n int) string {
		rs := []rune(s)
		if len(rs) <= n {
			return strings.Repeat("＊", len(rs))
		}
		return strings.Repeat("＊", min(6, len(rs)-n)) + string(rs[len(rs)-n:])
	}
	head := func(s string) string {
		if s == "" {
			return ""
		}
		return string([]rune(s)[:1]) + "＊＊"
	}
	m := Applicant{Kind: a.Kind, IDType: a.IDType, Name: head(a.Name), Contact: head(a.Contact), IDNumber: tail(a.IDNumber, 2), Phone: tail(a.Phone, 3)}
	if a.Email != "" {
		m.Email = "＊＊@＊＊"
	}
	return m
}
