// Command bench prints the figures of docs/benchmarks.md: it builds the
// portal, imports and indexes real texts, starts it, and asks it over
// loopback, beside nginx where that is installed.
//
// The texts are the laws and regulations of ../shared if they are there, else
// the demonstration city. Times on a busy machine are rough: compare within
// one run.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

func main() {
	laws := flag.String("laws", "../shared/data/laws.jsonl.gz", "texts to import")
	seconds := flag.Float64("seconds", 4, "time for each measurement")
	docs := flag.Int("docs", 0, "measure search beside its rivals on so many generated documents instead")
	engines := flag.String("engines", "gongkai,cjk,sqlite,xapian,postgres,groonga", "with -docs: what to measure")
	work := flag.String("work", "", "with -docs: folder in which indexes are kept for the next run; a temporary one by default")
	applications := flag.Int("cases", 0, "measure applications on so many open cases instead")
	files := flag.Int("files", 0, "measure publishing instead: reading each format, and so many files from upload to search")
	items := flag.Int("powers", 0, "measure power lists of so many items and annual reports instead")
	post := flag.Int("letters", 0, "measure letters instead: so many, and ten times as many calls")
	reported := flag.Int("reported", 100_000, "with -powers: applications of the year that is reported on")
	engine := flag.Bool("engine", false, "run as one of the engines; used by the program itself")
	flag.Parse()
	span := time.Duration(*seconds * float64(time.Second))
	var err error
	switch {
	case *engine:
		err = runEngine(flag.Args())
	case *post > 0:
		err = measureLetters(*post, span)
	case *items > 0:
		err = measureFigures(*items, *reported, span)
	case *files > 0:
		err = measureFiles(*files, span)
	case *applications > 0:
		err = measureCases(*applications, span)
	case *docs > 0:
		dir := *work
		if dir == "" {
			if dir, err = os.MkdirTemp("", "gongkai-speed-"); err == nil {
				err = os.Chmod(dir, 0o755) // PostgreSQL runs as another user
				defer os.RemoveAll(dir)
			}
		}
		if err == nil {
			err = speed(*docs, dir, *engines, *laws, span)
		}
	default:
		err = run(*laws, span)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(laws string, span time.Duration) error {
	dir, err := os.MkdirTemp("", "gongkai-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{dir: dir, exe: filepath.Join(dir, "gongkai"), span: span}
	if out, err := exec.Command("go", "build", "-o", b.exe, "./cmd/gongkai").CombinedOutput(); err != nil {
		return fmt.Errorf("building: %w\n%s", err, out)
	}
	fmt.Printf("Machine: %s, %d processors, %s\n\n", cpu(), runtime.NumCPU(), runtime.Version())
	data := filepath.Join(dir, "data")
	demo := false
	if _, err := os.Stat(laws); err != nil {
		fmt.Println("(the laws are not there: the demonstration city stands in)")
		demo = true
	} else if err := b.load(laws, data); err != nil {
		return err
	}
	return b.serve(data, demo)
}

// The words that are searched: common and rare ones.
var words = []string{"环境保护", "行政处罚", "劳动合同", "食品安全", "社会保险", "房屋征收", "安全生产", "税收", "消防", "残疾人", "档案", "招标投标", "河道", "烟草", "宗教活动场所", "遗体"}
