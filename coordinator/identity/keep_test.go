package identity

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// An authority that was kept issues certificates that its peers take.
func TestAuthorityIsKept(t *testing.T) {
	made, err := NewLastingAuthority(time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	text, err := made.Text()
	if err != nil {
		t.Fatal(err)
	}
	kept, err := ParseAuthority(text)
	if err != nil {
		t.Fatal(err)
	}
	if kept.Hash() != made.Hash() || len(kept.Hash()) != 64 || !bytes.Equal(kept.PEM(), made.PEM()) || !kept.Expires().Equal(made.Expires()) {
		t.Errorf("hash %s, want %s; PEM %s", kept.Hash(), made.Hash(), kept.PEM())
	}
	dir := t.TempDir() + "/tls"
	server := mustCredentials(t, made, dir, "coordinator").Server()
	if read, err, _ := meet(t, server, hello(mustCredentials(t, kept, dir, "worker-0").Client())); read != "hello" {
		t.Errorf("peers of one authority do not meet: %v", err)
	}
}

func TestParseAuthorityRefuses(t *testing.T) {
	a, other := mustAuthority(t), mustAuthority(t)
	text, err := a.Text()
	if err != nil {
		t.Fatal(err)
	}
	otherText, err := other.Text()
	if err != nil {
		t.Fatal(err)
	}
	leaf, key, err := a.Issue("leaf")
	if err != nil {
		t.Fatal(err)
	}
	keyOf := func(text []byte) []byte { return text[bytes.Index(text, []byte("-----BEGIN PRIVATE")):] }
	for want, bad := range map[string][]byte{
		"begins with its certificate": nil,
		"followed by its key":         a.PEM(),
		"go together":                 append(a.PEM(), keyOf(otherText)...),
		"do not go together":          append(leaf, key...), // not an authority's
	} {
		if _, err := ParseAuthority(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	for n := range len(text) { // cut short anywhere: an error or, where an end of line alone is missing, the authority
		if got, err := ParseAuthority(text[:n]); err == nil && got.Hash() != a.Hash() {
			t.Errorf("cut after %d bytes: another authority", n)
		}
	}
}

func FuzzParseAuthority(f *testing.F) {
	a, err := NewAuthority()
	if err != nil {
		f.Fatal(err)
	}
	text, err := a.Text()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(a.PEM())
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := ParseAuthority(text)
		if err != nil {
			return
		}
		if _, _, err := got.Issue("x", WorkerRole); err != nil {
			t.Errorf("an authority that was read issues nothing: %v", err)
		}
	})
}
