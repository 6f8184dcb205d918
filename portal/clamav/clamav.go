// Package clamav asks ClamAV's clamd whether a file holds malware, over its own
// protocol (INSTREAM).
package clamav

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"gongkai/portal"
)

// Scanner asks one clamd.
type Scanner struct{ network, address string }

// New takes unix:/path or host:port.
func New(address string) (*Scanner, error) {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		return &Scanner{"unix", path}, nil
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, fmt.Errorf("--clamd %q is not unix:/path or host:port", address)
	}
	return &Scanner{"tcp", address}, nil
}

// Limits on one question.
const (
	scanTime = 2 * time.Minute
	chunk    = 64 << 10
)

// Scan sends a file. Malware is a *portal.Error of kind Invalid; a scanner that
// does not answer is one of kind Unavailable, for what could not be scanned is
// not taken.
func (s *Scanner) Scan(ctx context.Context, file io.Reader) error {
	answer, err := s.ask(ctx, file)
	if err != nil {
		return &portal.Error{Kind: portal.Unavailable, Key: "error.scanner", Err: err}
	}
	if found, ok := strings.CutSuffix(answer, " FOUND"); ok {
		_, name, _ := strings.Cut(found, ": ")
		return &portal.Error{Kind: portal.Invalid, Key: "error.file_virus", Args: portal.Args{"Found": name}}
	}
	if !strings.HasSuffix(answer, ": OK") {
		return &portal.Error{Kind: portal.Unavailable, Key: "error.scanner", Err: errors.New(answer)}
	}
	return nil
}

func (s *Scanner) ask(ctx context.Context, file io.Reader) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, scanTime)
	defer cancel()
	var d net.Dialer
	c, err := d.DialContext(ctx, s.network, s.address)
	if err != nil {
		return "", err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	w := bufio.NewWriterSize(c, chunk+16)
	if _, err := w.WriteString("zINSTREAM\x00"); err != nil {
		return "", err
	}
	b := make([]byte, chunk)
	for {
		n, err := io.ReadFull(file, b)
		if n > 0 {
			if e := binary.Write(w, binary.BigEndian, uint32(n)); e != nil {
				return "", e
			}
			if _, e := w.Write(b[:n]); e != nil {
				return "", e
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return "", err
		}
	}
	if err := binary.Write(w, binary.BigEndian, uint32(0)); err != nil {
		return "", err
	}
	if err := w.Flush(); err != nil {
		return "", err
	}
	answer, err := bufio.NewReader(io.LimitReader(c, 4096)).ReadString(0)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(answer, "\x00\n"), nil
}
