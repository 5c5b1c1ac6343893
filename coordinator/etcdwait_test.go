package coordinator

import (
	"context"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

// onLine calls a function at each line of a log.
type onLine struct {
	slog.Handler
	then func(text string)
}

func (o onLine) Handle(_ context.Context, r slog.Record) error {
	o.then(r.Message)
	return nil
}

func (o onLine) WithAttrs([]slog.Attr) slog.Handler { return o }

// An etcd that comes later than its coordinator is waited for, and no longer than was asked.
func TestEtcdWait(t *testing.T) {
	dir := t.TempDir()
	socket := url.URL{Scheme: "unix", Path: filepath.Join(dir, "client")}
	c := EtcdConfig{Endpoints: []string{socket.String()}}
	if _, err := awaitEtcd(t.Context(), c, "run", quiet); err == nil {
		t.Fatal("nobody is there, and it is reached")
	}
	waited := 0
	log := slog.New(onLine{quiet.Handler(), func(text string) {
		if waited++; waited > 1 || !strings.Contains(text, "waiting for etcd") {
			t.Errorf("line %d: %s", waited, text)
			return
		}
		config := embed.NewConfig()
		config.Dir, config.ListenPeerUrls = filepath.Join(dir, "data"), nil
		config.ListenClientUrls, config.AdvertiseClientUrls = []url.URL{socket}, []url.URL{socket}
		runEtcd(t, config)
	}})
	c.Wait = time.Hour
	s, err := awaitEtcd(t.Context(), c, "run", log)
	if err != nil || waited != 1 {
		t.Fatalf("%v, after %d lines", err, waited)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	c.Endpoints[0] += "-none"
	if _, err := awaitEtcd(stopped, c, "run", slog.New(onLine{quiet.Handler(), func(string) { cancel() }})); err == nil {
		t.Error("it waits on although it was stopped")
	}
}
