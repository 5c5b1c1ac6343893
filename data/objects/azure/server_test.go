package azure

import (
	"crypto/sha256"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// server is as much of a storage account, with one container, as package azure asks for.
type server struct {
	mu     sync.Mutex
	blobs  map[string][]byte
	blocks map[string][]byte
	fault  func(r *http.Request) int // 0: none; 1: the request is done and the connection breaks
}

const account = "acct"

func serve(t *testing.T) *server {
	t.Helper()
	s := &server{blobs: map[string][]byte{}, blocks: map[string][]byte{}}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	t.Setenv("AZURE_STORAGE_CONNECTION_STRING", "DefaultEndpointsProtocol=http;AccountName="+account+";AccountKey="+key+";BlobEndpoint="+h.URL+"/"+account+";")
	return s
}

// key is a secret that nobody may write anywhere.
const key = "c2VjcmV0LXRoYXQtbm9ib2R5LXdyaXRlcw=="

func etag(d []byte) string { return fmt.Sprintf(`"0x%X"`, sha256.Sum256(d)) }

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fail := func(code int, name string) {
		w.Header().Set("x-ms-error-code", name)
		w.WriteHeader(code)
	}
	fault := 0
	if s.fault != nil {
		fault = s.fault(r)
	}
	if fault > 1 {
		fail(fault, "AsTheTestWantsIt")
		return
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "SharedKey "+account+":") {
		fail(http.StatusForbidden, "AuthorizationFailure")
		return
	}
	container, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"+account+"/"), "/")
	if !strings.HasPrefix(container, "c") {
		fail(http.StatusNotFound, "ContainerNotFound")
		return
	}
	name = container + "/" + name
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	switch {
	case r.URL.Query().Get("comp") == "list":
		s.list(w, container, r.URL.Query().Get("prefix"))
	case r.Method == http.MethodPut:
		s.put(w, r, name, body, fail)
	default:
		s.read(w, r, name, fail)
	}
	if fault == 1 {
		panic(http.ErrAbortHandler)
	}
}

func (s *server) put(w http.ResponseWriter, r *http.Request, name string, body []byte, fail func(int, string)) {
	there, ok := s.blobs[name]
	switch {
	case r.URL.Query().Get("comp") == "block":
		s.blocks[name+" "+r.URL.Query().Get("blockid")] = body
	case r.URL.Query().Get("comp") == "blocklist":
		var list struct{ Latest []string }
		if xml.Unmarshal(body, &list) != nil {
			fail(http.StatusBadRequest, "InvalidXmlDocument")
			return
		}
		var all []byte
		for _, id := range list.Latest {
			all = append(all, s.blocks[name+" "+id]...)
		}
		s.blobs[name] = all
	case r.Header.Get("If-None-Match") == "*" && ok:
		fail(http.StatusConflict, "BlobAlreadyExists")
		return
	case r.Header.Get("If-Match") != "" && (!ok || r.Header.Get("If-Match") != etag(there)):
		fail(http.StatusPreconditionFailed, "ConditionNotMet")
		return
	default:
		s.blobs[name] = body
		w.Header().Set("ETag", etag(body))
	}
	w.WriteHeader(http.StatusCreated)
}

func (s *server) read(w http.ResponseWriter, r *http.Request, name string, fail func(int, string)) {
	there, ok := s.blobs[name]
	switch {
	case !ok:
		fail(http.StatusNotFound, "BlobNotFound")
	case r.Method == http.MethodDelete:
		delete(s.blobs, name)
		w.WriteHeader(http.StatusAccepted)
	case r.Header.Get("If-Match") != "" && r.Header.Get("If-Match") != etag(there):
		fail(http.StatusPreconditionFailed, "ConditionNotMet")
	default:
		w.Header().Set("ETag", etag(there))
		var first, last int
		code := http.StatusOK
		if n, _ := fmt.Sscanf(r.Header.Get("x-ms-range"), "bytes=%d-%d", &first, &last); n == 2 {
			if first >= len(there) {
				fail(http.StatusRequestedRangeNotSatisfiable, "InvalidRange")
				return
			}
			there, code = there[first:min(last+1, len(there))], http.StatusPartialContent
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(there)))
		w.WriteHeader(code)
		if r.Method == http.MethodGet {
			_, _ = w.Write(there)
		}
	}
}

func (s *server) list(w http.ResponseWriter, container, prefix string) {
	seen := map[string]bool{}
	for name := range s.blobs {
		if rest, ok := strings.CutPrefix(name, container+"/"+prefix); ok {
			first, _, deeper := strings.Cut(rest, "/")
			tag := "<Blob><Name>" + prefix + first + "</Name><Properties></Properties></Blob>"
			if deeper {
				tag = "<BlobPrefix><Name>" + prefix + first + "/</Name></BlobPrefix>"
			}
			seen[tag] = true
		}
	}
	tags := make([]string, 0, len(seen))
	for tag := range seen {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	w.Header().Set("Content-Type", "application/xml")
	_, _ = io.WriteString(w, `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="`+container+`"><Blobs>`+
		strings.Join(tags, "")+`</Blobs><NextMarker/></EnumerationResults>`)
}
