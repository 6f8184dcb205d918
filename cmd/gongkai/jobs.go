package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"gongkai/portal/alerts"
	"gongkai/portal/cases"
	"gongkai/search"
)

// background begins what a portal does by itself until ctx ends; what it returns
// waits for all of it.
func (p *parts) background(ctx context.Context) (wait func()) {
	var running sync.WaitGroup
	again := func(pause time.Duration, failed string, f func() error) {
		running.Go(func() { every(ctx, pause, p.log, failed, f) })
	}
	running.Go(func() { p.index.Follow(ctx, p.store.Changes.Changed()) })
	running.Go(func() { checkIndex(ctx, p.index, p.log) })
	again(time.Hour, "expired sessions could not be deleted", func() error { return p.store.Sessions.Sweep(time.Now()) })
	again(24*time.Hour, "uploads that nothing names could not be deleted", func() error {
		_, err := p.store.Files.SweepFiles(ctx, time.Now().Add(-keepUploads))
		return err
	})
	again(time.Minute, "what was searched could not be counted", func() error { return p.areas.Searches.Flush(ctx) })
	again(10*time.Minute, "the disk", func() error {
		if r := p.store.Room(); r.Low() {
			return fmt.Errorf("there is little room left: %d MB free of %d, uploads take %d MB", r.Free>>20, r.Total>>20, r.Files>>20)
		}
		return nil
	})
	again(time.Hour, "retention periods could not be kept", func() error { return retain(ctx, p.server.Cases, p.log) })
	again(20*time.Second, "what is due could not be published", func() error { _, err := p.areas.Documents.PublishDue(ctx); return err })
	again(time.Hour, "what has expired could not be marked", func() error { _, err := p.areas.Documents.Expire(ctx); return err })
	again(10*time.Minute, "power items could not be brought up to date", func() error { _, err := p.areas.Powers.Turn(ctx); return err })
	post := postTo()
	again(5*time.Second, "hooks could not be told", func() error {
		_, err := p.areas.Machines.Tell(ctx, p.server.Site.Origin+p.server.BasePath, post)
		return err
	})
	again(time.Hour, "the dumps of the catalogue could not be written", p.server.Dump)
	if p.sender == nil {
		return running.Wait
	}
	dues := p.areas.Reminders
	dues.Writer = p.server.Writer
	again(10*time.Minute, "reminders of what falls due could not be written", func() error { _, err := dues.Remind(ctx); return err })
	again(time.Minute, "reminders could not be written", func() error { _, err := p.server.Cases.Keeping().Remind(ctx); return err })
	running.Go(func() { p.sender.Run(ctx) })
	watch := &alerts.Watch{Alerts: p.areas.Alerts, Source: p.store.ForWatch(), Watcher: p.index.Watch()}
	again(5*time.Second, "alerts could not be written", func() error {
		if err := watch.Follow(ctx); err != nil {
			return err
		}
		_, err := p.areas.Alerts.Tell(ctx, p.server.Writer)
		return err
	})
	return running.Wait
}

// retain keeps retention periods, and says in the log what that did.
func retain(ctx context.Context, list cases.Cases, log *slog.Logger) error {
	r, err := list.Keeping().Retain(ctx)
	if r.Told > 0 || r.Destroyed > 0 {
		log.Info("retention periods", "told", r.Told, "destroyed", r.Destroyed)
	}
	return err
}

// every calls f at once and then again and again until ctx ends.
func every(ctx context.Context, pause time.Duration, log *slog.Logger, failed string, f func() error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		if err := f(); err != nil && ctx.Err() == nil {
			log.Error(failed, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// checkIndex compares the index with the store once a day and mends what
// differs, which should be nothing.
func checkIndex(ctx context.Context, index *search.Index, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(24 * time.Hour):
		}
		d, err := index.Check(ctx, true)
		switch {
		case err != nil && ctx.Err() == nil:
			log.Error("the search index could not be checked", "error", err)
		case d.Any():
			log.Warn("the search index had drifted from the store and was mended", "missing", len(d.Missing), "stale", len(d.Stale), "extra", len(d.Extra))
		}
	}
}

// keepUploads is for how long an upload waits for a record that names it.
const keepUploads = 48 * time.Hour
