package s3

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/objects/objectstest"
)

// TestBucketName refuses names that no bucket has, without asking any store.
func TestBucketName(t *testing.T) {
	for _, bad := range []string{"b", "a..b", "192.168.5.4"} {
		if _, err := open(bad); err == nil || !strings.Contains(err.Error(), "s3://"+bad) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

// TestSums: what is sent has its hash with it where no TLS protects it, and no time is spent on one where it does.
func TestSums(t *testing.T) {
	for name, begin := range map[string]func(testing.TB) *objectstest.Server{"http": objectstest.New, "https": objectstest.NewTLS} {
		t.Run(name, func(t *testing.T) {
			s := begin(t)
			signed, unsigned := 0, 0
			s.Interfere(func(r *http.Request) objectstest.Fault { // called under a lock
				switch {
				case r.Method != http.MethodPut:
				case r.Header.Get("X-Amz-Content-Sha256") == "UNSIGNED-PAYLOAD":
					unsigned++
				default:
					signed++
				}
				return objectstest.Fault{}
			})
			if err := put(t, s.Address("small"), "text", objects.IfAbsent); err != nil {
				t.Fatal(err)
			}
			b, key := at(t, s.Address("large"))
			w := b.Create(t.Context(), key, objects.Always)
			text := bytes.Repeat([]byte("x"), objects.PartSize+1)
			if _, err := w.Write(text); err != nil {
				t.Fatal(err)
			}
			if err := w.Commit(); err != nil {
				t.Fatal(err)
			}
			there, _, err := b.Get(t.Context(), key, 2*objects.PartSize)
			if err != nil || !bytes.Equal(there, text) {
				t.Errorf("%d bytes are there, or other ones: %v", len(there), err)
			}
			const writes = 3 // of the small object and of two parts
			if want := map[string]int{"http": writes}[name]; signed != want || unsigned != writes-want {
				t.Errorf("%d writes with a hash and %d without", signed, unsigned)
			}
		})
	}
}
