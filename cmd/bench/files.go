package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"gongkai/portal/extract"
	"gongkai/portal/sandbox"
)

// formats is where small files lie that other programs have made.
const formats = "portal/extract/testdata/formats"

// measureFiles measures publishing: what it takes to read a page of each format,
// beside pdftotext where that is installed, and so many mixed files from upload to
// search.
func measureFiles(n int, span time.Duration) error {
	dir, err := os.MkdirTemp("", "gongkai-files-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	exe := filepath.Join(dir, "gongkai")
	if out, err := exec.Command("go", "build", "-o", exe, "./cmd/gongkai").CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w\n%s", err, out)
	}
	fmt.Printf("Machine: %s, %d processors, %s\n\n", cpu(), runtime.NumCPU(), runtime.Version())
	if err := readings(exe, dir, span); err != nil {
		return err
	}
	return uploads(exe, dir, n)
}

// readings prints what a page of each format takes.
func readings(exe, dir string, span time.Duration) error {
	cache := filepath.Join(dir, "pdfium")
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return err
	}
	if out, err := exec.Command(exe, "extract", "--warm", cache).CombinedOutput(); err != nil {
		return fmt.Errorf("compiling PDFium: %w\n%s", err, out)
	}
	limits := sandbox.Usual()
	reader := extract.Reader{Pool: &sandbox.Pool{Limits: limits, Command: []string{exe}, Cache: func() string { return cache }}}
	byType := make(map[string][]string)
	for _, pattern := range []string{formats + "/*", "../shared/real/documents/*"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			return err
		}
		for _, f := range files {
			if info, err := os.Stat(f); err == nil && info.Mode().IsRegular() {
				byType[strings.ToLower(filepath.Ext(f))] = append(byType[strings.ToLower(filepath.Ext(f))], f)
			}
		}
	}
	fmt.Println("Each file is read in a child of its own, whose start is in the figure.")
	fmt.Println("\n| format | files | pages | ms a file | ms a page | KB of text |\n|---|---|---|---|---|---|")
	for _, ending := range []string{".pdf", ".ofd", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".doc", ".xls", ".rtf", ".html", ".jpg"} {
		read, pages, text := 0, 0, 0
		start := time.Now()
		for rounds := 0; rounds == 0 || time.Since(start) < span; rounds++ {
			for _, name := range byType[ending] {
				f, err := os.Open(name)
				if err != nil {
					return err
				}
				_, r, err := reader.Look(context.Background(), f)
				f.Close()
				if err != nil { // refused: it costs a child all the same, but has no page
					continue
				}
				read++
				pages += len(r.Pages)
				text += len(r.Text())
			}
		}
		took := time.Since(start)
		if read > 0 {
			fmt.Printf("| %s | %d | %d | %.0f | %.1f | %d |\n", ending[1:], read, pages, took.Seconds()*1000/float64(read), took.Seconds()*1000/float64(max(1, pages)), text/1000)
		}
	}
	if path, err := exec.LookPath("pdftotext"); err == nil && len(byType[".pdf"]) > 0 {
		start, read := time.Now(), 0
		for read == 0 || time.Since(start) < span {
			for _, name := range byType[".pdf"] {
				if exec.Command(path, name, "-").Run() == nil {
					read++
				}
			}
		}
		fmt.Printf("| pdf by pdftotext (poppler, no child, no hidden text told apart) | %d | | %.0f | | |\n", read, time.Since(start).Seconds()*1000/float64(max(1, read)))
	}
	return nil
}

// mixed makes n small files of the kinds that departments send, each of its own.
func mixed(n int) (names []string, files [][]byte, err error) {
	load := func(name string) []byte {
		b, e := os.ReadFile(filepath.Join(formats, name))
		err = errors.Join(err, e)
		return b
	}
	base := map[string][]byte{"docx": load("src.docx"), "odt": load("src.odt"), "doc": load("src.doc"), "pdf": load("src.pdf"), "html": load("src.html")}
	if err != nil {
		return nil, nil, err
	}
	kinds := []string{"txt", "txt", "txt", "pdf", "pdf", "docx", "docx", "xlsx", "doc", "odt", "html", "xlsx"}
	for i := range n {
		kind := kinds[i%len(kinds)]
		amount := chinese(i)
		var b []byte
		switch kind {
		case "txt":
			b = fmt.Appendf(nil, "清河市水务局文件\n清水〔2026〕%d号\n关于第%s段供水管道检修的通知\n各用户：\n检修期间停水，请提前储水。\n清河市水务局\n2026年11月10日\n", i+1, amount)
		case "xlsx":
			x := excelize.NewFile()
			for r := range 40 {
				err = errors.Join(err, x.SetSheetRow("Sheet1", fmt.Sprintf("A%d", r+1), &[]any{"路段" + amount, r, "人民路", 3.5 * float64(r)}))
			}
			var out bytes.Buffer
			err = errors.Join(err, x.Write(&out))
			b = out.Bytes()
		case "pdf":
			b = append(bytes.Clone(base["pdf"]), fmt.Sprintf("%% %d\n", i)...)
		case "doc":
			b = bytes.ReplaceAll(base["doc"], wide("八百二十元"), wide(amount))
		case "html":
			b = bytes.ReplaceAll(base["html"], []byte("八百二十元"), []byte(amount))
		default:
			b, err = rezip(base[kind], "八百二十元", amount)
		}
		if err != nil {
			return nil, nil, err
		}
		names, files = append(names, fmt.Sprintf("%04d.%s", i, kind)), append(files, b)
	}
	return names, files, nil
}

// chinese is a number in five characters that stand for its digits.
func chinese(i int) string {
	return strings.NewReplacer("0", "零", "1", "一", "2", "二", "3", "三", "4", "四", "5", "五", "6", "六", "7", "七", "8", "八", "9", "九").Replace(fmt.Sprintf("%05d", i))
}

func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

// rezip replaces a text in all files of a ZIP.
func rezip(file []byte, from, to string) ([]byte, error) {
	in, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range in.File {
		r, err := e.Open()
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			return nil, err
		}
		part, err := w.CreateHeader(&zip.FileHeader{Name: e.Name, Method: e.Method})
		if err != nil {
			return nil, err
		}
		if _, err := part.Write(bytes.ReplaceAll(b, []byte(from), []byte(to))); err != nil {
			return nil, err
		}
	}
	err = w.Close()
	return out.Bytes(), err
}

var revision = regexp.MustCompile(`name="revision\.([A-Z0-9]+)" value="([^"]*)"`)

// uploads sends n files as an officer does, twenty at a time, has them handed in and
// approved by a second person, and looks for the last in search.
func uploads(exe, dir string, n int) error {
	names, files, err := mixed(n)
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cmd := exec.CommandContext(ctx, exe, "serve", "--demo", "--data", filepath.Join(dir, "data"), "--addr", port, "--admin-addr", "127.0.0.1:0", "--log", "error", "--tesseract", "none")
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() { cancel(); _ = cmd.Wait() }()
	base := "http://" + port
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if r, err := http.Get(base + "/readyz"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Since(start) > time.Minute {
			return errors.New("the portal does not come up")
		}
	}
	editor, err := signIn(base, "editor", "demo-editor-2026")
	if err != nil {
		return err
	}
	reviewer, err := signIn(base, "reviewer", "demo-reviewer-2026")
	if err != nil {
		return err
	}
	before := resident(cmd.Process.Pid)
	start, drafts := time.Now(), 0
	var largest int64
	for from := 0; from < n; from += 20 {
		to := min(n, from+20)
		made, err := send(editor, base, names[from:to], files[from:to])
		if err != nil {
			return err
		}
		drafts += made
		largest = max(largest, resident(cmd.Process.Pid))
	}
	uploaded := time.Since(start)
	handed := 0
	for handed < drafts {
		page, err := text(editor, http.MethodGet, base+"/desk/drafts", nil)
		if err != nil {
			return err
		}
		form := url.Values{}
		for _, m := range revision.FindAllStringSubmatch(page, -1) {
			title := regexp.MustCompile(`name="title\.` + m[1] + `" value="([^"]*)"`).FindStringSubmatch(page)
			if title == nil || slices.Contains(form["row"], m[1]) {
				continue
			}
			form.Add("row", m[1])
			form.Add("submit", m[1])
			for k, v := range map[string]string{"revision": m[2], "title": html.UnescapeString(title[1]), "theme": "06", "genre": "notice", "item": "1", "formed": "2026-11-10"} {
				form.Set(k+"."+m[1], v)
			}
		}
		if len(form["row"]) == 0 {
			return fmt.Errorf("%d of %d drafts were handed in, and no more are shown", handed, drafts)
		}
		if page, err = text(editor, http.MethodPost, base+"/desk/drafts", form); err != nil {
			return fmt.Errorf("%w: %.2000s", err, page)
		}
		handed += len(form["row"])
	}
	in := time.Since(start)
	list, err := text(reviewer, http.MethodGet, base+"/desk/documents", nil)
	if err != nil {
		return err
	}
	ids := regexp.MustCompile(`/desk/drafts/([A-Z0-9]{20,})`).FindAllStringSubmatch(list, -1)
	seen := regexp.MustCompile(`name="revision" value="([^"]*)"`)
	published := 0
	for _, m := range ids {
		draft, err := text(reviewer, http.MethodGet, base+"/desk/drafts/"+m[1], nil)
		if err != nil {
			return err
		}
		at := strings.Index(draft, "/approve")
		if at < 0 {
			continue
		}
		r := seen.FindStringSubmatch(draft[at:])
		if r == nil {
			return errors.New("a draft without a revision")
		}
		if _, err := text(reviewer, http.MethodPost, base+"/desk/drafts/"+m[1]+"/approve", url.Values{"revision": {html.UnescapeString(r[1])}, "basis": {"经审查，可以公开。"}}); err != nil {
			return err
		}
		published++
	}
	if published < drafts {
		return fmt.Errorf("%d of %d were published", published, drafts)
	}
	for ; ; time.Sleep(20 * time.Millisecond) {
		found, err := text(http.DefaultClient, http.MethodGet, base+"/search?q="+url.QueryEscape("第"+chinese((n-1)/12*12)+"段供水管道"), nil)
		if err != nil {
			return err
		}
		if strings.Contains(found, chinese((n-1)/12*12)) && !strings.Contains(found, "没有找到") {
			break
		}
		if time.Since(start) > time.Hour {
			return errors.New("what was published is not found")
		}
	}
	all := time.Since(start)
	fmt.Printf("\n| %d mixed files (txt, PDF, DOCX, XLSX, DOC, ODT, HTML) | s | files a second |\n|---|---|---|\n", n)
	for _, x := range []struct {
		what string
		took time.Duration
		n    int
	}{{"sent, checked, read, recognised: drafts", uploaded, drafts}, {"scanned and handed in", in - uploaded, handed}, {"approved by a second person, published, found in search", all - in, published}, {"all of it", all, published}} {
		fmt.Printf("| %s | %.1f | %.1f |\n", x.what, x.took.Seconds(), float64(x.n)/x.took.Seconds())
	}
	fmt.Printf("\nMemory of the portal: %d MB before, %d MB at most while files came, %d MB after; children have a limit of their own.\n", before, largest, resident(cmd.Process.Pid))
	return nil
}

func signIn(base, login, password string) (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	c := &http.Client{Jar: jar}
	_, err = text(c, http.MethodPost, base+"/desk/sign-in", url.Values{"login": {login}, "password": {password}})
	return c, err
}

// text is the page that answers.
func text(c *http.Client, method, address string, form url.Values) (string, error) {
	req, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err == nil && r.StatusCode >= 400 {
		err = fmt.Errorf("%s %s: %s", method, address, r.Status)
	}
	return string(b), err
}

// send uploads files and returns how many became drafts.
func send(c *http.Client, base string, names []string, files [][]byte) (int, error) {
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if err := w.WriteField("organ", "water"); err != nil {
		return 0, err
	}
	for i, name := range names {
		part, err := w.CreateFormFile("files", name)
		if err != nil {
			return 0, err
		}
		if _, err := part.Write(files[i]); err != nil {
			return 0, err
		}
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	req, err := http.NewRequest(http.MethodPost, base+"/desk/upload", &body)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Accept", "application/json")
	r, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	defer r.Body.Close()
	var got struct {
		Rows []struct{ Name, Draft, Error string }
	}
	if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
		return 0, fmt.Errorf("%s: %w", r.Status, err)
	}
	made := 0
	for _, row := range got.Rows {
		if row.Error != "" {
			fmt.Printf("(%s: %s)\n", row.Name, row.Error)
		}
		if row.Draft != "" {
			made++
		}
	}
	return made, nil
}
