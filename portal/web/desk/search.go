package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"gongkai/portal"
	"gongkai/portal/documents"
	"gongkai/portal/query"
	"gongkai/portal/searches"
	"gongkai/portal/text"
	"gongkai/portal/web/page"
)

// deskSearchPage is what desk_search.html shows: what was searched.
type deskSearchPage struct {
	page.Base
	Month   string
	Months  []page.Option
	Most    []searchRow
	Nothing []searchRow
	Check   checkState
	Size    string
}

type searchRow struct {
	searches.SearchTally
	Opened     []*portal.Listing
	AddSynonym string
	AddBet     string
	Instead    []page.Option // what visitors searched next, as a synonym to be added
}

// searchRows is how many queries a table shows.
const searchRows = 50

// deskSearch answers GET /desk/search (检索管理): what was searched, what
// found nothing, what was opened.
func (s teaching) deskSearch(c echo.Context) error {
	t := page.TextsOf(c)
	p := deskSearchPage{Base: s.DeskBase(c, t.T("desk.search")), Check: s.checking.get(), Size: page.FileSize(s.Search.Size())}
	if err := s.Searches.Flush(c.Request().Context()); err != nil { // the page shows what was asked a moment ago
		return err
	}
	months := s.Searches.Months()
	p.Month = months[0]
	if want := c.QueryParam("month"); slices.Contains(months, want) {
		p.Month = want
	}
	for _, m := range months {
		p.Months = append(p.Months, page.Option{Value: page.With(c, "month", m), Label: m, Chosen: m == p.Month})
	}
	all, err := s.Searches.Store.Searches(c.Request().Context(), p.Month)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(t searches.SearchTally) bool { return t.N == 0 })
	slices.SortFunc(all, func(a, b searches.SearchTally) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Query, b.Query))
	})
	for _, x := range all[:min(len(all), searchRows)] {
		p.Most = append(p.Most, s.searchRow(x))
	}
	nothing := slices.DeleteFunc(all, func(t searches.SearchTally) bool { return t.Nothing == 0 })
	slices.SortStableFunc(nothing, func(a, b searches.SearchTally) int { return cmp.Compare(b.Nothing, a.Nothing) })
	for _, x := range nothing[:min(len(nothing), searchRows)] {
		p.Nothing = append(p.Nothing, s.searchRow(x))
	}
	return s.Render(c, http.StatusOK, "desk_search", p)
}

func (s teaching) searchRow(t searches.SearchTally) searchRow {
	r := searchRow{SearchTally: t, AddSynonym: s.BasePath + "/desk/search/synonym?said=" + url.QueryEscape(t.Query), AddBet: s.BasePath + "/desk/search/bet?query=" + url.QueryEscape(t.Query)}
	keys := make([]portal.Key, 0, len(t.Opened))
	for k := range t.Opened {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b portal.Key) int {
		return cmp.Or(cmp.Compare(t.Opened[b], t.Opened[a]), strings.Compare(a.String(), b.String()))
	})
	for _, l := range s.Store.Listings(keys[:min(len(keys), 3)]...) {
		if l != nil {
			r.Opened = append(r.Opened, l)
		}
	}
	for _, q := range t.Followed(searches.NextShown) {
		r.Instead = append(r.Instead, page.Option{Value: r.AddSynonym + "&meant=" + url.QueryEscape(q), Label: fmt.Sprintf("%s (%d)", q, t.Next[q])})
	}
	return r
}

// deskVocabularyPage is what desk_vocabulary.html shows.
type deskVocabularyPage struct {
	page.Base
	Own     []query.Synonym
	BuiltIn []query.Synonym
	Bets    []betRow
}

type betRow struct {
	Query   string
	Records []*portal.Listing
}

// deskVocabulary answers GET /desk/search/vocabulary (检索词库).
func (s teaching) deskVocabulary(c echo.Context) error {
	v, err := s.Searches.Vocabulary(c.Request().Context())
	if err != nil {
		return err
	}
	p := deskVocabularyPage{Base: s.DeskBase(c, page.TextsOf(c).T("vocabulary.title")), Own: v.Synonyms, BuiltIn: s.Search.BuiltIn()}
	for _, b := range v.Bets {
		r := betRow{Query: b.Query}
		for _, l := range s.Store.Listings(b.Keys...) {
			if l != nil {
				r.Records = append(r.Records, l)
			}
		}
		p.Bets = append(p.Bets, r)
	}
	return s.Render(c, http.StatusOK, "desk_vocabulary", p)
}

// teachPage is what desk_teach.html shows: a form with what it would change.
type teachPage struct {
	page.Base
	Back   string
	Form   page.Form
	Delete string // of an entry that is there
	Tried  string // the query that was tried
	Before []page.Result
	After  []page.Result
	Words  []string
}

func (s teaching) synonymPage(c echo.Context, x query.Synonym, try string) teachPage {
	t := page.TextsOf(c)
	p := teachPage{Base: s.DeskBase(c, t.T("synonym.title")), Back: s.BasePath + "/desk/search/vocabulary"}
	p.Form = page.Form{Action: s.BasePath + "/desk/search/synonym", Submit: t.T("form.save"), Fields: []page.Field{
		{Name: "said", Kind: "text", Label: t.T("synonym.said"), Hint: t.T("synonym.said_hint"), Value: x.Said, Max: 40},
		{Name: "meant", Kind: "text", Label: t.T("synonym.meant"), Hint: t.T("synonym.meant_hint"), Value: strings.Join(x.Meant, "、"), Max: 200, Optional: true},
		{Name: "try", Kind: "text", Label: t.T("teach.try"), Hint: t.T("teach.try_hint"), Value: try, Max: query.MaxQuery, Optional: true},
	}}
	return p
}

func (s teaching) synonymForm(c echo.Context) error {
	x := query.Synonym{Said: strings.TrimSpace(c.QueryParam("said"))}
	if m := strings.TrimSpace(c.QueryParam("meant")); m != "" {
		x.Meant = []string{m}
	}
	v, err := s.Searches.Vocabulary(c.Request().Context())
	if err != nil {
		return err
	}
	own := false
	for i, list := range [][]query.Synonym{s.Search.BuiltIn(), v.Synonyms} {
		for _, y := range list {
			if text.Fold(y.Said) == text.Fold(x.Said) {
				x, own = y, i == 1
			}
		}
	}
	p := s.synonymPage(c, x, x.Said)
	p.Form.Revision = portal.RevisionOf(searches.SynonymFor(v, x.Said))
	if own {
		p.Delete = x.Said
	}
	return s.Render(c, http.StatusOK, "desk_teach", p)
}

// synonymOf reads the form.
func synonymOf(c echo.Context) query.Synonym {
	x := query.Synonym{Said: page.Typed(c, "said")}
	for _, y := range query.ReadSynonyms("x = " + strings.ReplaceAll(page.Typed(c, "meant"), "\n", " ")) {
		x.Meant = y.Meant
	}
	return x
}

// synonymSave answers POST /desk/search/synonym: with the button "try" it
// shows what the synonym would change, with "delete" it takes it away.
func (s teaching) synonymSave(c echo.Context) error {
	x := synonymOf(c)
	lesson := searches.TeachSynonym(x)
	if page.Typed(c, "do") == "delete" {
		lesson = searches.DropSynonym(page.Typed(c, "said"))
	}
	try := page.Typed(c, "try")
	if try == "" {
		try = x.Said
	}
	return s.teach(c, s.synonymPage(c, x, try), try, lesson, func(v query.Vocabulary) teachPage {
		now, _ := searches.SynonymFor(v, x.Said).(query.Synonym)
		return s.synonymPage(c, now, try)
	})
}

func (s teaching) betPage(c echo.Context, b query.BestBet) teachPage {
	t := page.TextsOf(c)
	var ids []string
	for _, k := range b.Keys {
		ids = append(ids, k.String())
	}
	p := teachPage{Base: s.DeskBase(c, t.T("bet.title")), Back: s.BasePath + "/desk/search/vocabulary"}
	p.Form = page.Form{Action: s.BasePath + "/desk/search/bet", Submit: t.T("form.save"), Fields: []page.Field{
		{Name: "query", Kind: "text", Label: t.T("bet.query"), Hint: t.T("bet.query_hint"), Value: b.Query, Max: query.MaxQuery},
		{Name: "keys", Kind: "textarea", Rows: 4, Label: t.T("bet.keys"), Hint: t.T("bet.keys_hint"), Value: strings.Join(ids, "\n")},
	}}
	return p
}

func (s teaching) betForm(c echo.Context) error {
	b := query.BestBet{Query: strings.TrimSpace(c.QueryParam("query"))}
	v, err := s.Searches.Vocabulary(c.Request().Context())
	if err != nil {
		return err
	}
	b.Keys = v.Bet(b.Query)
	p := s.betPage(c, b)
	p.Form.Revision = portal.RevisionOf(searches.BetFor(v, b.Query))
	if len(b.Keys) > 0 {
		p.Delete = b.Query
	}
	return s.Render(c, http.StatusOK, "desk_teach", p)
}

// betSave answers POST /desk/search/bet.
func (s teaching) betSave(c echo.Context) error {
	b := query.BestBet{Query: page.Typed(c, "query")}
	for line := range strings.FieldsSeq(page.Typed(c, "keys")) {
		b.Keys = append(b.Keys, s.keyOf(line))
	}
	lesson := searches.TeachBet(b, func(k portal.Key) bool { return s.Store.Listings(k)[0] != nil })
	if page.Typed(c, "do") == "delete" {
		lesson = searches.DropBet(b.Query)
	}
	return s.teach(c, s.betPage(c, b), b.Query, lesson, func(v query.Vocabulary) teachPage {
		return s.betPage(c, query.BestBet{Query: b.Query, Keys: v.Bet(b.Query)})
	})
}

// keyOf reads a record's address, its key, or a document's index number.
func (s teaching) keyOf(line string) portal.Key {
	if u, err := url.Parse(line); err == nil {
		parts := strings.Split(strings.Trim(u.Path, "/"), "/")
		if n := len(parts); n >= 2 {
			for _, k := range portal.Kinds() {
				if k.Folder != "" && (parts[n-2] == strings.Trim(k.Folder, "/") || parts[n-2] == k.Code) {
					return portal.Key{Kind: k.Code, ID: parts[n-1]}
				}
			}
		}
	}
	return documents.KeyOf(documents.IDOf(line))
}

// teach tries a change of the vocabulary or makes it.
func (s teaching) teach(c echo.Context, p teachPage, try string, l searches.Lesson, again func(query.Vocabulary) teachPage) error {
	by, ctx := page.ActorOf(c), c.Request().Context()
	if err := by.Need(portal.ManageSearch, ""); err != nil {
		return err
	}
	p.Form.Revision = page.SeenOf(c)
	refused := func(err error) error {
		if portal.Stale(err) {
			now, err := s.Searches.Vocabulary(ctx)
			if err != nil {
				return err
			}
			p := again(now)
			p.Form.Revision = portal.RevisionOf(l.Entry(now))
			p.Form.Stale(c, s.StaleNote(c, "search"))
			return s.Render(c, http.StatusConflict, "desk_teach", p)
		}
		if err := p.Form.Again(c, err); err != nil {
			return err
		}
		return s.Render(c, page.Statuses[page.Visible(err).Kind], "desk_teach", p)
	}
	if page.Typed(c, "do") == "try" {
		now, err := s.Searches.Vocabulary(c.Request().Context())
		if err != nil {
			return err
		}
		then, err := l.Change(now)
		if err != nil {
			return refused(err)
		}
		ctx, cancel := context.WithTimeout(c.Request().Context(), page.SearchTime)
		defer cancel()
		p.Tried = try
		q := query.Query{Text: try, Page: 1, Size: 10}
		for _, x := range []struct {
			v    query.Vocabulary
			rows *[]page.Result
		}{{now, &p.Before}, {then, &p.After}} {
			found, err := s.Search.Try(ctx, x.v, q)
			if err != nil {
				return err
			}
			if *x.rows, err = s.Results(ctx, q, found, page.LangOf(c)); err != nil {
				return err
			}
			p.Words = found.Words
		}
		return s.Render(c, http.StatusOK, "desk_teach", p)
	}
	v, err := s.Searches.Teach(ctx, by, page.SeenOf(c), l)
	if err != nil {
		return refused(err)
	}
	s.Search.SetVocabulary(v)
	s.Flash(c, "form.saved")
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/search/vocabulary")
}

// explainPage is what desk_explain.html shows.
type explainPage struct {
	page.Base
	Query string
	Total int
	Rows  []page.Result
	Words []string
}

// deskExplain answers GET /desk/search/explain: why each hit stands where it
// does.
func (s teaching) deskExplain(c echo.Context) error {
	p := explainPage{Base: s.DeskBase(c, page.TextsOf(c).T("explain.title"))}
	q, err := s.QueryOf(c)
	if err != nil {
		return err
	}
	q.Explain = true
	p.Query = q.Text
	if strings.TrimSpace(q.Text) != "" {
		found, rows, err := s.Find(c.Request().Context(), q, page.LangOf(c))
		if err != nil {
			return err
		}
		p.Total, p.Rows, p.Words = found.Total, rows, found.Words
	}
	return s.Render(c, http.StatusOK, "desk_explain", p)
}

// checkState is where the comparison of index and store stands.
type checkState struct {
	Running bool
	At      time.Time // when it ended
	Drift   query.Drift
	Failed  bool
}

// deskSearchCheck answers POST /desk/search/check: it compares index and
// store in the background, and mends what differs.
func (s teaching) deskSearchCheck(c echo.Context) error {
	if err := page.ActorOf(c).Need(portal.ManageSearch, ""); err != nil {
		return err
	}
	mend := page.Typed(c, "mend") != ""
	if s.checking.begin() {
		ctx := context.WithoutCancel(c.Request().Context()) // it outlives the request
		go func() {
			d, err := s.Search.Check(ctx, mend)
			if err != nil && !errors.Is(err, context.Canceled) {
				s.Log.Error("the index could not be checked", "error", err)
			}
			s.checking.end(checkState{At: s.Now(), Drift: d, Failed: err != nil})
		}()
	}
	return c.Redirect(http.StatusSeeOther, s.BasePath+"/desk/search#index")
}

// checkJob is the one comparison that may run.
type checkJob struct {
	mu    sync.Mutex
	state checkState
}

func (j *checkJob) get() checkState {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state
}

// begin reports whether none is running, and then one is.
func (j *checkJob) begin() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.state.Running {
		return false
	}
	j.state = checkState{Running: true}
	return true
}

func (j *checkJob) end(s checkState) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.state = s
}
