package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// bench is one run.
type bench struct {
	dir, exe string
	text     int64 // bytes that were imported
	span     time.Duration
}

// load imports the texts and builds the index, and tells their price.
func (b *bench) load(laws, data string) error {
	fmt.Println("| step | seconds | processor seconds | peak MB |\n|---|---|---|---|")
	for _, s := range []struct {
		name string
		args []string
	}{{"import", []string{"import", "documents", "--data", data, laws}}, {"index", []string{"reindex", "--data", data}}} {
		wall, cpu, mb, err := timed(b.exe, s.args...)
		if err != nil {
			return err
		}
		fmt.Printf("| %s | %.1f | %.1f | %d |\n", s.name, wall.Seconds(), cpu.Seconds(), mb)
	}
	plain := exec.Command("gzip", "-dc", laws)
	text, err := plain.Output()
	if err != nil {
		return err
	}
	b.text = int64(len(text))
	fmt.Println()
	return nil
}

// serve starts the portal and measures it.
func (b *bench) serve(data string, demo bool) error {
	address, err := freePort()
	if err != nil {
		return err
	}
	args := []string{"serve", "--addr", address, "--admin-addr", "127.0.0.1:0", "--data", data, "--log", "error", "--free", "127.0.0.1"}
	if demo {
		args = append(args, "--demo")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	start := time.Now()
	cmd := exec.CommandContext(ctx, b.exe, args...)
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() { cancel(); _ = cmd.Wait() }() // it was killed
	base := "http://" + address
	for ; ; time.Sleep(5 * time.Millisecond) {
		if resp, err := http.Get(base + "/readyz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == 200 {
				break
			}
		}
		if time.Since(start) > time.Minute {
			return fmt.Errorf("the portal does not become ready")
		}
	}
	fmt.Printf("Start to /readyz: %.2f s\n\n", time.Since(start).Seconds())
	b.searches(base)
	fmt.Printf("\nMemory of the portal after that: %d MB\n\n", resident(cmd.Process.Pid))
	if b.text > 0 { // by now bleve has thrown its old files away
		records, index := size(filepath.Join(data, "gongkai.db")), size(filepath.Join(data, "index"))
		fmt.Printf("Text %.1f MB, records %.1f MB, index %.1f MB: %.2f bytes of index a byte of text\n\n", mega(b.text), mega(records), mega(index), float64(index)/float64(b.text))
	}
	return b.pages(base)
}

func (b *bench) searches(base string) {
	kinds := []struct {
		name string
		path func(i int) string
	}{
		{"one word", func(i int) string { return q(words[i%len(words)]) }},
		{"three words", func(i int) string {
			return q(words[i%len(words)] + " " + words[(i*7+3)%len(words)] + " " + words[(i*3+5)%len(words)])
		}},
		{"phrase", func(i int) string { return q(`"` + words[i%len(words)] + `"`) }},
		{"faceted", func(i int) string { return q(words[i%len(words)]) + "&year=" + fmt.Sprint(2010+i%15) }},
		{"question", func(i int) string { return q("违反" + words[i%len(words)] + "的规定应当承担什么责任？") }},
		{"by date", func(i int) string { return q(words[i%len(words)]) + "&sort=date" }},
	}
	for _, k := range kinds { // the first answers read the files into memory
		load(8, b.span/16, func(i int) string { return base + "/api/v1/search?" + k.path(i) }, false)
	}
	fmt.Println("Search over the API, milliseconds:\n\n| query | at a time | p50 | p95 | p99 | a second |\n|---|---|---|---|---|---|")
	for _, k := range kinds {
		for _, n := range []int{1, 8} {
			ts, failed := load(n, b.span/2, func(i int) string { return base + "/api/v1/search?" + k.path(i) }, false)
			fmt.Printf("| %s | %d | %.1f | %.1f | %.1f | %.0f |%s\n", k.name, n, at(ts, .5), at(ts, .95), at(ts, .99), float64(len(ts))/(b.span/2).Seconds(), failures(failed))
		}
	}
}

func failures(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" %d failed", n)
}

func q(s string) string { return "q=" + url.QueryEscape(s) }

func at(ts []time.Duration, share float64) float64 {
	if len(ts) == 0 {
		return 0
	}
	return float64(ts[min(len(ts)-1, int(share*float64(len(ts))))].Microseconds()) / 1000
}

// load asks for addresses, n at a time, for a while, and returns the sorted
// times of the answers and how many failed.
func load(n int, span time.Duration, address func(i int) string, gzip bool) ([]time.Duration, int) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n, DisableCompression: !gzip}}
	defer client.CloseIdleConnections()
	end := time.Now().Add(span)
	var mu sync.Mutex
	var all []time.Duration
	failed := 0
	var wg sync.WaitGroup
	for w := range n {
		wg.Go(func() {
			var mine []time.Duration
			bad := 0
			for i := w; time.Now().Before(end); i += n {
				start := time.Now()
				resp, err := client.Get(address(i))
				if err != nil {
					bad++
					continue
				}
				_, err = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if err != nil || resp.StatusCode != 200 {
					bad++
					continue
				}
				mine = append(mine, time.Since(start))
			}
			mu.Lock()
			all = append(all, mine...)
			failed += bad
			mu.Unlock()
		})
	}
	wg.Wait()
	slices.Sort(all)
	return all, failed
}

// pages measures pages a second, beside nginx serving a file of the same
// size.
func (b *bench) pages(base string) error {
	doc, err := firstDocument(base)
	if err != nil {
		return err
	}
	fmt.Println("Pages, 64 connections, plain and compressed (nginx: gzip_static of the same bytes):\n\n| page | KB | a second | p99 ms | nginx | ratio | KB compressed | a second | p99 ms | nginx | ratio |\n|---|---|---|---|---|---|---|---|---|---|---|")
	pages := []struct{ name, path string }{{"home", "/"}, {"list", "/catalogue"}, {"document", doc}, {"power item", ""}, {"report", ""}, {"public answer", ""}, {"search", "/search?" + q("食品安全")}, {"the same by the API", "/api/v1/search?" + q("食品安全")}}
	for i, kind := range map[int]string{3: "power", 4: "report", 5: "answer"} {
		if pages[i].path, err = firstOf(base, kind); err != nil {
			return err
		}
	}
	for _, p := range pages {
		if p.path == "" { // the portal has none
			continue
		}
		body, err := fetch(base + p.path)
		if err != nil {
			return err
		}
		nginx, stop, err := b.nginx(body)
		if err != nil {
			return err
		}
		fmt.Printf("| %s |", p.name)
		for _, zip := range []bool{false, true} {
			size := len(body)
			if zip {
				if size, err = sizeZipped(base + p.path); err != nil {
					stop()
					return err
				}
			}
			half := b.span / 2
			ts, failed := hammer(connections, half, base+p.path, zip)
			beside, ratio := "not installed", ""
			if nginx != "" {
				ns, _ := hammer(connections, half, nginx, zip)
				beside = fmt.Sprintf("%.0f", float64(len(ns))/half.Seconds())
				ratio = fmt.Sprintf("%.2f", float64(len(ts))/float64(len(ns)))
			}
			fmt.Printf(" %.1f | %.0f | %.1f | %s | %s |%s", float64(size)/1024, float64(len(ts))/half.Seconds(), at(ts, .99), beside, ratio, failures(failed))
		}
		stop()
		fmt.Println()
	}
	return nil
}

// hammer asks for one address over n connections that stay open, for a while. It does no more
// than a reader must, so that what it costs is small beside the server: it counts the bytes
// that Content-Length names and neither parses nor unpacks them.
func hammer(n int, span time.Duration, address string, zip bool) ([]time.Duration, int) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, 1
	}
	ask := "GET " + u.RequestURI() + " HTTP/1.1\r\nHost: " + u.Host + "\r\n"
	if zip {
		ask += "Accept-Encoding: gzip\r\n"
	}
	request := []byte(ask + "\r\n")
	end := time.Now().Add(span)
	var mu sync.Mutex
	var all []time.Duration
	failed := 0
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			mine, err := hammerOne(u.Host, request, end)
			mu.Lock()
			defer mu.Unlock()
			if all = append(all, mine...); err != nil {
				failed++
			}
		})
	}
	wg.Wait()
	slices.Sort(all)
	return all, failed
}

func hammerOne(host string, request []byte, end time.Time) (times []time.Duration, err error) {
	conn, err := net.Dial("tcp", host)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	r := bufio.NewReaderSize(conn, 64<<10)
	for start := time.Now(); start.Before(end); start = time.Now() {
		if _, err := conn.Write(request); err != nil {
			return times, err
		}
		length := -1
		for line, first := []byte(nil), true; ; first = false {
			if line, err = r.ReadSlice('\n'); err != nil {
				return times, err
			}
			if first && !bytes.Contains(line, []byte(" 200 ")) {
				return times, fmt.Errorf("answered %s", line)
			}
			if len(line) <= 2 {
				break
			}
			if v, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
				if length, err = strconv.Atoi(string(bytes.TrimSpace(v))); err != nil {
					return times, err
				}
			}
		}
		if length < 0 { // in chunks: up to the empty one
			if err := chunks(r); err != nil {
				return times, err
			}
		} else if _, err := r.Discard(length); err != nil {
			return times, err
		}
		times = append(times, time.Since(start))
	}
	return times, nil
}

// chunks reads a body in chunks.
func chunks(r *bufio.Reader) error {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 64)
		if err != nil {
			return err
		}
		if _, err := r.Discard(int(n) + 2); err != nil || n == 0 {
			return err
		}
	}
}

// connections is how many readers ask at the same time.
const connections = 64

// firstOf is the page of the first record of a kind; "" where there is none.
func firstOf(base, kind string) (string, error) {
	body, err := fetch(base + "/api/v1/records?size=1&kind=" + kind)
	if err != nil {
		return "", err
	}
	var out struct {
		Records []struct {
			URL string `json:"url"`
		} `json:"records"`
	}
	if err := json.Unmarshal(body, &out); err != nil || len(out.Records) == 0 {
		return "", err
	}
	return strings.TrimPrefix(out.Records[0].URL, base), nil
}

// sizeZipped is how many bytes a page has that is asked for in gzip.
func sizeZipped(address string) (int, error) {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	return int(n), err
}

func firstDocument(base string) (string, error) {
	body, err := fetch(base + "/api/v1/documents?size=1")
	if err != nil {
		return "", err
	}
	var out struct{ Documents []struct{ ID string } }
	if err := json.Unmarshal(body, &out); err != nil || len(out.Documents) == 0 {
		return "", fmt.Errorf("there is no document: %w", err)
	}
	return "/documents/" + out.Documents[0].ID, nil
}

func fetch(address string) ([]byte, error) {
	resp, err := http.Get(address)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}

// nginx serves a file on loopback, if it is installed.
func (b *bench) nginx(body []byte) (address string, stop func(), err error) {
	stop = func() {}
	exe, err := exec.LookPath("nginx")
	if err != nil {
		return "", stop, nil
	}
	port, err := freePort()
	if err != nil {
		return "", stop, err
	}
	root := filepath.Join(b.dir, "nginx")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", stop, err
	}
	conf := fmt.Sprintf("daemon off; worker_processes auto; pid %[1]s/pid; error_log %[1]s/error.log;\nevents {}\nhttp { access_log off; keepalive_requests 1000000000; keepalive_timeout 600; client_body_temp_path %[1]s/t; proxy_temp_path %[1]s/t; fastcgi_temp_path %[1]s/t; uwsgi_temp_path %[1]s/t; scgi_temp_path %[1]s/t;\nserver { listen %[2]s; root %[1]s; gzip_static on; } }\n", root, port)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	if _, err := z.Write(body); err != nil {
		return "", stop, err
	}
	if err := z.Close(); err != nil {
		return "", stop, err
	}
	for name, content := range map[string][]byte{"nginx.conf": []byte(conf), "page.html": body, "page.html.gz": zipped.Bytes()} {
		if err := os.WriteFile(filepath.Join(root, name), content, 0o644); err != nil {
			return "", stop, err
		}
	}
	if err := os.Chmod(b.dir, 0o755); err != nil { // its workers run as another user
		return "", stop, err
	}
	cmd := exec.Command(exe, "-p", root, "-c", filepath.Join(root, "nginx.conf"))
	if err := cmd.Start(); err != nil {
		return "", stop, err
	}
	stop = func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() } // it may have ended
	address = "http://" + port + "/page.html"
	for range 100 {
		if got, err := fetch(address); err == nil && strings.EqualFold(string(got), string(body)) {
			return address, stop, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	return "", func() {}, nil
}
