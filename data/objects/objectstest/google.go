package objectstest

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// NewGoogle is New for a server of Google's dialect: generations, no ETags in conditions, no header of Amazon's.
func NewGoogle(t testing.TB) *Server {
	t.Helper()
	s := New(t)
	s.google = true
	t.Setenv("STORAGE_EMULATOR_HOST", s.URL)
	return s
}

// generationOf makes a number of an ETag. One content has one generation here, which is all that clients rely on.
func generationOf(etag string) string {
	n, err := strconv.ParseUint(strings.Trim(etag, `"`)[:12], 16, 64)
	if err != nil {
		panic(err)
	}
	return strconv.FormatUint(n+1, 10)
}

// fromGoogle makes a request of S3's of one of Google's. What Google would refuse is refused.
func (b *backend) fromGoogle(r *http.Request) *http.Request {
	r = r.Clone(r.Context())
	for name, values := range maps.Clone(r.Header) {
		if strings.HasPrefix(name, "X-Amz-") || name == "If-Match" || name == "If-None-Match" {
			r.Method = "REFUSED" // gofakes3 answers 405
		}
		if key, ok := strings.CutPrefix(name, "X-Goog-Meta-"); ok {
			r.Header["X-Amz-Meta-"+key] = values
		}
	}
	switch match := r.Header.Get("X-Goog-If-Generation-Match"); {
	case match == "0":
		r.Header.Set("If-None-Match", "*")
	case match != "":
		r.Header.Set("If-Match", `"no such ETag"`)
		bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if o, err := b.HeadObject(bucket, key); err == nil {
			if etag := hexOf(o.Hash); generationOf(etag) == match {
				r.Header.Set("If-Match", `"`+etag+`"`)
			}
		}
	}
	return r
}

func hexOf(hash []byte) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for _, c := range hash {
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

// toGoogle gives answers generations.
type toGoogle struct {
	http.ResponseWriter
	begun bool
}

func (w *toGoogle) WriteHeader(code int) {
	if w.begun {
		return
	}
	w.begun = true
	h := w.Header()
	if etag := h.Get("ETag"); len(etag) > 12 && !strings.Contains(etag, "-") {
		h.Set("X-Goog-Generation", generationOf(etag))
	}
	for name, values := range maps.Clone(h) {
		if key, ok := strings.CutPrefix(name, "X-Amz-Meta-"); ok {
			h["X-Goog-Meta-"+key] = values
			delete(h, name)
		}
	}
	w.ResponseWriter.WriteHeader(code)
}

func (w *toGoogle) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.ResponseWriter.Write(p)
}
