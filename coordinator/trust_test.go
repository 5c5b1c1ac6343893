package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/enrol"
	"github.com/rondo-ml/rondo/coordinator/token"
)

// vaults are all kinds.
func vaults(t *testing.T) map[string]func() Vault {
	record, memory := t.TempDir(), newMemoryVault()
	etcd := startEtcd(t)
	return map[string]func() Vault{
		"memory": func() Vault { return memory },
		"files": func() Vault {
			v, err := OpenVault(t.Context(), EtcdConfig{}, record, quiet)
			if err != nil {
				t.Fatal(err)
			}
			return v
		},
		"etcd": func() Vault { return &etcdVault{client: etcd} },
	}
}

// TestTrust opens each kind of vault twice, as two processes do: both have one authority, and each finds the other's tokens.
func TestTrust(t *testing.T) {
	for name, open := range vaults(t) {
		t.Run(name, func(t *testing.T) {
			now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
			clock := func() time.Time { return now }
			one, other := open(), open()
			defer one.Close()
			defer other.Close()
			a, b := NewTrust(one, clock), NewTrust(other, clock)
			made, err := a.Create(t.Context(), NewToken{Role: token.Worker, Life: time.Hour, About: "first"})
			if err != nil {
				t.Fatal(err)
			}
			authority, err := b.Authority(t.Context())
			if err != nil || authority.Hash() != made.Hash {
				t.Errorf("two authorities: %v", err)
			}
			r, err := b.find(t.Context(), made.ID)
			if key := made.Key(); err != nil || string(r.Key) != string(key[:]) || r.Valid(now) != nil || r.About != "first" || !r.Expires.Equal(now.Add(time.Hour)) {
				t.Errorf("found %+v: %v", r, err)
			}
			if err := b.Revoke(t.Context(), made.ID); err != nil {
				t.Error(err)
			}
			if r, err = a.find(t.Context(), made.ID); err != nil || r.State(now) != "revoked" {
				t.Errorf("revoked: %+v, %v", r, err)
			}
			if err := a.Revoke(t.Context(), "nobody"); !errors.Is(err, enrol.ErrUnknown) {
				t.Errorf("revoking a token that is not there: %v", err)
			}
			now = now.Add(remembered + time.Second)
			if _, err := a.Create(t.Context(), NewToken{Role: token.Worker, Life: time.Second}); err != nil {
				t.Fatal(err)
			}
			if r, err = a.find(t.Context(), made.ID); err != nil || r.State(now) != "revoked" {
				t.Errorf("revoked, and forgotten while certificates that came by it may live: %+v, %v", r, err)
			}
			now = now.Add(rememberedRevoked)
			again, err := b.Create(t.Context(), NewToken{Role: token.Operator})
			if err != nil {
				t.Fatal(err)
			}
			if all, err := a.Tokens(t.Context()); err != nil || len(all) != 1 || all[0].ID != again.ID || all[0].Role != token.Operator {
				t.Errorf("a year later: %+v, %v", all, err)
			}
		})
	}
}

// TestUses has workers join at once by a token that lets two join: two do, and may come again. What was written of them goes with the token.
func TestUses(t *testing.T) {
	for name, open := range vaults(t) {
		t.Run(name, func(t *testing.T) {
			v := open()
			defer v.Close()
			now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
			trust := NewTrust(v, func() time.Time { return now })
			made, err := trust.Create(t.Context(), NewToken{Role: token.Worker, Life: time.Hour, Uses: 2})
			if err != nil {
				t.Fatal(err)
			}
			r, err := trust.find(t.Context(), made.ID)
			if err != nil {
				t.Fatal(err)
			}
			const n = 5
			joined := make(chan string, n)
			for i := range n {
				go func() {
					name := fmt.Sprintf("worker-%d", i)
					err := trust.use(context.Background(), r, name)
					if err != nil && !errors.Is(err, enrol.ErrUsed) {
						t.Error(err)
					}
					if err != nil {
						name = ""
					}
					joined <- name
				}()
			}
			var in []string
			for range n {
				if name := <-joined; name != "" {
					in = append(in, name)
				}
			}
			if len(in) != 2 {
				t.Fatalf("%v have joined", in)
			}
			for _, name := range in {
				if err := trust.use(t.Context(), r, name); err != nil {
					t.Errorf("%s comes again: %v", name, err)
				}
			}
			if all, err := trust.Tokens(t.Context()); err != nil || len(all) != 1 || all[0].Used != 2 || all[0].Uses != 2 {
				t.Errorf("listed: %+v, %v", all, err)
			}
			now = now.Add(remembered + 2*time.Hour)
			if _, err := trust.Create(t.Context(), NewToken{Role: token.Operator}); err != nil {
				t.Fatal(err)
			}
			values, err := v.Load(t.Context())
			if err != nil || values[useKey(made.ID, 1)] != nil || values[useKey(made.ID, 2)] != nil {
				t.Errorf("it stays behind: %v, %v", values, err)
			}
		})
	}
}

// Of many that make an authority at once, all get the one of the first.
func TestAuthorityAtOnce(t *testing.T) {
	for name, open := range vaults(t) {
		hashes := make(chan string)
		const n = 8
		for range n {
			v := open()
			defer v.Close()
			go func() {
				a, err := NewTrust(v, time.Now).Authority(context.Background())
				if err != nil {
					hashes <- err.Error()
					return
				}
				hashes <- a.Hash()
			}()
		}
		first := <-hashes
		for range n - 1 {
			if h := <-hashes; h != first || len(h) != 64 {
				t.Errorf("%s: %s and %s", name, first, h)
			}
		}
	}
}

// What is in the vault is for its owner alone, and what is damaged is named.
func TestVaultFiles(t *testing.T) {
	record := t.TempDir()
	v, err := openFileVault(record)
	if err != nil {
		t.Fatal(err)
	}
	trust := NewTrust(v, time.Now)
	made, err := trust.Create(t.Context(), NewToken{Role: token.Worker})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", keyAuthority, keyToken + made.ID} {
		stat, err := os.Stat(filepath.Join(v.dir, name))
		if err != nil || stat.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v", name, stat, err)
		}
	}
	text, err := os.ReadFile(filepath.Join(v.dir, keyToken+made.ID))
	if err != nil || strings.Contains(string(text), strings.Split(made.Text(), ".")[1]) {
		t.Errorf("the record holds the secret itself: %v", err)
	}
	if err := os.WriteFile(filepath.Join(v.dir, keyToken+"bad"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := trust.Tokens(t.Context()); err == nil || !strings.Contains(err.Error(), "token bad") {
		t.Errorf("a damaged token: %v", err)
	}
	if _, err := trust.find(t.Context(), made.ID); err != nil {
		t.Errorf("one damaged token keeps another from counting: %v", err)
	}
	if err := trust.Revoke(t.Context(), "bad"); err != nil {
		t.Errorf("revoking a damaged token: %v", err)
	}
	if all, err := trust.Tokens(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("after that: %v, %v", all, err)
	}
	if err := trust.forget(t.Context(), "bad"); err != nil { // as when two processes forget at once
		t.Errorf("what was forgotten already: %v", err)
	}
	if err := os.WriteFile(filepath.Join(v.dir, keyAuthority), []byte("none"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := trust.Authority(t.Context()); err == nil || !strings.Contains(err.Error(), "authority of the record") {
		t.Errorf("a damaged authority: %v", err)
	}
}

// A file of tokens counts as it is now: a new secret in it revokes the old one.
func TestTokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trust := NewTrust(newMemoryVault(), time.Now)
	authority, err := trust.Authority(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	one, two := token.New(""), token.New(authority.Hash())
	f := &tokenFile{flag: "--token-file", path: path, role: token.Worker}
	book := &tokenBook{trust: trust, files: []*tokenFile{f}, log: quiet}
	found := func(tok token.Token) bool {
		t.Helper()
		r, err := book.find(t.Context(), tok.ID)
		if err != nil && !errors.Is(err, enrol.ErrUnknown) {
			t.Fatal(err)
		}
		key := tok.Key()
		return err == nil && string(r.Key) == string(key[:]) && r.Role == token.Worker
	}
	write(token.New(strings.Repeat("0", 64)).Text())
	if err := f.open(authority.Hash()); err == nil || !strings.Contains(err.Error(), authority.Hash()) {
		t.Errorf("a token for another authority: %v", err)
	}
	write(one.Text())
	if err := f.open(authority.Hash()); err != nil || !found(one) || found(two) {
		t.Errorf("the first: %v, found %v, the second %v", err, found(one), found(two))
	}
	write(two.Text() + "\n" + one.Text())
	if !found(one) || !found(two) {
		t.Error("while both are in the file, not both count")
	}
	write(two.Text())
	if found(one) || !found(two) {
		t.Error("the one that left the file still counts, or the new one does not")
	}
	write("half a tok")
	if !found(two) {
		t.Error("while the file cannot be read the last one does not count")
	}
	revoked := token.RecordOf(two, token.Worker, time.Now(), 0, "")
	revoked.Revoked = time.Now()
	text, err := json.Marshal(revoked)
	if err == nil {
		err = trust.vault.Put(t.Context(), keyToken+two.ID, text)
	}
	if err != nil {
		t.Fatal(err)
	}
	if r, err := book.find(t.Context(), two.ID); err != nil || r.State(time.Now()) != "revoked" {
		t.Errorf("revoked in the record: %+v, %v", r, err)
	}
}
