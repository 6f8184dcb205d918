package web_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gongkai/portal/web"
)

// fronted is a site behind the front, and its address.
func (s *site) fronted(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := s.srv.HTTP()
	served := make(chan error, 1)
	go func() { served <- h.Serve(s.srv.Front(ln)) }()
	t.Cleanup(func() {
		h.Close()
		select {
		case <-served:
		case <-time.After(10 * time.Second):
			t.Error("the server does not end")
		}
	})
	return ln.Addr().String()
}

// talk sends bytes over one connection and reads so many answers.
func talk(t testing.TB, address, request string, answers int, head bool) (out []string) {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	for range answers {
		method := "GET"
		if head {
			method = "HEAD"
		}
		resp, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			return append(out, "error")
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return append(out, "error in the body")
		}
		h := resp.Header
		for _, name := range []string{"Date", "X-Request-Id"} {
			h.Del(name)
		}
		if v := h.Values("Vary"); len(v) > 0 {
			h["Vary"] = []string{strings.Join(v, ", ")}
		}
		var b bytes.Buffer
		fmt.Fprintf(&b, "%d %d close=%v ", resp.StatusCode, resp.ContentLength, resp.Close)
		if err := h.Write(&b); err != nil {
			t.Fatal(err)
		}
		b.Write(body)
		out = append(out, b.String())
	}
	return out
}

// apart shows where two texts part.
func apart(got, want string) string {
	i := 0
	for i < min(len(got), len(want)) && got[i] == want[i] {
		i++
	}
	return fmt.Sprintf("%q\nwant %q", got[max(0, i-60):min(len(got), i+100)], want[max(0, i-60):min(len(want), i+100)])
}

// TestFrontSaysTheSame sends the same bytes to the front and to the server behind it: each
// answer is the same, to the last header.
func TestFrontSaysTheSame(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", "https://open.example")
	front := s.fronted(t)
	plain := httptest.NewServer(s.srv)
	t.Cleanup(plain.Close)
	behind := strings.TrimPrefix(plain.URL, "http://")
	const host = "Host: open.example\r\n"
	warm := "GET /catalogue HTTP/1.1\r\n" + host + "\r\n"
	talk(t, behind, warm, 1, false)
	talk(t, behind, strings.Replace(warm, host, host+"Accept-Language: en\r\n", 1), 1, false)
	talk(t, behind, strings.Replace(warm, host, host+"Cookie: view=large\r\n", 1), 1, false)
	etag := ""
	for line := range strings.Lines(talk(t, behind, warm, 1, false)[0]) {
		if v, ok := strings.CutPrefix(line, "Etag: "); ok {
			etag = strings.TrimSpace(v)
		}
	}
	for _, x := range []struct {
		name, request string
		answers       int
	}{
		{"plain", warm, 1},
		{"again and again", strings.Repeat(warm, 5), 5},
		{"compressed", "GET /catalogue HTTP/1.1\r\n" + host + "Accept-Encoding: gzip, br\r\n\r\n", 1},
		{"English", "GET /catalogue HTTP/1.1\r\n" + host + "Accept-Language: en-GB,en;q=0.9\r\nUser-Agent: x\r\n\r\n", 1},
		{"what it has", "GET /catalogue HTTP/1.1\r\n" + host + "If-None-Match: " + etag + "\r\n\r\n", 1},
		{"something else", "GET /catalogue HTTP/1.1\r\n" + host + "If-None-Match: \"x\"\r\n\r\n", 1},
		{"and close", "GET /catalogue HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n", 1},
		{"keep alive", "GET /catalogue HTTP/1.1\r\n" + host + "Connection: keep-alive\r\n\r\n", 1},
		{"then what is not kept", warm + "GET /readyz HTTP/1.1\r\n" + host + "\r\n" + warm, 3},
		{"with a cookie", "GET /catalogue HTTP/1.1\r\n" + host + "Cookie: lang=en\r\n\r\n", 1},
		{"large type", "GET /catalogue HTTP/1.1\r\n" + host + "Cookie: view=large\r\n\r\n", 1},
		{"a choice", "GET /catalogue?lang=en HTTP/1.1\r\n" + host + "\r\n", 1},
		{"HTTP/1.0", "GET /catalogue HTTP/1.0\r\n" + host + "\r\n", 1},
		{"no host", "GET /catalogue HTTP/1.1\r\n\r\n", 1},
		{"two hosts", "GET /catalogue HTTP/1.1\r\n" + host + host + "\r\n", 1},
		{"a body", "GET /catalogue HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nabc" + warm, 2},
		{"chunks", "GET /catalogue HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + warm, 2},
		{"both", "GET /catalogue HTTP/1.1\r\n" + host + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 1},
		{"folded", "GET /catalogue HTTP/1.1\r\n" + host + "Accept: a\r\n b\r\n\r\n", 1},
		{"bare line ends", "GET /catalogue HTTP/1.1\nHost: open.example\n\n", 1},
		{"a range", "GET /catalogue HTTP/1.1\r\n" + host + "Range: bytes=0-9\r\n\r\n", 1},
		{"a space in a name", "GET /catalogue HTTP/1.1\r\n" + host + "Accept : a\r\n\r\n", 1},
		{"nothing that is there", "GET /no/such HTTP/1.1\r\n" + host + "\r\n", 1},
		{"a post", "POST /catalogue HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n", 1},
		{"another form of the address", "GET /%63atalogue HTTP/1.1\r\n" + host + "\r\n", 1},
		{"an absolute address", "GET http://open.example/catalogue HTTP/1.1\r\n" + host + "\r\n", 1},
		{"a long head", "GET /catalogue HTTP/1.1\r\n" + host + "User-Agent: " + strings.Repeat("x", 9000) + "\r\n\r\n", 1},
		{"nonsense", "nonsense\r\n\r\n", 1},
	} {
		got, want := talk(t, front, x.request, x.answers, false), talk(t, behind, x.request, x.answers, false)
		for i := range want {
			if i >= len(got) || got[i] != want[i] {
				t.Errorf("%s, answer %d: %s", x.name, i+1, apart(strings.Join(got[min(i, len(got)):], "\n"), want[i]))
				break
			}
		}
	}
	head := "HEAD /catalogue HTTP/1.1\r\n" + host + "\r\n"
	if got, want := talk(t, front, head+head, 2, true), talk(t, behind, head+head, 2, true); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("HEAD: %s\nwant %s", got, want)
	}
	// A head that comes byte by byte.
	c, err := net.Dial("tcp", front)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, b := range []byte(warm) {
		if _, err := c.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	resp, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || resp.StatusCode != 200 {
		t.Errorf("byte by byte: %v", err)
	}
	resp.Body.Close()
}

// FuzzFront: whatever the front takes for plain, the standard library reads in the same way.
func FuzzFront(f *testing.F) {
	for _, s := range []string{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD /a?b=1 HTTP/1.1\r\nhost:a.example:80\r\nIf-None-Match: W/\"x\"\r\nConnection: close\r\n\r\n", "GET /%2F HTTP/1.1\r\nHost: a\r\nAccept: b\r\n\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		end := bytes.Index(b, []byte("\r\n\r\n"))
		if end < 0 {
			return
		}
		head := b[:end+4]
		target, host, ok := web.ReadPlain(head)
		if !ok {
			return
		}
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
		if err != nil {
			t.Fatalf("%q is plain, and cannot be read: %v", head, err)
		}
		if r.URL.RequestURI() != target || r.Host != host || r.ContentLength != 0 || len(r.TransferEncoding) > 0 || len(r.Cookies()) > 0 {
			t.Fatalf("%q is read as %q of %q, and is %q of %q", head, target, host, r.URL.RequestURI(), r.Host)
		}
	})
}
