package gcs

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/objects/objectstest"
)

// TestStore speaks with a server of Google's dialect, which refuses what only Amazon's servers understand.
func TestStore(t *testing.T) {
	s := objectstest.NewGoogle(t)
	at := func(key string) string { return "gs://" + s.Bucket + "/" + key }
	if err := objects.Probe(t.Context(), at("run")); err != nil {
		t.Fatal(err)
	}
	b, key, err := objects.At(at("run/a"))
	if err != nil {
		t.Fatal(err)
	}
	first, err := b.Put(t.Context(), key, []byte("first"), objects.IfAbsent)
	if err != nil || first.ETag == "" {
		t.Fatalf("%+v, %v", first, err)
	}
	if _, err := b.Put(t.Context(), key, []byte("other"), objects.IfMatch(first.ETag)); err != nil {
		t.Error(err)
	}
	if _, err := b.Put(t.Context(), key, []byte("third"), objects.IfMatch(first.ETag)); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a generation that is over: %v", err)
	}
	if text, info, err := b.Get(t.Context(), key, 100); err != nil || string(text) != "other" || info.ETag == first.ETag {
		t.Errorf("%q is there, %+v, %v", text, info, err)
	}
	s.Once("POST", "run/large", objectstest.Fault{Lose: true})
	large := bytes.Repeat([]byte("x"), objects.PartSize+1)
	w := b.Create(t.Context(), "run/large", objects.Always)
	if _, err := w.Write(large); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	o, err := objects.Open(t.Context(), at("run/large"))
	if err != nil {
		t.Fatal(err)
	}
	there := make([]byte, o.Size())
	if _, err := o.ReadAt(there, 0); err != nil || !bytes.Equal(there, large) {
		t.Errorf("a large object: %v", err)
	}
	if names, err := b.List(t.Context(), "run"); err != nil || strings.Join(names, " ") != "a large" {
		t.Errorf("list: %q, %v", names, err)
	}
	if err := b.Delete(t.Context(), key); err != nil {
		t.Error(err)
	}
	if _, err := b.Stat(t.Context(), key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was removed: %v", err)
	}
	s.Interfere(func(*http.Request) objectstest.Fault { return objectstest.Fault{Status: 403, Code: "AccessDenied"} })
	if err := objects.Probe(t.Context(), at("run")); err == nil || !strings.Contains(err.Error(), "gs://"+s.Bucket) || !strings.Contains(err.Error(), "Storage Object User") {
		t.Errorf("denied: %v", err)
	}
}
