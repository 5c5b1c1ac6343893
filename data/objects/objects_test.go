package objects

import (
	"strings"
	"testing"
)

func TestPaths(t *testing.T) {
	Register("zz", func(string) (Store, error) { return nil, nil })
	for _, c := range []struct{ got, want string }{
		{Join("zz://b/p", "step-1", "f"), "zz://b/p/step-1/f"},
		{Join("zz://b", "f"), "zz://b/f"},
		{Join("zz://b/", "/f/"), "zz://b/f"},
		{Join("a//b", "c"), "a/b/c"},
		{Join("unknown://b", "c"), "unknown:/b/c"},
		{Dir("zz://b/p/f"), "zz://b/p"},
		{Dir("/a/b"), "/a"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	if !Named("zz://b") || Named("/a") || Named("zz:/b") || Named("unknown://b") {
		t.Error("what is an address?")
	}
}

// TestNoSecrets: an address that is refused is not repeated where it may hold a secret.
func TestNoSecrets(t *testing.T) {
	for _, address := range []string{"zz://key:secret@b/k", "zz://b/k?sig=secret", "zz://b#secret", "zz:/key:secret@b"} {
		if _, _, _, err := Split(address); err == nil || strings.Contains(err.Error(), "secret@") || strings.Contains(err.Error(), "=secret") || strings.Contains(err.Error(), "#secret") {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, text := range []string{"zz://b/k", "zz://B k", "a/b?c@d", "generated:shapes?count=9", ""} {
		if Shown(text) != text {
			t.Errorf("%q is shown as %q", text, Shown(text))
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"s3://b/k", "s3://b", "s3://b//x/", "s3://u:p@b/k", "s3://b/../c", "s3:///k", "s3://b/k?x=1", "S3://b/k", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		scheme, bucket, key, err := Split(text)
		if err != nil {
			return
		}
		again := scheme + "://" + bucket
		if key != "" {
			again += "/" + key
		}
		s, b, k, err := Split(again)
		if err != nil || s != scheme || b != bucket || k != key {
			t.Errorf("%q is %q, %q, %q; that is %q, %q, %q, %v", text, scheme, bucket, key, s, b, k, err)
		}
	})
}
