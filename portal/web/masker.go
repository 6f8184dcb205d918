package web

import (
	"context"
	"io"

	"gongkai/portal"
	"gongkai/portal/extract"
	"gongkai/portal/redact"
	"gongkai/portal/web/page"
)

// Masker makes masked copies of files that are to be published, as they look.
type Masker struct {
	portal.Clockwork
	Redactor redact.Redactor
	Reader   extract.Reader
	Files    page.Opener
}

// Mask implements documents.Masker.
func (m Masker) Mask(ctx context.Context, a portal.Attachment, texts []string) ([]byte, portal.Reading, error) {
	f, err := m.Files.OpenFile(ctx, a.File)
	if err != nil {
		return nil, portal.Reading{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, portal.MaxFile))
	if err != nil {
		return nil, portal.Reading{}, err
	}
	out, err := m.Redactor.Mask(ctx, data, a.Type, texts, m.Now())
	if err != nil {
		return nil, portal.Reading{}, err
	}
	read, err := m.Reader.ReadBytes(ctx, out, "application/pdf")
	return out, read.Reading(), err
}
