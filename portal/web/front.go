package web

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gongkai/portal/locale"
)

// front stands before the server of the standard library and answers the plainest requests
// for kept pages itself: GET or HEAD of a page that is there and right, without a cookie, a
// body or anything else to think about. Whatever it does not know at first sight it hands on,
// the connection with all that was read of it, and does not see again. What it writes is what
// the server would write (TestFrontSaysTheSame), in one piece.
type front struct {
	net.Listener
	server *Server
	handed chan net.Conn
	done   chan struct{}
	mu     sync.Mutex
	mine   map[net.Conn]bool
	closed bool
}

// Front is the listener that the server of HTTP serves: the connections of ln that the front
// does not answer itself.
func (s *Server) Front(ln net.Listener) net.Listener {
	f := &front{Listener: ln, server: s, handed: make(chan net.Conn), done: make(chan struct{}), mine: make(map[net.Conn]bool)}
	go f.accept()
	return f
}

// Bounds of the front.
const (
	frontHead = 4 << 10 // bytes of a request's head; a longer one is handed on
	frontIdle = 2 * time.Minute
	frontRead = 10 * time.Second // for the rest of a head that has begun, and for writing
)

// accept takes connections until the listener ends.
func (f *front) accept() {
	defer close(f.done)
	for pause := time.Duration(0); ; {
		c, err := f.Listener.Accept()
		if err != nil {
			if f.isClosed() {
				return
			}
			pause = min(max(2*pause, 5*time.Millisecond), time.Second) // too many files are open: it passes
			time.Sleep(pause)
			continue
		}
		pause = 0
		if !f.keep(c) {
			c.Close()
			return
		}
		go f.serve(c)
	}
}

// keep notes a connection as the front's own; false once it is closed.
func (f *front) keep(c net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.closed {
		f.mine[c] = true
	}
	return !f.closed
}

func (f *front) drop(c net.Conn) {
	f.mu.Lock()
	delete(f.mine, c)
	f.mu.Unlock()
}

// Accept gives a connection that was handed on.
func (f *front) Accept() (net.Conn, error) {
	select {
	case c := <-f.handed:
		return c, nil
	case <-f.done:
		return nil, net.ErrClosed
	}
}

// Close ends the listener and wakes the connections that wait for a request. An answer that
// is being written is written to its end.
func (f *front) Close() error {
	f.mu.Lock()
	f.closed = true
	for c := range f.mine {
		_ = c.SetReadDeadline(time.Unix(1, 0)) // it may have ended
	}
	f.mu.Unlock()
	return f.Listener.Close()
}

var frontReaders = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, frontHead) }}

// serve answers on a connection until something is handed on or it ends.
func (f *front) serve(c net.Conn) {
	r := frontReaders.Get().(*bufio.Reader)
	r.Reset(c)
	ended := func() {
		f.drop(c)
		c.Close()
		r.Reset(nil)
		frontReaders.Put(r)
	}
	var a asked
	for {
		_ = c.SetReadDeadline(time.Now().Add(frontIdle)) // an error shows at the next read
		if f.isClosed() {
			ended()
			return
		}
		head, err := headIn(r, c)
		if err != nil {
			ended()
			return
		}
		if head == nil || !a.read(head) || !f.answer(c, &a) {
			f.drop(c)
			_ = c.SetDeadline(time.Time{})
			left, _ := r.Peek(r.Buffered()) // what is there
			rest := bytes.Clone(left)
			r.Reset(nil)
			frontReaders.Put(r)
			select {
			case f.handed <- &handed{Conn: c, rest: rest}:
			case <-f.done:
				c.Close()
			}
			return
		}
		if _, err := r.Discard(len(head)); err != nil || a.close {
			ended()
			return
		}
	}
}

func (f *front) isClosed() bool { f.mu.Lock(); defer f.mu.Unlock(); return f.closed }

// headIn waits for the head of a request, up to its empty line; nil for one that is too long.
func headIn(r *bufio.Reader, c net.Conn) ([]byte, error) {
	begun := false
	for n := 1; ; {
		b, err := r.Peek(n)
		if err != nil {
			if len(b) > 0 && err == bufio.ErrBufferFull {
				return nil, nil
			}
			return nil, err
		}
		b, _ = r.Peek(r.Buffered()) // what is there
		if i := bytes.Index(b, []byte("\r\n\r\n")); i >= 0 {
			return b[:i+4], nil
		}
		if len(b) >= frontHead || !strings.HasPrefix("GET /", string(b[:min(5, len(b))])) && !strings.HasPrefix("HEAD /", string(b[:min(6, len(b))])) || bareEnd(b) {
			return nil, nil
		}
		if !begun {
			begun = true
			_ = c.SetReadDeadline(time.Now().Add(frontRead)) // an error shows at the next read
		}
		n = len(b) + 1
	}
}

// bareEnd reports whether a line ends without a carriage return: it is for others to say
// what that means.
func bareEnd(b []byte) bool {
	for i, c := range b {
		if c == '\n' && (i == 0 || b[i-1] != '\r') {
			return true
		}
	}
	return false
}

// handed is a connection with what was read of it.
type handed struct {
	net.Conn
	rest []byte
}

// Read gives what was read first.
func (h *handed) Read(b []byte) (int, error) {
	if len(h.rest) > 0 {
		n := copy(b, h.rest)
		if h.rest = h.rest[n:]; len(h.rest) == 0 {
			h.rest = nil
		}
		return n, nil
	}
	return h.Conn.Read(b)
}

// CloseWrite lets the server end an answer before it has read all that is sent, so that a
// refusal arrives.
func (h *handed) CloseWrite() error {
	if c, ok := h.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return nil
}

// ReadFrom lets the system copy a file to the connection, where it can.
func (h *handed) ReadFrom(r io.Reader) (int64, error) { return io.Copy(h.Conn, r) }

// asked is what the front has to know of a request.
type asked struct {
	head                                   bool // HEAD
	close                                  bool
	target, host, encoding, language, have string
}

// plainTarget are the characters of an address that are the same however it is written.
var plainTarget = func() (ok [256]bool) {
	for _, r := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_.~-?&=+,:" {
		ok[r] = true
	}
	return ok
}()

// harmless are the headers that change nothing in the answer to a plain request.
var harmless = map[string]bool{"accept": true, "user-agent": true, "dnt": true, "sec-gpc": true, "cache-control": true, "pragma": true, "referer": true, "priority": true, "upgrade-insecure-requests": true,
	"sec-ch-ua": true, "sec-ch-ua-mobile": true, "sec-ch-ua-platform": true, "sec-fetch-site": true, "sec-fetch-mode": true, "sec-fetch-user": true, "sec-fetch-dest": true, "x-forwarded-for": true, "te": true}

// read reads a request's head, and reports whether it is as plain as can be.
func (a *asked) read(head []byte) bool {
	*a = asked{}
	text := string(head[:len(head)-2]) // each line with its end
	line, rest, _ := strings.Cut(text, "\r\n")
	method, line, ok := strings.Cut(line, " ")
	a.head = method == "HEAD"
	target, version, ok2 := strings.Cut(line, " ")
	if !ok || !ok2 || method != "GET" && !a.head || version != "HTTP/1.1" || target == "" || target[0] != '/' || strings.HasPrefix(target, "//") {
		return false
	}
	for i := range len(target) {
		if !plainTarget[target[i]] {
			return false
		}
	}
	if _, q, _ := strings.Cut(target, "?"); choosing(q) || searched(q) {
		return false
	}
	a.target = target
	var lower [40]byte
	for rest != "" {
		if line, rest, ok = strings.Cut(rest, "\r\n"); !ok {
			return false
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || len(name) == 0 || len(name) > len(lower) {
			return false
		}
		for i := range len(name) {
			c := name[i]
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			if c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
				return false
			}
			lower[i] = c
		}
		for i := range len(value) {
			if c := value[i]; c < ' ' && c != '\t' || c == 0x7F {
				return false
			}
		}
		value = strings.Trim(value, " \t")
		once := func(into *string) bool { was := *into; *into = value; return was == "" && value != "" }
		switch string(lower[:len(name)]) {
		case "host":
			ok = once(&a.host)
		case "accept-encoding":
			ok = once(&a.encoding)
		case "accept-language":
			ok = once(&a.language)
		case "if-none-match":
			ok = once(&a.have)
		case "connection":
			ok = strings.EqualFold(value, "keep-alive")
			if strings.EqualFold(value, "close") {
				a.close, ok = true, true
			}
		default:
			ok = harmless[string(lower[:len(name)])]
		}
		if !ok {
			return false
		}
	}
	for i := range len(a.host) {
		if c := a.host[i]; !plainTarget[c] || c == '/' || c == '?' {
			return false
		}
	}
	return a.host != ""
}

// answer answers a request for a page that is kept; false where there is none.
func (f *front) answer(c net.Conn, a *asked) bool {
	start, s := time.Now(), f.server
	p := s.cache.get(s.nameOf(a.target, "http", a.host, languageOf("", "", a.language), false))
	if p == nil {
		return false
	}
	body, encoding, status, lines := p.Body, "", "200 OK\r\n", p.written(false)
	length := ""
	if p.had(a.have) {
		body, status, lines = nil, "304 Not Modified\r\n", p.written(true)
	} else {
		if i := p.encodingFor(a.encoding); i >= 0 {
			body, encoding = p.as(i), "Content-Encoding: "+encodings[i].name+"\r\n"
		}
		length = "Content-Length: " + strconv.Itoa(len(body)) + "\r\n"
	}
	if a.head {
		body = nil
	}
	end := "\r\n"
	if a.close {
		end = "Connection: close\r\n\r\n"
	}
	p.requests.Inc()
	s.metrics.all.Add(1)
	_ = c.SetWriteDeadline(start.Add(frontRead + time.Duration(len(body)/1024)*time.Second)) // an error shows at the write
	buffers := net.Buffers{[]byte("HTTP/1.1 " + status + encoding + length + httpDate(start) + lines + end), body}
	if len(body) == 0 {
		buffers = buffers[:1]
	}
	_, err := buffers.WriteTo(c)
	if err != nil {
		a.close = true // the reader has gone
	}
	p.seconds.Observe(time.Since(start).Seconds())
	return true
}

// written are the headers of the page as they are written, but those that depend on a request;
// of an answer without a body nothing tells of one.
func (p *keptPage) written(bare bool) string {
	p.lines.once.Do(func() {
		var b bytes.Buffer
		_ = p.header.Write(&b) // into memory
		p.lines.text = b.String()
		b.Reset()
		_ = p.header.WriteSubset(&b, map[string]bool{"Content-Type": true}) // as above
		p.lines.bare = b.String()
	})
	if bare {
		return p.lines.bare
	}
	return p.lines.text
}

// dated is the Date header of a second.
type dated struct {
	second int64
	line   string
}

var lastDate atomic.Pointer[dated]

// httpDate is the Date header; it is made once a second.
func httpDate(now time.Time) string {
	d := lastDate.Load()
	if d == nil || d.second != now.Unix() {
		d = &dated{now.Unix(), "Date: " + now.UTC().Format(http.TimeFormat) + "\r\n"}
		lastDate.Store(d)
	}
	return d.line
}

// languageOf is the language for a reader: what is asked for, else what is kept, else what the
// browser wishes, else the first.
func languageOf(ask, kept, wish string) string {
	if known(ask) {
		return ask
	}
	if known(kept) {
		return kept
	}
	if len(wish) > 1 {
		if l := strings.ToLower(wish[:2]); known(l) {
			return l
		}
	}
	return locale.Langs[0]
}
