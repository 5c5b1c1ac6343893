package coordinator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A record that is away for long, while each step has a checkpoint, takes the newest of them when it is back, and every entry
// of the journal, in the order of what was decided last. One line tells of it.
func TestWriterOfAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		w := newWriter(slog.New(slog.NewTextHandler(&text, nil)))
		back := time.Now().Add(time.Hour)
		var written []string
		put := func(what string) func(context.Context) error {
			return func(context.Context) error {
				if time.Now().Before(back) {
					return errors.New("no space left")
				}
				written = append(written, what)
				return nil
			}
		}
		w.write(keyPhase, put("phase"))
		for step := range 3 * maxUnwritten {
			time.Sleep(time.Second)
			w.write(keyCheckpoints, put(fmt.Sprint("checkpoint ", step)))
			if step%1000 == 0 {
				w.write("", put(fmt.Sprint("journal ", step)))
			}
		}
		w.close(time.Hour)
		want := []string{"phase", "journal 0", "journal 1000", "journal 2000", "journal 3000", fmt.Sprint("checkpoint ", 3*maxUnwritten-1)}
		if !slices.Equal(written, want) {
			t.Errorf("written are %q, want %q", written, want)
		}
		if n := strings.Count(text.String(), "\n"); n != 1 || !strings.Contains(text.String(), "no space left") {
			t.Errorf("%d lines tell of it:\n%s", n, &text)
		}
	})
}

// What cannot wait any more is let go when the writer is closed, and what can be written is written before.
func TestWriterIsClosed(t *testing.T) {
	for away, want := range map[time.Duration]int{0: 3, 5 * time.Second: 3, time.Minute: 0} {
		synctest.Test(t, func(t *testing.T) {
			w := newWriter(slog.New(slog.DiscardHandler))
			back, written := time.Now().Add(away), 0
			for range 3 {
				w.write("", func(context.Context) error {
					if time.Now().Before(back) {
						return errors.New("away")
					}
					written++
					return nil
				})
			}
			begun := time.Now()
			w.close(10 * time.Second)
			if took := time.Since(begun); written != want || took > 10*time.Second {
				t.Errorf("away for %v: %d entries are written after %v, want %d", away, written, took, want)
			}
		})
	}
}
