package cmd

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
)

// othersMay are the permissions that nobody but its owner should have to a file with a secret. A group may read it:
// that is how a service that is not the owner often gets its key.
const othersMay = 0o026

// warnOfReaders warns when others may read or change the file with a secret that a flag names.
func warnOfReaders(log *slog.Logger, flag, path string) {
	stat, err := os.Stat(path)
	if err != nil || stat.Mode().Perm()&othersMay == 0 {
		return // reading it says what is wrong
	}
	log.Warn(fmt.Sprintf("--%s: others may read or change %s (mode %04o); mend it with: %s", flag, path, stat.Mode().Perm(),
		shellText("chmod", "600", path)))
}

// secretFile is a file for a secret, which only its owner may read. It takes the place of another once it is whole.
type secretFile struct {
	path string
	file *os.File
}

// newSecretFile makes the file, so that no secret is made that could not be kept.
func newSecretFile(path string) (*secretFile, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	fresh := path + ".new"
	_ = os.Remove(fresh) // of a process that was killed
	file, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &secretFile{path, file}, nil
}

// keep writes the secret, and puts the file in its place.
func (s *secretFile) keep(secret string) error {
	_, err := s.file.WriteString(secret + "\n")
	if err = errors.Join(err, s.file.Sync(), s.file.Close()); err != nil {
		return err
	}
	return os.Rename(s.file.Name(), s.path)
}

// discard removes what is not in its place.
func (s *secretFile) discard() {
	_ = s.file.Close()
	_ = os.Remove(s.file.Name())
}
