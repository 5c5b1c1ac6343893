package token

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

func TestTokenText(t *testing.T) {
	for _, h := range []string{"", hash} {
		made := New(h)
		read, err := Parse(made.Text())
		if err != nil || read != made || read.Key() != made.Key() {
			t.Errorf("%q was read as %q: %v", made.Text(), read.Text(), err)
		}
		for _, shown := range []string{fmt.Sprint(made), fmt.Sprintf("%v %+v %#v %s", made, made, made, made)} {
			if strings.Contains(shown, made.secret) {
				t.Errorf("the secret is printed: %s", shown)
			}
		}
	}
	a, b := New(hash), New(hash)
	b.secret = a.secret
	if a.ID == b.ID || a.Key() == b.Key() {
		t.Errorf("tokens %s and %s: one secret has one key", a, b)
	}
}

func TestParseRefuses(t *testing.T) {
	secret := "0123456789abcdef0123456789abcdef"
	for text, want := range map[string]string{
		"":                                 "1 parts",
		"abc":                              "1 parts",
		"abc." + secret + ".x.y":           "4 parts",
		"." + secret:                       "the ID",
		"a b c." + secret:                  "the ID",
		"abc.short":                        "5 characters",
		"abcdef.0123456789abcdef":          "16 characters", // kubeadm's
		"abc." + strings.Repeat("ab", 20):  "not random",
		"abc." + secret + "é":              "letters, digits",
		"abc." + secret + "." + hash[1:]:   "64 hexadecimal",
		"abc." + secret + "." + hash + "0": "64 hexadecimal",
		"abc." + secret + ".":              "64 hexadecimal",
		strings.Repeat("a", 600):           "600 bytes",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%q: want %q, got %v", text, want, err)
		}
	}
}

func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	one, two := New(""), New(hash)
	for text, want := range map[string]string{
		one.Text(): "",
		"\n" + one.Text() + " \r\n\n" + two.Text(): "",
		"":                          "no token",
		one.Text() + "\nnonsense\n": "line 2",
		strings.Repeat(one.Text()+"\n", maxLines+1):  "more than 16 tokens",
		strings.Repeat("\n", maxFile+1) + one.Text(): "more than 16384 bytes",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		tokens, err := ReadFile(path)
		if want == "" && (err != nil || tokens[0] != one) {
			t.Errorf("%q: %v, %v", text, tokens, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path)) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if _, err := ReadFile(path + "-not-there"); !os.IsNotExist(err) {
		t.Error(err)
	}
}

func TestRecord(t *testing.T) {
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	r := RecordOf(New(""), Worker, now, time.Hour, "")
	forever := RecordOf(New(""), Worker, now, 0, "")
	revoked := r
	revoked.Revoked = now
	for _, c := range []struct {
		r     Record
		after time.Duration
		state string
	}{
		{r, 0, "valid"}, {r, time.Hour - 1, "valid"}, {r, time.Hour, "expired"}, {forever, 1e6 * time.Hour, "valid"},
		{revoked, 0, "revoked"}, {revoked, 2 * time.Hour, "revoked"},
	} {
		at := now.Add(c.after)
		if err := c.r.Valid(at); c.r.State(at) != c.state || (err == nil) != (c.state == "valid") ||
			err != nil && (!strings.Contains(err.Error(), c.state) || !strings.Contains(err.Error(), r.ID)) {
			t.Errorf("after %v: %s, %v; want %s", c.after, c.r.State(at), err, c.state)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(New("").Text())
	f.Add(New(hash).Text())
	f.Add("abc.def.ghi")
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Parse(text)
		if err != nil {
			if parts := strings.Split(text, "."); len(parts) > 1 && len(parts[1]) >= minSecret && strings.Contains(err.Error(), parts[1]) {
				t.Errorf("the error shows the secret: %v", err)
			}
			return
		}
		if again, err := Parse(got.Text()); err != nil || again != got {
			t.Errorf("%q is not read again: %v", text, err)
		}
		if tokens, err := parseLines("\n" + text + "\r\n"); err != nil || tokens[0] != got {
			t.Errorf("%q is not read from a line: %v", text, err)
		}
	})
}
