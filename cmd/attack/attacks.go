package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/textproto"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gongkai/portal/demo"
)

// attack is one try. It held if run returns nil.
type attack struct {
	kind, name string
	run        func(t *target) error
}

// patience is how long an answer may take.
const patience = 90 * time.Second

// client is somebody with cookies and an address.
type client struct {
	t    *target
	http *http.Client
	from string
}

var last atomic.Int64

// somebody has an address that nobody has had.
func (t *target) somebody() *client {
	jar, _ := cookiejar.New(nil)
	n := last.Add(1)
	return &client{t, &http.Client{Jar: jar, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, fmt.Sprintf("10.%d.%d.%d", 1+n>>16&127, n>>8&255, n&255)}
}

func (c *client) do(method, path, kind string, body io.Reader) (int, string, error) {
	req, err := http.NewRequest(method, c.t.url+path, body)
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("X-Forwarded-For", c.from)
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	r, err := c.http.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	return r.StatusCode, string(b), err
}

func (c *client) get(path string) (int, string, error) { return c.do("GET", path, "", nil) }

func (c *client) post(path string, form url.Values) (int, string, error) {
	return c.do("POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func (c *client) upload(path string, form url.Values, field, name string, data []byte) (int, string, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range form {
		if err := w.WriteField(k, v[0]); err != nil {
			return 0, "", err
		}
	}
	h := make(textproto.MIMEHeader)
	h.Set("Content-Disposition", fmt.Sprintf(`form-data; name=%q; filename="%s"`, field, strings.NewReplacer(`"`, "%22", "\r", "", "\n", "").Replace(name)))
	p, err := w.CreatePart(h)
	if err == nil {
		_, err = p.Write(data)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		return 0, "", err
	}
	return c.do("POST", path, w.FormDataContentType(), &b)
}

// answered says that an answer is one that a portal gives on purpose.
func answered(status int, body string, err error) error {
	switch {
	case err != nil:
		return err
	case status >= 500 && status != http.StatusServiceUnavailable:
		return fmt.Errorf("status %d: %.200s", status, body)
	case strings.Contains(body, "goroutine ") || strings.Contains(body, "root:x:0"):
		return fmt.Errorf("something of the inside is shown: %.200s", body)
	}
	return nil
}

func applyForm(subject string) url.Values {
	return url.Values{"organ": {"water"}, "subject": {subject}, "description": {"近一年的水质检测报告" + subject}, "form": {"electronic"}, "delivery": {"online"}, "kind": {"natural"}, "name": {"某人"}, "id_number": {"110101199001011237"}, "phone": {"0531-5550199"}}
}

// signedIn is a member of staff of the demonstration.
func (t *target) signedIn(login string) (*client, error) {
	c := t.somebody()
	for _, a := range demo.Accounts() {
		if string(a.Person.Login) == login {
			if status, body, err := c.post("/desk/sign-in", url.Values{"login": {login}, "password": {a.Password}}); err != nil || status != http.StatusSeeOther {
				return nil, fmt.Errorf("signing in as %s: %d %.100s %w", login, status, body, err)
			}
		}
	}
	return c, nil
}

// all are the attacks, one after another.
func all(folders []string) ([]attack, error) {
	files, err := inputs(folders)
	if err != nil {
		return nil, err
	}
	var out []attack
	for _, f := range files {
		out = append(out, attack{"sent by a stranger: " + f.kind, f.name, func(t *target) error {
			status, body, err := t.somebody().upload("/apply", applyForm(fmt.Sprint("件", last.Load())), "files", ending(f), f.data)
			return answered(status, body, err)
		}})
	}
	out = append(out, staff(files)...)
	out = append(out, bulk(append(files, archives()...))...)
	out = append(out, names()...)
	out = append(out, forms()...)
	return append(out, races()...), nil
}

// ending gives a file that was made here a name with an ending.
func ending(f input) string {
	if strings.HasPrefix(f.kind, "file of ") {
		return f.name
	}
	return f.name + map[string]string{"pdf": ".pdf", "docx": ".docx", "xlsx": ".xlsx", "text": ".txt", "picture": ".png"}[f.kind]
}

// staff are the same files, opened by those who work with them: imported, and
// looked at to be redacted.
func staff(files []input) (out []attack) {
	var importer, handler *client
	for _, f := range files {
		if len(f.data) > 8<<20 {
			continue
		}
		if strings.HasSuffix(ending(f), ".xlsx") || f.kind == "text" || strings.HasSuffix(f.name, ".csv") || strings.Contains(f.name, ".json") {
			out = append(out, attack{"imported: " + f.kind, f.name, func(t *target) (err error) {
				if importer == nil {
					if importer, err = t.signedIn("admin"); err != nil {
						return err
					}
				}
				status, body, err := importer.upload("/desk/import", url.Values{"what": {"documents"}, "options": {"dry"}}, "file", f.name, f.data)
				return answered(status, body, err)
			}})
		}
		if strings.HasPrefix(f.name, "flipped") || strings.HasPrefix(f.name, "cut") {
			continue
		}
		if strings.HasSuffix(ending(f), ".pdf") || f.kind == "picture" {
			out = append(out, attack{"redacted: " + f.kind, f.name, func(t *target) (err error) {
				if handler == nil {
					if handler, err = t.signedIn("handler"); err != nil {
						return err
					}
				}
				return openPaper(handler, f)
			}})
		}
	}
	return out
}

// bulk are the same files and ZIPs of files, sent by an editor as documents to be.
func bulk(files []input) (out []attack) {
	var editor *client
	for _, f := range files {
		if len(f.data) > 8<<20 {
			continue
		}
		out = append(out, attack{"sent as documents: " + f.kind, f.name, func(t *target) (err error) {
			if editor == nil {
				if editor, err = t.signedIn("editor"); err != nil {
					return err
				}
			}
			status, body, err := editor.upload("/desk/upload", url.Values{"organ": {"water"}}, "files", ending(f), f.data)
			return answered(status, body, err)
		}})
	}
	return out
}

// archives are ZIPs of files: bombs, names that climb, one in another, names without end.
func archives() (out []input) {
	add := func(name string, parts ...part) { out = append(out, input{"zip", name + ".zip", zipped(parts...)}) }
	add("one of zeros", part{"a.txt", make([]byte, 600*mega)})
	var many []part
	for i := range 100 {
		many = append(many, part{fmt.Sprint(i, ".txt"), make([]byte, 10*mega)})
	}
	add("many of zeros", many...)
	add("climbing", part{"../../../etc/passwd", []byte("x")}, part{"/etc/passwd", []byte("x")}, part{`..\..\a.txt`, []byte("x")}, part{"C:/a.txt", []byte("x")}, part{"a\x00b.txt", []byte("x")})
	inner := zipped(part{"a.txt", []byte("x")})
	for range 5 {
		inner = zipped(part{"inner.zip", inner})
	}
	add("one in another", part{"inner.zip", inner})
	var names []part
	for i := range 3000 {
		names = append(names, part{strings.Repeat("长", 60) + fmt.Sprint(i) + ".txt", []byte("x")})
	}
	add("names without end", names...)
	add("the same name", part{"a.txt", []byte("1")}, part{"a.txt", []byte("2")}, part{"A.TXT", []byte("3")})
	add("programs and pages", part{"a.exe", []byte("MZ\x90\x00")}, part{"a.html", []byte("<script>alert(1)</script>")}, part{"a.svg", []byte("<svg onload='x'/>")}, part{"a.pdf", []byte("%PDF-1.7 nothing")})
	return out
}

var (
	caseNumber = regexp.MustCompile(`/desk/applications/(\d{4}-\d{6})`)
	paperLink  = regexp.MustCompile(`/desk/applications/\d{4}-\d{6}/papers/[0-9a-f]{64}`)
)

// openPaper puts a file into a case, and looks at it, finds words in it and
// redacts it.
func openPaper(c *client, f input) error {
	_, list, err := c.get("/desk/applications")
	if err != nil {
		return err
	}
	m := caseNumber.FindStringSubmatch(list)
	if m == nil {
		return errors.New("there is no case")
	}
	path := "/desk/applications/" + m[1]
	status, body, err := c.upload(path+"/papers", nil, "files", ending(f), f.data)
	if err := answered(status, body, err); err != nil || status != http.StatusSeeOther {
		return err // refused in words
	}
	_, page, err := c.get(path)
	if err != nil {
		return err
	}
	links := paperLink.FindAllString(page, -1)
	if len(links) == 0 {
		return errors.New("the paper is not there")
	}
	paper := links[len(links)-1]
	for _, look := range []string{"", "/pages/1.png", "/find?q=Hello"} {
		if status, body, err := c.get(paper + look); answered(status, body, err) != nil {
			return fmt.Errorf("%s: %w", look, answered(status, body, err))
		}
	}
	box := `[{"page":1,"x":0.1,"y":0.1,"w":0.2,"h":0.1,"ground":"denied.third_party"}]`
	status, body, err = c.post(paper, url.Values{"boxes": {box}})
	return answered(status, body, err)
}

// names are names of files.
func names() (out []attack) {
	for _, name := range []string{"../../etc/passwd", `..\..\windows\system32\x.dll`, "x.html", "x.js", "x.exe", "x.pdf.exe", "contract\u202Efdp.exe", strings.Repeat("长", 5000) + ".txt", "\x00.txt", "con.txt", " .txt", "-rf.txt", "a\"; filename=\"b.html"} {
		out = append(out, attack{"names", fmt.Sprintf("%.40q", name), func(t *target) error {
			c := t.somebody()
			status, body, err := c.upload("/apply", applyForm(fmt.Sprint("名", last.Load())), "files", name, []byte("text"))
			if err := answered(status, body, err); err != nil {
				return err
			}
			if _, err := os.Stat("/tmp/gongkai-climbed"); err == nil {
				return errors.New("a name climbed out of its folder")
			}
			return nil
		}})
	}
	return out
}

// forms are requests that no browser sends.
func forms() (out []attack) {
	add := func(name string, run func(c *client) (int, string, error)) {
		out = append(out, attack{"forms", name, func(t *target) error {
			status, body, err := run(t.somebody())
			return answered(status, body, err)
		}})
	}
	for name, text := range map[string]string{"a long subject": strings.Repeat("水", 100_000), "marks": strings.Repeat(">", 200_000), "zeros": strings.Repeat("\x00", 1000), "no text": "\xff\xfe\x80", "a variable": "{{申请人}}{{落款行}}", "a script": "<script>alert(1)</script>", "line ends": strings.Repeat("\r\n# x\n> y", 1000)} {
		add(name, func(c *client) (int, string, error) { return c.post("/apply", applyForm(text)) })
	}
	add("no boundary", func(c *client) (int, string, error) {
		return c.do("POST", "/apply", "multipart/form-data", strings.NewReader("x"))
	})
	add("five thousand fields", func(c *client) (int, string, error) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for i := range 5000 {
			_ = w.WriteField(fmt.Sprint("f", i), "x") // into memory
		}
		_ = w.Close()
		return c.do("POST", "/apply", w.FormDataContentType(), &b)
	})
	add("sixty files", func(c *client) (int, string, error) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for i := range 60 {
			p, _ := w.CreateFormFile("files", fmt.Sprint(i, ".pdf")) // into memory
			_, _ = p.Write(make([]byte, 1000))
		}
		_ = w.Close()
		return c.do("POST", "/apply", w.FormDataContentType(), &b)
	})
	add("a body that is too large", func(c *client) (int, string, error) {
		status, body, err := c.do("POST", "/track", "application/x-www-form-urlencoded", io.LimitReader(zeros{}, 300<<20))
		if err != nil { // the connection may be cut
			return http.StatusRequestEntityTooLarge, "", nil
		}
		return status, body, nil
	})
	add("sixty thousand parameters", func(c *client) (int, string, error) {
		return c.do("GET", "/search?"+strings.Repeat("a=b&", 12_000), "", nil)
	})
	for _, q := range []string{strings.Repeat("水 ", 150), strings.Repeat("-水 ", 100), strings.Repeat(`"水 `, 100), strings.Repeat("水*", 150), "title:" + strings.Repeat("(", 290), strings.Repeat("\u0301", 300), "国办发〔2019〕" + strings.Repeat("9", 280) + "号", "%" + strings.Repeat("的", 299), "\u202E\x00\uFFFF"} {
		add(fmt.Sprintf("searching %.20q", q), func(c *client) (int, string, error) { return c.get("/search?q=" + url.QueryEscape(q)) })
		add(fmt.Sprintf("a feed of %.20q", q), func(c *client) (int, string, error) { return c.get("/feed.atom?q=" + url.QueryEscape(q)) })
		add(fmt.Sprintf("CSV of %.20q", q), func(c *client) (int, string, error) {
			return c.get("/search?format=csv&q=" + url.QueryEscape(q))
		})
	}
	add("a case of 20,000 events", func(c *client) (int, string, error) {
		return c.do("POST", "/api/v1/deadline", "application/json", strings.NewReader(`{"jurisdiction":"CN","events":[`+strings.TrimSuffix(strings.Repeat(`{"type":"received","date":"2025-09-25","channel":"in_person"},`, 20_000), ",")+`]}`))
	})
	add("JSON a hundred thousand deep", func(c *client) (int, string, error) {
		return c.do("POST", "/api/v1/deadline", "application/json", strings.NewReader(strings.Repeat("[", 100_000)))
	})
	for _, path := range []string{"/..%2f..%2fetc/passwd", "/static/x/../../../../etc/passwd", "/documents/%00", "/documents/" + strings.Repeat("9", 5000), "/verify?receipt=" + strings.Repeat("A", 5000), "/setup/x", "/desk/people", "/track/2026-000001", "/opinion/2026-000001/1/" + strings.Repeat("0", 32), "/alerts/stop/x-y", "/due/admin/x.ics"} {
		add(path[:min(len(path), 40)], func(c *client) (int, string, error) { return c.get(path) })
	}
	for _, method := range []string{"PROPFIND", "TRACE", "X" + strings.Repeat("Y", 100)} {
		add("method "+method[:min(len(method), 10)], func(c *client) (int, string, error) { return c.do(method, "/", "", nil) })
	}
	out = append(out, attack{"forms", "two hundred connections that say nothing", func(t *target) error {
		address := strings.TrimPrefix(t.url, "http://")
		var open []net.Conn
		for range 200 {
			c, err := net.DialTimeout("tcp", address, 5*time.Second)
			if err != nil {
				return err
			}
			_, _ = c.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\nX-")) // and no more
			open = append(open, c)
		}
		status, body, err := t.somebody().get("/catalogue")
		for _, c := range open {
			c.Close()
		}
		if err := answered(status, body, err); err != nil || status != http.StatusOK {
			return fmt.Errorf("status %d: %w", status, err)
		}
		return nil
	}}, attack{"forms", "an upload that is left half way", func(t *target) error {
		c, err := net.DialTimeout("tcp", strings.TrimPrefix(t.url, "http://"), 5*time.Second)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(c, "POST /apply HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 10.200.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 40000000\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.pdf\"\r\n\r\n%s", strings.Repeat("x", 1<<20)) // and goes
		c.Close()
		return nil
	}})
	return out
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// races are many at once.
func races() []attack {
	return []attack{
		{"races", "fifty guesses at a password at once", func(t *target) error {
			c := t.somebody()
			var right, wrong atomic.Int32
			each(50, func(i int) {
				switch status, _, err := c.post("/desk/sign-in", url.Values{"login": {"editor"}, "password": {fmt.Sprint("guess number ", i)}}); {
				case err == nil && status == http.StatusSeeOther:
					right.Add(1)
				case err == nil && status == http.StatusUnauthorized:
					wrong.Add(1)
				}
			})
			if right.Load() > 0 || wrong.Load() > 5 {
				return fmt.Errorf("%d guesses were checked", right.Load()+wrong.Load())
			}
			if _, err := t.signedIn("editor"); err != nil {
				return fmt.Errorf("who knows the password is kept out: %w", err)
			}
			return nil
		}},
		{"races", "two hundred sign-ins at once", func(t *target) error {
			var failed atomic.Int32
			each(200, func(i int) {
				if status, body, err := t.somebody().post("/desk/sign-in", url.Values{"login": {fmt.Sprint("nobody", i)}, "password": {"guess guess"}}); answered(status, body, err) != nil {
					failed.Add(1)
				}
			})
			if failed.Load() > 0 {
				return fmt.Errorf("%d were not answered", failed.Load())
			}
			return nil
		}},
		{"races", "the same application eight times at once", func(t *target) error {
			form := applyForm(fmt.Sprint("同一件 ", rand.Int64()))
			numbers := sync.Map{}
			var failed atomic.Int32
			each(8, func(int) {
				c := t.somebody()
				status, body, err := c.upload("/apply", form, "none", "", nil)
				if err := answered(status, body, err); err != nil || status != http.StatusSeeOther {
					failed.Add(1)
					return
				}
				_, page, err := c.get("/apply/receipt")
				if m := regexp.MustCompile(`\d{4}-\d{6}`).FindString(page); err == nil && m != "" {
					numbers.Store(m, true)
				}
			})
			n := 0
			numbers.Range(func(any, any) bool { n++; return true })
			if n != 1 || failed.Load() > 0 {
				return fmt.Errorf("%d numbers, %d not taken", n, failed.Load())
			}
			return nil
		}},
		{"races", "forty files at once", func(t *target) error {
			var failed atomic.Int32
			each(40, func(i int) {
				if status, body, err := t.somebody().upload("/apply", applyForm(fmt.Sprint("多件", i)), "files", "a.pdf", document("", strings.Repeat("BT /F1 12 Tf 20 100 Td (Hello) Tj ET ", 1000), "")); answered(status, body, err) != nil {
					failed.Add(1)
				}
			})
			if failed.Load() > 0 {
				return fmt.Errorf("%d were not answered", failed.Load())
			}
			return nil
		}},
	}
}

// each calls f so many times at once.
func each(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { f(i) })
	}
	all.Wait()
}
