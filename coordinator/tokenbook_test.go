package coordinator

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/enrol"
	"github.com/rondo-ml/rondo/coordinator/token"
)

// awayVault is a vault that cannot be read while it is away.
type awayVault struct {
	Vault
	away bool
}

func (v *awayVault) Load(ctx context.Context) (map[string][]byte, error) {
	if v.away {
		return nil, errors.New("no etcd")
	}
	return v.Vault.Load(ctx)
}

// TestTokenBook: a token of a file is listed, and revoked by its ID for as long as the file holds it: for every coordinator of the record,
// while the record is away, and years later.
func TestTokenBook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	one, two := token.New(""), token.New("")
	if err := os.WriteFile(path, []byte(one.Text()+"\n"+two.Text()), 0o600); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	vault := &awayVault{Vault: newMemoryVault()}
	trust := NewTrust(vault, func() time.Time { return now })
	newBook := func() *tokenBook {
		f := &tokenFile{flag: "--token-file", path: path, role: token.Worker}
		return &tokenBook{trust: trust, files: []*tokenFile{f}, log: quiet}
	}
	book, other := newBook(), newBook()
	state := func(b *tokenBook, tok token.Token) string {
		t.Helper()
		r, err := b.find(t.Context(), tok.ID)
		if err != nil {
			return err.Error()
		}
		return r.State(now)
	}
	listed := func(b *tokenBook) (all []string) {
		t.Helper()
		list, err := b.Tokens(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			all = append(all, r.ID+" "+r.State(now))
		}
		return all
	}
	if got := listed(book); !slices.Equal(got, []string{one.ID + " valid", two.ID + " valid"}) {
		t.Errorf("before: %v", got)
	}
	if err := book.Revoke(t.Context(), "nobody"); !errors.Is(err, enrol.ErrUnknown) {
		t.Errorf("revoking none: %v", err)
	}
	if err := book.Revoke(t.Context(), one.ID); err != nil {
		t.Fatal(err)
	}
	for i, b := range []*tokenBook{book, other, newBook()} {
		if got := state(b, one) + ", " + state(b, two); got != "revoked, valid" {
			t.Errorf("book %d: %s", i, got)
		}
		if got := listed(b); !slices.Equal(got, []string{one.ID + " revoked", two.ID + " valid"}) {
			t.Errorf("book %d lists %v", i, got)
		}
	}
	vault.away = true
	if got := state(other, one) + ", " + state(other, two); got != "revoked, valid" {
		t.Errorf("while the record is away: %s", got)
	}
	vault.away = false
	if r, err := trust.find(t.Context(), one.ID); err != nil || token.Key(r.Key) == one.Key() || token.Key(r.Key) == (token.Key{}) {
		t.Errorf("what the record has of a file's token: %v", err)
	}
	now = now.Add(5 * 365 * 24 * time.Hour)
	if _, err := book.Create(t.Context(), NewToken{Role: token.Worker, Life: time.Hour}); err != nil { // forgets those of long ago
		t.Fatal(err)
	}
	if got := state(newBook(), one); got != "revoked" {
		t.Errorf("years later: %s", got)
	}
	if err := trust.RevokeOfFile(t.Context(), "not an ID", token.Worker); err == nil || !strings.Contains(err.Error(), "no ID of a token") {
		t.Errorf("what is no ID: %v", err)
	}
}
