package cmd

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/identity"
)

// runs runs a command line, and returns its exit status and what it printed.
func runs(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errout bytes.Buffer
	code = Execute(context.Background(), args, &out, &errout)
	return code, out.String(), errout.String()
}

// TestCerts makes a set of certificates, adds a worker to it, and asks of each what it may be.
func TestCerts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "certs")
	if code, _, errout := runs(t, "certs", "--out", dir, "--hosts", "node7.example,10.0.0.7"); code != 0 {
		t.Fatal(errout)
	}
	hash := hashOf(t, dir)
	code, out, errout := runs(t, "certs", "--out", dir, "--worker", "worker-0", "--days", "9")
	if code != 0 || hashOf(t, dir) != hash {
		t.Fatalf("the second time: exit status %d, another authority: %v\n%s", code, hashOf(t, dir) != hash, errout)
	}
	for name, may := range map[string]identity.Permission{"coordinator": identity.MayCoordinate, "operator": identity.MaySteer,
		"worker": identity.MayWork("any"), "worker-0": identity.MayWork("worker-0")} {
		cert := filepath.Join(dir, name+".pem")
		creds, err := identity.Load(filepath.Join(dir, identity.AuthorityCert), cert, filepath.Join(dir, name+"-key.pem"))
		if err != nil {
			t.Fatal(err)
		}
		if err := creds.Permit(may); err != nil {
			t.Error(err)
		}
		if name != "coordinator" && creds.Permit(identity.MayCoordinate) == nil {
			t.Errorf("the certificate of %s may coordinate", name)
		}
		if name != "worker" && !strings.Contains(out, "--tls-cert "+cert) {
			t.Errorf("%s is not named in:\n%s", cert, out)
		}
	}
	stat, err := os.Stat(filepath.Join(dir, identity.AuthorityKey))
	if err != nil || stat.Mode().Perm() != 0o600 {
		t.Errorf("%s: %v, %v", identity.AuthorityKey, stat, err)
	}
}

func hashOf(t *testing.T, dir string) string {
	t.Helper()
	a, err := (&certsAsked{dir: dir}).authority()
	if err != nil {
		t.Fatal(err)
	}
	return a.Hash()
}

func TestCertsRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "certs")
	if code, _, errout := runs(t, "certs", "--out", dir); code != 0 {
		t.Fatal(errout)
	}
	keyless := filepath.Join(t.TempDir(), "keyless")
	if err := os.Mkdir(keyless, 0o700); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, identity.AuthorityCert))
	if err == nil {
		err = os.WriteFile(filepath.Join(keyless, identity.AuthorityCert), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{exitUsage, "out", nil},
		{exitUsage, "--days 0", []string{"--out", dir, "--days", "0"}},
		{exitUsage, "--worker operator", []string{"--out", dir, "--worker", "operator"}},
		{exitFailed, "cannot be called", []string{"--out", dir, "--worker", "../worker-0"}},
		{exitFailed, "ca-key.pem", []string{"--out", keyless}},
		{exitFailed, "chmod 700", []string{"--out", openDir(t)}},
	} {
		if code, _, errout := runs(t, append([]string{"certs"}, c.args...)...); code != c.code || !strings.Contains(errout, c.want) {
			t.Errorf("%q: exit status %d, want %d and %q in:\n%s", c.args, code, c.code, c.want, errout)
		}
	}
}

// openDir is a directory that others may enter.
func openDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "open")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
