package coordinator

import (
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// A coordinator with an etcd of its own, and the next one on its directory: the run goes on, and nothing listens.
func TestEmbeddedEtcd(t *testing.T) {
	cfg := testConfig(t, 1)
	cfg.Store, cfg.EmbedEtcd = nil, filepath.Join(t.TempDir(), "record")
	c := start(t, cfg)
	if !c.Leave("asked to") {
		t.Error("the run would be asked to stop, although its record stays")
	}
	f := joinAll(t, c, 1)[0]
	f.step(0)
	f.save(1, false)
	await(t, c, "a checkpoint", func(s api.Status) bool { return len(s.Checkpoints) == 1 })

	if _, err := Start(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "--embed-etcd") || !strings.Contains(err.Error(), "directory of its own") {
		t.Errorf("a second coordinator on the directory: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	again := start(t, cfg)
	await(t, again, "the checkpoint of before", func(s api.Status) bool { return len(s.Checkpoints) == 1 })
}

// A coordinator waits for the directory of one that is leaving, as when a pod's successor is there before the pod has gone.
func TestEmbeddedEtcdWaits(t *testing.T) {
	cfg := testConfig(t, 1)
	cfg.Store, cfg.EmbedEtcd = nil, filepath.Join(t.TempDir(), "record")
	first, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	waited := false
	cfg.Etcd.Wait = time.Hour
	cfg.Log = slog.New(onLine{quiet.Handler(), func(text string) {
		if !waited && strings.Contains(text, "waiting for etcd") {
			waited = true
			if err := first.Close(); err != nil {
				t.Error(err)
			}
		}
	}})
	start(t, cfg)
	if !waited {
		t.Error("it did not wait")
	}
}

// What a coordinator that was killed left of its candidacy does not hold up the next one.
func TestEmbeddedEtcdForgetsCandidates(t *testing.T) {
	dir := t.TempDir()
	store, server, err := openEmbedded(t.Context(), dir, "run", "first", quiet)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.Campaign(t.Context(), "first:1"); err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil { // as if killed: the store gives nothing back
		t.Fatal(err)
	}
	store, server, err = openEmbedded(t.Context(), dir, "run", "second", quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	}()
	if who, err := store.Leader(t.Context()); err != nil || who.Addr != "" {
		t.Errorf("%+v leads, %v", who, err)
	}
}
