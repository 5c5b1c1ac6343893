package azure

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"

	"github.com/rondo-ml/rondo/data/objects"
)

// TestStore puts, replaces, lists and removes, with an error and a lost answer on the way.
func TestStore(t *testing.T) {
	s := serve(t)
	if err := objects.Probe(t.Context(), "azblob://c1/run"); err != nil {
		t.Fatal(err)
	}
	b, name, err := objects.At("azblob://c1/run/a")
	if err != nil {
		t.Fatal(err)
	}
	for i, fault := range []int{0, 503, 1} {
		if err := b.Delete(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		once(s, http.MethodPut, fault)
		first, err := b.Put(t.Context(), name, []byte("first"), objects.IfAbsent)
		if err != nil || first.ETag == "" {
			t.Fatalf("%d: %+v, %v", i, first, err)
		}
		if _, err := b.Put(t.Context(), name, []byte("again"), objects.IfAbsent); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%d: a second one: %v", i, err)
		}
		if _, err := b.Put(t.Context(), name, []byte("other"), objects.IfMatch(first.ETag)); err != nil {
			t.Errorf("%d: %v", i, err)
		}
		if _, err := b.Put(t.Context(), name, []byte("third"), objects.IfMatch(first.ETag)); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%d: an ETag that is over: %v", i, err)
		}
		once(s, http.MethodGet, fault)
		if text, _, err := b.Get(t.Context(), name, 100); err != nil || string(text) != "other" {
			t.Errorf("%d: %q is there, %v", i, text, err)
		}
	}
	once(s, http.MethodPut, 1)
	large := bytes.Repeat([]byte("0123456789"), objects.PartSize/10*2+5)
	w := b.Create(t.Context(), "run/large", objects.Always)
	if _, err := w.Write(large); err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	o, err := objects.Open(t.Context(), "azblob://c1/run/large")
	if err != nil {
		t.Fatal(err)
	}
	there := make([]byte, o.Size())
	if _, err := objects.NewAhead(o).ReadAt(there, 0); err != nil || !bytes.Equal(there, large) {
		t.Errorf("a large object: %v", err)
	}
	if _, err := b.Put(t.Context(), "run/deeper/b", nil, objects.Always); err != nil {
		t.Error(err)
	}
	if names, err := b.List(t.Context(), "run"); err != nil || strings.Join(names, " ") != "deeper a large" {
		t.Errorf("list: %q, %v", names, err)
	}
	if _, err := b.Stat(t.Context(), "run/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
}

// once has the first request of a method fail.
func once(s *server, method string, fault int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = func(r *http.Request) int {
		if r.Method != method {
			return 0
		}
		s.fault = nil
		return fault
	}
}

// TestBadContainer: each error names the container and what to do, and holds no secret.
func TestBadContainer(t *testing.T) {
	s := serve(t)
	for _, c := range []struct {
		name, address string
		fault         int
		want          string
	}{
		{"none", "azblob://d1/run", 0, "there is no such bucket"},
		{"denied", "azblob://c2/run", 403, "Storage Blob Data Contributor"},
	} {
		s.fault = func(*http.Request) int { return c.fault }
		err := objects.Probe(t.Context(), c.address)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.address[:len("azblob://c1")]) || strings.Contains(err.Error(), key) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	t.Setenv("AZURE_STORAGE_CONNECTION_STRING", "AccountKey="+key)
	if _, _, err := objects.At("azblob://c3/run"); err == nil || strings.Contains(err.Error(), key) {
		t.Errorf("a connection string that is none: %v", err)
	}
	t.Setenv("AZURE_STORAGE_CONNECTION_STRING", "")
	t.Setenv("AZURE_STORAGE_ACCOUNT", "")
	if _, _, err := objects.At("azblob://c3/run"); err == nil || !strings.Contains(err.Error(), "AZURE_STORAGE_ACCOUNT") {
		t.Errorf("no account: %v", err)
	}
}

// TestTokens fetches a pod's token, keeps it, and fetches another shortly before it ends.
func TestTokens(t *testing.T) {
	asked := 0
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		if r.FormValue("client_assertion") != "proof" || r.FormValue("client_id") != "client" || r.URL.Path != "/tenant/oauth2/v2.0/token" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = w.Write([]byte(`{"access_token":"token-` + strings.Repeat("x", asked) + `","expires_in":"3600"}`))
	}))
	defer h.Close()
	file := filepath.Join(t.TempDir(), "proof")
	if err := os.WriteFile(file, []byte("proof\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AZURE_FEDERATED_TOKEN_FILE", file)
	t.Setenv("AZURE_CLIENT_ID", "client")
	t.Setenv("AZURE_TENANT_ID", "tenant")
	t.Setenv("AZURE_AUTHORITY_HOST", h.URL)
	tokens := newTokens(h.Client())
	now := time.Unix(1e9, 0)
	tokens.now = func() time.Time { return now }
	for i, want := range []string{"token-x", "token-x", "token-xx"} {
		got, err := tokens.GetToken(t.Context(), policy.TokenRequestOptions{})
		if err != nil || got.Token != want {
			t.Errorf("%d: %q, %v", i, got.Token, err)
		}
		now = now.Add(28 * time.Minute)
	}
	t.Setenv("AZURE_CLIENT_ID", "another")
	now = now.Add(time.Hour)
	if _, err := tokens.GetToken(t.Context(), policy.TokenRequestOptions{}); err == nil || strings.Contains(err.Error(), "token-") {
		t.Errorf("an identity that is refused: %v", err)
	}
	t.Setenv("AZURE_STORAGE_CONNECTION_STRING", "")
	t.Setenv("AZURE_STORAGE_ACCOUNT", account)
	asked = 0
	err := objects.Probe(t.Context(), "azblob://identity/run")
	if !errors.Is(err, fs.ErrPermission) || asked != 1 || !strings.Contains(err.Error(), "azblob://identity") {
		t.Errorf("an identity that is refused was tried %d times: %v", asked, err)
	}
	t.Setenv("AZURE_FEDERATED_TOKEN_FILE", file+"-missing")
	if err := objects.Probe(t.Context(), "azblob://identity/run"); !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), "AZURE_FEDERATED_TOKEN_FILE") {
		t.Errorf("no proof of an identity: %v", err)
	}
}
