package identity

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPermissions(t *testing.T) {
	a := mustAuthority(t)
	dir := filepath.Join(t.TempDir(), "a", "tls")
	if _, err := a.Write(dir, "worker-0", "127.0.0.1", "localhost"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Write(dir, "worker-1"); err != nil {
		t.Fatal(err)
	}
	stat, err := os.Stat(dir)
	if err != nil || stat.Mode().Perm() != 0o700 {
		t.Errorf("the directory has mode %v: %v", stat.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 5 {
		t.Errorf("%d files, want 5: %v", len(entries), err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("%s has mode %v: %v", e.Name(), info.Mode(), err)
		}
	}
	if err := os.Chmod(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Write(dir, "worker-2"); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("a directory that others can enter: %v", err)
	}
	for _, name := range []string{"", "../x", "a/b", ".hidden"} {
		if _, err := a.Write(filepath.Join(t.TempDir(), "tls"), name); err == nil {
			t.Errorf("a process was called %q", name)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	a, other := mustAuthority(t), mustAuthority(t)
	dir := filepath.Join(t.TempDir(), "tls")
	good, err := a.Write(dir, "good")
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	pair := func(name string, a *Authority, from, to time.Duration, hosts ...string) Paths {
		cert, key, err := a.issue(name, time.Now().Add(from), time.Now().Add(to), hosts)
		if err != nil {
			t.Fatal(err)
		}
		return Paths{good.CA, file(name+".pem", cert), file(name+"-key.pem", key)}
	}
	second := pair("second", a, -time.Hour, time.Hour, Role)
	whole, err := os.ReadFile(good.Cert)
	if err != nil {
		t.Fatal(err)
	}
	cut := file("cut.pem", append(whole, whole[:len(whole)/2]...))
	junk := file("junk.pem", []byte("not a certificate"))
	huge := file("huge.pem", make([]byte, maxFile+1))
	cases := []struct {
		name  string
		paths Paths
		want  []string
	}{
		{"no flag", Paths{good.CA, "", good.Key}, []string{"--tls-cert is missing"}},
		{"no file", Paths{good.CA, dir + "/none.pem", good.Key}, []string{"none.pem", "no such file"}},
		{"junk authority", Paths{junk, good.Cert, good.Key}, []string{junk, "PEM"}},
		{"junk certificate", Paths{good.CA, junk, good.Key}, []string{junk, "PEM"}},
		{"junk key", Paths{good.CA, good.Cert, junk}, []string{junk, "PEM"}},
		{"huge", Paths{huge, good.Cert, good.Key}, []string{huge, "bytes"}},
		{"cut", Paths{good.CA, cut, good.Key}, []string{cut, "cut short"}},
		{"key for certificate", Paths{good.CA, good.Key, good.Key}, []string{good.Key, "PRIVATE KEY"}},
		{"certificate for authority", Paths{good.Cert, good.Cert, good.Key}, []string{good.Cert, "exchanged"}},
		{"another's key", Paths{good.CA, good.Cert, second.Key}, []string{second.Key, good.Cert, "does not go with"}},
		{"another authority", pair("foreign", other, -time.Hour, time.Hour, Role), []string{"foreign.pem", good.CA, "authority"}},
		{"expired", pair("late", a, -2*time.Hour, -time.Hour, Role), []string{"late.pem", "expired at"}},
		{"early", pair("early", a, time.Hour, 2*time.Hour, Role), []string{"early.pem", "not valid before", "clock"}},
		{"no role", pair("plain", a, -time.Hour, time.Hour, "localhost"), []string{"plain.pem", `DNS name "rondo"`}},
	}
	for _, c := range cases {
		_, err := Load(c.paths.CA, c.paths.Cert, c.paths.Key)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v\nwant %q in it", c.name, err, want)
			}
		}
	}
	if _, err := load(good, func() time.Time { return time.Now().Add(2 * lifetime) }); err == nil || !strings.Contains(err.Error(), good.CA) {
		t.Errorf("an authority that has expired: %v", err)
	}
}

// TestReload replaces the certificate and key while a process has them, one file after the other.
func TestReload(t *testing.T) {
	a, dir := mustAuthority(t), filepath.Join(t.TempDir(), "tls")
	c := mustCredentials(t, a, dir, "worker")
	first := c.certificate()
	if again := c.certificate(); again != first {
		t.Error("files that did not change were read again")
	}
	cert, key, err := a.Issue("worker")
	if err != nil {
		t.Fatal(err)
	}
	later := time.Now()
	replace := func(path string, text []byte) {
		t.Helper()
		if err := WritePrivate(path, text); err != nil {
			t.Fatal(err)
		}
		later = later.Add(time.Minute) // whatever the file system's clock resolves
		if err := os.Chtimes(path, later, later); err != nil {
			t.Fatal(err)
		}
	}
	replace(c.paths.Cert, cert)
	if half := c.certificate(); half != first {
		t.Error("a certificate was taken up without its key")
	}
	replace(c.paths.Key, key)
	second := c.certificate()
	if second == first {
		t.Fatal("the new certificate was not taken up")
	}
	if err := os.Remove(c.paths.Key); err != nil {
		t.Fatal(err)
	}
	if c.certificate() != second {
		t.Error("the certificate is gone with its file")
	}
}
