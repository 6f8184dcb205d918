package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestConsultationFromDraftToResult: a draft is published by a second person, commented on
// by article and as a whole, its comments are answered together, and the report with the
// final text is published once every one of them is; who commented stays sealed.
func TestConsultationFromDraftToResult(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	e, rv := s.signedIn(t, "editor"), s.signedIn(t, "reviewer")
	form := url.Values{"organ": {"water"}, "kind": {"rules"}, "title": {"取水许可办法（征求意见稿）"}, "explanation": {"为了规范取水许可。"}, "draft": {"第一条 为了规范取水许可，制定本办法。\n第二条 取水应当申请，七个工作日内办结。"}, "opens": {"2026-11-20"}, "closes": {"2026-11-30"}}
	if r := e.post("/desk/consultations/edit", form); r.code != 422 || !strings.Contains(r.body, "少于30天") {
		t.Errorf("eleven days without a reason: %d", r.code)
	}
	form.Set("short", "应急需要。")
	r := e.post("/desk/consultations/edit", form)
	if r.code != 303 {
		t.Fatalf("writing: %d %s", r.code, r.body)
	}
	at := r.header.Get("Location")
	at = at[strings.Index(at, "/desk/"):]
	id := strings.TrimPrefix(at, "/desk/consultations/")
	public := s.browser(t)
	if r := public.get("/consultations/" + id); r.code != 404 {
		t.Errorf("it is public before its release: %d", r.code)
	}
	if r := e.post(at+"/release", url.Values{}); r.code != 403 {
		t.Errorf("an editor publishes: %d", r.code)
	}
	if r := rv.post(at+"/release", url.Values{"revision": {revision(t, rv.get(at).body)}}); r.code != 303 {
		t.Fatalf("publishing: %d %s", r.code, r.body)
	}
	if r := public.get("/consultations/" + id); r.code != 200 || !strings.Contains(r.body, "应急需要") {
		t.Errorf("the public page: %d", r.code)
	}
	if r := public.post("/consultations/"+id, url.Values{"text": {""}, "article": {"第九条"}}); r.code != 422 {
		t.Errorf("an empty comment on an article that is not there: %d", r.code)
	}
	for _, f := range []url.Values{
		{"article": {"第二条"}, "text": {"七个工作日太长。"}, "name": {"欧阳秋实"}, "phone": {"13900139000"}},
		{"article": {"第二条"}, "text": {"七个工作日 太长。"}, "name": {"司徒明"}, "named": {"yes"}},
		{"text": {"赞成。"}}} {
		if r := public.post("/consultations/"+id, f); r.code != 303 {
			t.Fatalf("commenting: %d %s", r.code, r.body)
		}
	}
	if r := e.post(at+"/paper", url.Values{"text": {"书面意见：写明费用。"}, "on": {"2026-11-20"}}); r.code != 303 {
		t.Errorf("from paper: %d %s", r.code, r.body)
	}
	if r := public.get("/consultations/" + id); strings.Contains(r.body, "太长") {
		t.Error("comments are public before the result")
	}
	s.mu.Lock()
	s.now = s.now.Add(12 * 24 * time.Hour)
	s.mu.Unlock()
	e, rv = s.signedIn(t, "editor"), s.signedIn(t, "reviewer")
	if r := public.post("/consultations/"+id, url.Values{"text": {"晚了"}}); r.code != 409 {
		t.Errorf("a comment after the last day: %d", r.code)
	}
	if r := e.get("/desk/work"); !strings.Contains(r.body, at) {
		t.Error("the result is not on the list of work")
	}
	p := e.get(at)
	var ids []string
	for _, m := range regexp.MustCompile(`name="comments" value="([^"]+)"`).FindAllStringSubmatch(p.body, -1) {
		ids = append(ids, m[1])
	}
	if len(ids) != 4 {
		t.Fatalf("%d comments", len(ids))
	}
	if r := e.post(at+"/finish", url.Values{"revision": {revision(t, p.body)}, "outcome": {"已印发。"}, "final": {"第一条 为了规范取水许可，制定本办法。\n第二条 取水应当申请，五个工作日内办结。"}}); r.code != 303 {
		t.Fatalf("the result: %d %s", r.code, r.body)
	}
	if r := rv.post(at+"/publish", url.Values{"revision": {revision(t, rv.get(at).body, "/publish")}}); r.code != 409 {
		t.Errorf("published with comments that are not answered: %d", r.code)
	}
	if r := e.post(at+"/decide", url.Values{"decision": {"adopted"}, "reason": {"改为五个工作日。"}}); r.code != 422 {
		t.Errorf("none was chosen: %d", r.code)
	}
	var alike, rest []string
	for _, m := range regexp.MustCompile(`name="comments" value="([^"]+)"[\s\S]*?</tr>`).FindAllStringSubmatch(p.body, -1) {
		if strings.Contains(m[0], "太长") {
			alike = append(alike, m[1])
		} else {
			rest = append(rest, m[1])
		}
	}
	for _, f := range []url.Values{{"comments": alike, "decision": {"adopted"}, "reason": {"改为五个工作日。"}}, {"comments": rest, "decision": {"not"}, "reason": {"另行规定。"}}} {
		if r := e.post(at+"/decide", f); r.code != 303 {
			t.Fatalf("answering: %d %s", r.code, r.body)
		}
	}
	if r := rv.post(at+"/publish", url.Values{"revision": {revision(t, rv.get(at).body, "/publish")}}); r.code != 303 {
		t.Fatalf("publishing the result: %d %s", r.code, r.body)
	}
	r = public.get("/consultations/" + id + "/result")
	for _, want := range []string{"司徒明", "改为五个工作日", "<ins>五</ins>", "<del>七</del>", "收到意见4条，其中网上3条、书面1条"} {
		if !strings.Contains(r.body, want) {
			t.Errorf("the report lacks %q", want)
		}
	}
	if strings.Count(r.body, "改为五个工作日。") != 1 {
		t.Error("alike comments are answered more than once")
	}
	if strings.Contains(r.body, "欧阳秋实") {
		t.Error("the report names who did not agree")
	}
	s.catchUp(t)
	s.leaks(t, "欧阳秋实", "13900139000")
	if r := public.get("/search?kind=consultation&q=" + url.QueryEscape("取水许可办法")); !strings.Contains(r.body, "/consultations/"+id) {
		t.Error("it is not found")
	}
}

// TestSurveyIsAnsweredOnce: from one connection and browser, and results hide small numbers.
func TestSurveyIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, "")
	e, rv := s.signedIn(t, "editor"), s.signedIn(t, "reviewer")
	form := url.Values{"organ": {"water"}, "title": {"供水满意度"}, "opens": {"2026-11-20"}, "closes": {"2026-11-30"}, "questions": {"单选 水压够吗？\n- 够\n- 不够\n评分 总体评价\n数字 几口人\n文字 建议\n是否 错的"}}
	if r := e.post("/desk/surveys/edit", form); r.code != 422 || !strings.Contains(r.body, "第7行") {
		t.Errorf("a bad question: %d", r.code)
	}
	form.Set("questions", "单选 水压够吗？\n- 够\n- 不够\n评分 总体评价\n数字 几口人\n文字 建议")
	r := e.post("/desk/surveys/edit", form)
	if r.code != 303 {
		t.Fatalf("writing: %d %s", r.code, r.body)
	}
	at := r.header.Get("Location")
	at = at[strings.Index(at, "/desk/"):]
	if r := rv.post(at+"/release", url.Values{"revision": {revision(t, rv.get(at).body)}}); r.code != 303 {
		t.Fatalf("publishing: %d %s", r.code, r.body)
	}
	path := strings.TrimPrefix(at, "/desk")
	b := s.browser(t)
	if r := b.post(path, url.Values{"q0": {"7"}}); r.code != 422 {
		t.Errorf("an option that is not there: %d", r.code)
	}
	answer := url.Values{"q0": {"1"}, "q1": {"4"}, "q2": {"３"}, "q3": {"貔貅建议"}}
	if r := b.post(path, answer); r.code != 303 || len(r.header.Values("Set-Cookie")) > 0 {
		t.Fatalf("answering: %d %s %s", r.code, r.header, r.body)
	}
	if r := b.get(path); len(r.header.Values("Set-Cookie")) > 0 {
		t.Error("the page of the survey sets a cookie")
	}
	if r := s.browser(t).post(path, answer); r.code != 409 {
		t.Errorf("answered twice: %d", r.code)
	}
	if r := b.get(path + "/results"); r.code != 200 || strings.Contains(r.body, "貔貅") || !strings.Contains(r.body, "回答太少") {
		t.Errorf("the results of one: %d", r.code)
	}
	if r := e.get(at); !strings.Contains(r.body, "貔貅建议") {
		t.Error("the organ does not read what was written")
	}
	s.leaks(t, "貔貅")
}
