package public

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"net/http"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/cases"
	"gongkai/portal/web/page"
)

// verifyPage is what verify.html shows.
type verifyPage struct {
	page.Base
	Form    page.Form
	Key     string // PEM
	Asked   bool
	Genuine bool
	Receipt cases.Receipt
	Text    string // "", same, other: whether what was typed is what was sent
}

// maxReceipt is the most characters of a receipt.
const maxReceipt = 4000

func (s *Face) verifyForm(c echo.Context) (verifyPage, error) {
	t := page.TextsOf(c)
	p := verifyPage{Base: s.Base(c, t.T("verify.title"))}
	p.Section = "apply"
	p.Form = page.Form{Action: s.BasePath + "/verify", Submit: t.T("verify.submit"), Fields: []page.Field{
		{Name: "receipt", Kind: "textarea", Rows: 8, Label: t.T("verify.receipt"), Hint: t.T("verify.receipt_hint"), Max: maxReceipt},
		{Name: "subject", Kind: "text", Label: t.T("apply.subject"), Hint: t.T("verify.text_hint"), Max: portal.MaxLine, Optional: true},
		{Name: "description", Kind: "textarea", Rows: 5, Label: t.T("apply.description"), Max: cases.MaxDescription, Optional: true},
		{Name: "doc_number", Kind: "text", Label: t.T("apply.doc_number"), Max: portal.MaxLine, Optional: true},
	}}
	var err error
	p.Key, err = s.receiptKey()
	return p, err
}

// receiptKey is the public key of receipts as PEM.
func (s *Face) receiptKey() (string, error) {
	der, err := x509.MarshalPKIXPublicKey(s.Store.ReceiptKey().Public())
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), nil
}

// verifyKey answers GET /verify/key.pem, for those who check by themselves.
func (s *Face) verifyKey(c echo.Context) error {
	key, err := s.receiptKey()
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "application/x-pem-file", []byte(key))
}

func (s *Face) verify(c echo.Context) error {
	p, err := s.verifyForm(c)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, "verify", p)
}

// verifyReceipt answers POST /verify: whether a receipt is genuine, and
// whether a text is the one that was sent. It looks at nothing but what it is
// given and the key.
func (s *Face) verifyReceipt(c echo.Context) error {
	p, err := s.verifyForm(c)
	if err != nil {
		return err
	}
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	p.Form.Fill(values)
	public, ok := s.Store.ReceiptKey().Public().(ed25519.PublicKey)
	if !ok {
		return portal.Missing()
	}
	p.Receipt, p.Genuine, err = cases.ReadReceipt(page.Typed(c, "receipt"), public)
	if err != nil {
		if err := p.Form.Refuse(page.TextsOf(c), err); err != nil {
			return err
		}
		return s.Render(c, http.StatusUnprocessableEntity, "verify", p)
	}
	p.Asked = true
	if subject, description, number := page.Typed(c, "subject"), page.Typed(c, "description"), page.Typed(c, "doc_number"); subject+description+number != "" {
		p.Text = "other"
		if cases.SumOfRequest(subject, description, number) == p.Receipt.Sum {
			p.Text = "same"
		}
	}
	return s.Render(c, http.StatusOK, "verify", p)
}
