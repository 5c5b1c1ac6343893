package identity

import (
	"errors"
	"fmt"
	iofs "io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// Paths are the files of one process, as --tls-ca, --tls-cert and --tls-key name them.
type Paths struct {
	CA, Cert, Key string
}

// Files of an authority, beside those of the processes.
const (
	AuthorityCert = "ca.pem"
	AuthorityKey  = "ca-key.pem"
)

// processNames are what a process may be called when files are named for it.
var processNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// Write issues a certificate to the process called name and writes it, its key and the authority's
// certificate into dir. The directory is made with mode 0700 if need be, and refused if others may enter it;
// the files have mode 0600. The names are as for Issue.
func (a *Authority) Write(dir, name string, names ...string) (Paths, error) {
	if !processNames.MatchString(name) {
		return Paths{}, fmt.Errorf("identity: a process cannot be called %q: want letters, digits, '.', '_' and '-'", name)
	}
	if err := privateDir(dir); err != nil {
		return Paths{}, err
	}
	cert, key, err := a.Issue(name, names...)
	if err != nil {
		return Paths{}, err
	}
	p := Paths{
		CA:   filepath.Join(dir, AuthorityCert),
		Cert: filepath.Join(dir, name+".pem"),
		Key:  filepath.Join(dir, name+"-key.pem"),
	}
	for _, file := range []struct {
		path string
		text []byte
	}{{p.CA, a.pem}, {p.Cert, cert}, {p.Key, key}} {
		if err := WritePrivate(file.path, file.text); err != nil {
			return p, err
		}
	}
	return p, nil
}

// WriteAuthority writes the authority's certificate and its key into dir, with the same care as Write.
func (a *Authority) WriteAuthority(dir string) error {
	text, err := a.Text()
	if err != nil {
		return err
	}
	if err := privateDir(dir); err != nil {
		return err
	}
	if err := WritePrivate(filepath.Join(dir, AuthorityKey), text[len(a.pem):]); err != nil {
		return err
	}
	return WritePrivate(filepath.Join(dir, AuthorityCert), a.pem)
}

// privateDir makes dir so that only its owner can enter it.
func privateDir(dir string) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("identity: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err == nil || !errors.Is(err, iofs.ErrExist) {
		return wrap(err)
	}
	stat, err := os.Lstat(dir)
	if err != nil {
		return wrap(err)
	}
	if !stat.IsDir() || stat.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("identity: %s is %v, want a directory that only its owner can enter (chmod 700)", dir, stat.Mode())
	}
	return nil
}

// WritePrivate puts a file into place at once, readable by its owner alone: a process that is just loading
// its certificate sees the old one or the new.
func WritePrivate(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return wrap(err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return wrap(errors.Join(err, os.Remove(f.Name())))
	}
	return nil
}

func wrap(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("identity: %w", err)
}
