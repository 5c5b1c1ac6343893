package gcs

import (
	"maps"
	"net/http"
	"strings"
)

// translator turns requests of S3 into those of Google, and answers back.
type translator struct{ below http.RoundTripper }

const (
	generation      = "X-Goog-Generation"
	generationMatch = "X-Goog-If-Generation-Match"
	amazonMeta      = "X-Amz-Meta-"
	googleMeta      = "X-Goog-Meta-"
)

func (t translator) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	translate(r.Header)
	answer, err := t.below.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	// A part of an upload keeps its ETag: the end of the upload names it.
	if g := answer.Header.Get(generation); g != "" && !r.URL.Query().Has("partNumber") {
		answer.Header.Set("ETag", `"`+g+`"`)
	}
	for name, values := range answer.Header {
		if key, ok := strings.CutPrefix(name, googleMeta); ok {
			answer.Header[amazonMeta+key] = values
		}
	}
	return answer, nil
}

// translate changes a request's conditions and names. Google refuses requests with headers of both.
func translate(h http.Header) {
	if h.Get("If-None-Match") == "*" {
		h.Del("If-None-Match")
		h.Set(generationMatch, "0")
	}
	if g := strings.Trim(h.Get("If-Match"), `"`); g != "" {
		h.Del("If-Match")
		h.Set(generationMatch, g)
	}
	for name, values := range maps.Clone(h) {
		canonical := http.CanonicalHeaderKey(name) // the client writes some in small letters
		if !strings.HasPrefix(canonical, "X-Amz-") {
			continue
		}
		delete(h, name)
		if key, ok := strings.CutPrefix(canonical, amazonMeta); ok {
			h[googleMeta+key] = values
		}
	}
}
