package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"gongkai/portal/machines"
)

// hookTime is how long an address may take to answer.
const hookTime = 10 * time.Second

// postTo sends events over HTTP. It follows no redirect and reads no answer.
func postTo() machines.Post {
	client := &http.Client{Timeout: hookTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return func(ctx context.Context, address, signature, id string, body []byte) (int, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
		if err != nil {
			return 0, err
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("User-Agent", "Gongkai-Hooks/1")
		req.Header.Set("X-Gongkai-Event-ID", id)
		req.Header.Set("X-Gongkai-Signature", signature)
		resp, err := client.Do(req)
		if err != nil {
			return 0, err
		}
		_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // so that the connection can be used again
		return resp.StatusCode, resp.Body.Close()
	}
}
