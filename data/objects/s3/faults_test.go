package s3

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/objects/objectstest"
)

func at(t *testing.T, address string) (*objects.Bucket, string) {
	t.Helper()
	b, key, err := objects.At(address)
	if err != nil {
		t.Fatal(err)
	}
	return b, key
}

func put(t *testing.T, address, text string, c objects.Condition) error {
	t.Helper()
	b, key := at(t, address)
	_, err := b.Put(t.Context(), key, []byte(text), c)
	return err
}

func get(t *testing.T, address string) string {
	t.Helper()
	b, key := at(t, address)
	text, _, err := b.Get(t.Context(), key, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestFaults: what passes is not seen, whatever the request was.
func TestFaults(t *testing.T) {
	faults := map[string]objectstest.Fault{
		"500":   {Status: 500, Code: "InternalError"},
		"503":   {Status: 503, Code: "SlowDown"},
		"bare":  {Status: 502},
		"reset": {Reset: true},
		"lost":  {Lose: true},
		"half":  {Half: true},
	}
	for name, f := range faults {
		t.Run(name, func(t *testing.T) {
			s := objectstest.New(t)
			for _, method := range []string{"PUT", "HEAD", "GET", "DELETE"} {
				key := s.Address("f-" + method)
				s.Once(method, "f-"+method, f)
				if err := put(t, key, "first", objects.IfAbsent); err != nil {
					t.Fatalf("%s: %v", method, err)
				}
				if err := put(t, key, "second", objects.IfAbsent); !errors.Is(err, fs.ErrExist) {
					t.Errorf("%s: a second one is put: %v", method, err)
				}
				if text := get(t, key); text != "first" {
					t.Errorf("%s: %q is there", method, text)
				}
				b, k := at(t, key)
				if err := b.Delete(t.Context(), k); err != nil {
					t.Errorf("%s: %v", method, err)
				}
				if _, err := b.Stat(t.Context(), k); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s: after it was removed: %v", method, err)
				}
			}
			s.Once("GET", "/"+s.Bucket+"/", f)
			b, _ := at(t, s.Address("x"))
			if err := put(t, s.Address("dir/a"), "", objects.Always); err != nil {
				t.Fatal(err)
			}
			if names, err := b.List(t.Context(), ""); err != nil || len(names) != 1 || names[0] != "dir" {
				t.Errorf("list: %q, %v", names, err)
			}
		})
	}
}

// TestLostAnswer: a write whose answer was lost was done, although the request that looks for it fails, too.
func TestLostAnswer(t *testing.T) {
	for _, method := range []string{"HEAD", "GET"} {
		s := objectstest.New(t)
		lost, failed := false, false
		s.Interfere(func(r *http.Request) objectstest.Fault {
			switch {
			case r.Method == "PUT" && !lost:
				lost = true
				return objectstest.Fault{Lose: true}
			case r.Method == method && !failed:
				failed = true
				return objectstest.Fault{Status: 503}
			}
			return objectstest.Fault{}
		})
		if err := put(t, s.Address("a"), "first", objects.IfAbsent); err != nil || !failed {
			t.Errorf("%s: %v", method, err)
		}
	}
}

// TestLargeObject has each request of an upload in parts fail once.
func TestLargeObject(t *testing.T) {
	text := bytes.Repeat([]byte("0123456789abcdef"), objects.PartSize/16*2+1000)
	for name, f := range map[string]objectstest.Fault{"none": {}, "500": {Status: 500}, "reset": {Reset: true}, "lost": {Lose: true}} {
		t.Run(name, func(t *testing.T) {
			s := objectstest.New(t)
			failed := map[string]bool{}
			s.Interfere(func(r *http.Request) objectstest.Fault {
				if id := r.Method + r.URL.Query().Get("partNumber"); !failed[id] {
					failed[id] = true
					return f
				}
				return objectstest.Fault{}
			})
			b, key := at(t, s.Address("large"))
			w := b.Create(t.Context(), key, objects.Always)
			for rest := text; len(rest) > 0; {
				n := min(len(rest), 3<<20)
				if _, err := w.Write(rest[:n]); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := w.Commit(); err != nil {
				t.Fatal(err)
			}
			o, err := objects.Open(t.Context(), s.Address("large"))
			if err != nil {
				t.Fatal(err)
			}
			there := make([]byte, o.Size())
			if _, err := o.ReadAt(there, 0); err != nil || !bytes.Equal(there, text) {
				t.Errorf("%d bytes are not what was written: %v", len(there), err)
			}
		})
	}
}

// TestWriterFails: an object that cannot be written whole is not there, and its writer learns why.
func TestWriterFails(t *testing.T) {
	s := objectstest.New(t)
	s.Interfere(func(r *http.Request) objectstest.Fault {
		if r.URL.Query().Get("partNumber") == "2" {
			return objectstest.Fault{Status: 403, Code: "AccessDenied"}
		}
		return objectstest.Fault{}
	})
	b, key := at(t, s.Address("large"))
	w := b.Create(t.Context(), key, objects.Always)
	_, err := w.Write(make([]byte, 5*objects.PartSize))
	if err == nil {
		err = w.Commit()
	}
	w.Abort()
	if !errors.Is(err, fs.ErrPermission) || strings.Contains(err.Error(), context.Canceled.Error()) {
		t.Errorf("the error is %v", err)
	}
	if _, err := b.Stat(t.Context(), key); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the object: %v", err)
	}
}

// TestBadBucket: each error names the bucket and what to do, and no secret.
func TestBadBucket(t *testing.T) {
	s := objectstest.New(t)
	denied := func(method string) func(*http.Request) objectstest.Fault {
		return func(r *http.Request) objectstest.Fault {
			if method == "" || r.Method == method {
				return objectstest.Fault{Status: 403, Code: "AccessDenied"}
			}
			return objectstest.Fault{}
		}
	}
	unknown := func(*http.Request) objectstest.Fault {
		return objectstest.Fault{Status: 403, Code: "SignatureDoesNotMatch"}
	}
	for _, c := range []struct {
		name, address string
		fault         func(*http.Request) objectstest.Fault
		want          string
	}{
		{"whole", s.Address("run"), nil, ""},
		{"no bucket", "s3://there-is-none-of-this-name/run", nil, "s3://there-is-none-of-this-name: there is no such bucket at " + s.URL},
		{"denied", s.Address("run"), denied(""), "does not allow to write"},
		{"read only", s.Address("run"), denied("PUT"), "s3:PutObject"},
		{"write only", s.Address("run"), denied("GET"), "does not allow to read"},
		{"no delete", s.Address("run"), denied("DELETE"), "s3:DeleteObject"},
		{"credentials", s.Address("run"), unknown, "AWS_SECRET_ACCESS_KEY"},
		{"conditions", s.Address("run"), nil, "no conditional writes"},
	} {
		s.Interfere(c.fault)
		s.IgnoreConditions(c.name == "conditions")
		err := objects.Probe(t.Context(), c.address)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil && (strings.Contains(err.Error(), objectstest.Secret) || !strings.Contains(err.Error(), "s3://")) {
			t.Errorf("%s: it holds a secret, or names no bucket: %v", c.name, err)
		}
	}
	if _, err := objects.Open(context.Background(), "s3://neither-is-this-one/x"); err == nil || !strings.Contains(err.Error(), "no such bucket") {
		t.Errorf("reading: %v", err)
	}
}

// TestProbeFaults looks whether a bucket can be used, while one request after the other fails.
func TestProbeFaults(t *testing.T) {
	s := objectstest.New(t)
	for _, f := range []objectstest.Fault{{Status: 500}, {Reset: true}, {Lose: true}} {
		for at := range 6 {
			n := 0
			s.Interfere(func(*http.Request) objectstest.Fault {
				if n++; n == at+1 {
					return f
				}
				return objectstest.Fault{}
			})
			if err := objects.Probe(t.Context(), s.Address("run")); err != nil {
				t.Errorf("%+v of request %d: %v", f, at+1, err)
			}
		}
	}
}

// TestReplaced: ranges of two objects that were one after the other in one place are not mixed.
func TestReplaced(t *testing.T) {
	s := objectstest.New(t)
	if err := put(t, s.Address("a"), "first", objects.Always); err != nil {
		t.Fatal(err)
	}
	b, key := at(t, s.Address("a"))
	info, err := b.Stat(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := put(t, s.Address("a"), "other", objects.IfMatch(info.ETag)); err != nil {
		t.Fatal(err)
	}
	if err := put(t, s.Address("a"), "third", objects.IfMatch(info.ETag)); !errors.Is(err, fs.ErrExist) {
		t.Errorf("an ETag that is over: %v", err)
	}
	if text := get(t, s.Address("a")); text != "other" {
		t.Errorf("%q is there", text)
	}
	if err := b.Read(t.Context(), key, 3, make([]byte, 5), ""); err == nil {
		t.Error("bytes behind the end were read")
	}
}
