package cmd

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/identity"
)

// ownCredentials are those of a process, and their files.
func ownCredentials(t *testing.T) (*identity.Credentials, identity.Paths) {
	t.Helper()
	a, err := identity.NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	p, err := a.Write(filepath.Join(t.TempDir(), "tls"), "us")
	if err != nil {
		t.Fatal(err)
	}
	creds, err := identity.Load(p.CA, p.Cert, p.Key)
	if err != nil {
		t.Fatal(err)
	}
	return creds, p
}

func TestEtcdFlags(t *testing.T) {
	own, p := ownCredentials(t)
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	password, empty, long := write("password", "secret\n"), write("empty", "\n"), write("long", strings.Repeat("x", maxPassword+1))
	at := []string{"h:2379"}
	for _, c := range []struct {
		flags etcdFlags
		want  string // empty: they are right
	}{
		{etcdFlags{tls: true}, ""},
		{etcdFlags{tls: true, endpoints: at}, ""},
		{etcdFlags{tls: true, endpoints: at, ca: p.CA, cert: p.Cert, key: p.Key, user: "u", passwordFile: password}, ""},
		{etcdFlags{tls: true, ca: p.CA}, "go with --etcd HOST:PORT"},
		{etcdFlags{endpoints: at, ca: p.CA}, "--etcd-tls=false does not go with"},
		{etcdFlags{tls: true, endpoints: at, ca: p.CA, cert: p.Cert}, "--etcd-cert and --etcd-key go together"},
		{etcdFlags{tls: true, endpoints: at, cert: p.Cert, key: p.Key}, "with --etcd-ca"},
		{etcdFlags{tls: true, endpoints: at, user: "u"}, "--etcd-user and --etcd-password-file go together"},
		{etcdFlags{tls: true, endpoints: at, user: "u", passwordFile: empty}, empty},
		{etcdFlags{tls: true, endpoints: at, user: "u", passwordFile: long}, long},
		{etcdFlags{tls: true, endpoints: at, user: "u", passwordFile: dir + "/none"}, dir + "/none"},
		{etcdFlags{tls: true, endpoints: at, ca: dir + "/none"}, dir + "/none"},
		{etcdFlags{tls: true, endpoints: at, ca: password}, password + ": no PEM block"},
		{etcdFlags{tls: true, endpoints: at, ca: p.CA, cert: p.Cert, key: p.CA}, p.CA},
	} {
		got, err := c.flags.config(own, slog.New(slog.DiscardHandler))
		if c.want != "" {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%+v: got %v, want %q in it", c.flags, err, c.want)
			}
			continue
		}
		if err != nil || (got.TLS != nil) != (len(c.flags.endpoints) > 0) {
			t.Errorf("%+v: %+v, %v", c.flags, got, err)
		}
		if c.flags.user != "" && got.Password != "secret" {
			t.Errorf("the password is %q", got.Password)
		}
	}
}

// Plain text to etcd, and secrets that others may read, are warned of, with what
// mends them.
func TestSecretWarnings(t *testing.T) {
	own, p := ownCredentials(t)
	password := filepath.Join(t.TempDir(), "pass word")
	if err := os.WriteFile(password, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	warnings := func(f etcdFlags) string {
		var out bytes.Buffer
		log := slog.New(slog.NewJSONHandler(&out, nil))
		if _, err := f.config(own, log); err != nil {
			t.Error(err)
		}
		warnOfReaders(log, "tls-key", p.Key)
		return out.String()
	}
	secure := etcdFlags{endpoints: []string{"h:1"}, tls: true, ca: p.CA, cert: p.Cert, key: p.Key, user: "u", passwordFile: password}
	for mode, warned := range map[os.FileMode]bool{0o600: false, 0o400: false, 0o640: false, 0o644: true, 0o604: true, 0o660: true} {
		for _, path := range []string{p.Key, password} {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
		got := warnings(secure)
		for _, want := range []string{"--tls-key: others may read or change " + p.Key, "chmod 600 " + p.Key, "--etcd-key: ", "--etcd-password-file: ", "chmod 600 '" + password + "'"} {
			if strings.Contains(got, want) != warned {
				t.Errorf("mode %o: warnings\n%swith %q: want %v", mode, got, want, warned)
			}
		}
	}
	if got := warnings(etcdFlags{endpoints: []string{"h:1"}}); !strings.Contains(got, "--etcd-tls=false") {
		t.Errorf("plain text: warnings %s", got)
	}
}
