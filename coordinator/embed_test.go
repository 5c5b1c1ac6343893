package coordinator

import (
	"path/filepath"
	"testing"
	"time"
)

func startEmbedded(t *testing.T, dir string) *Embedded {
	t.Helper()
	e, err := StartEmbedded(t.Context(), dir, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestEmbeddedStarts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "record")
	a := time.Now()
	e := startEmbedded(t, dir)
	t.Log(time.Since(a))
	st := e.Store("x")
	if _, err := st.Campaign(t.Context(), "me"); err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(a))
	if err := st.Put(t.Context(), "k", []byte("v")); err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(a))
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	t.Log(time.Since(a))
	e.Close()
	t.Log(time.Since(a))
	e = startEmbedded(t, dir)
	t.Log(time.Since(a))
}
