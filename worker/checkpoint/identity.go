package checkpoint

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	iofs "io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/rondo-ml/rondo/data/objects"
)

// identityName is the file by which processes find out whether they see one directory, under whatever path.
const identityName = "directory-id"

var identities = regexp.MustCompile(`^[A-Z2-7]{26}\n$`)

// Identify returns what tells a directory of checkpoints from all others: random text that the first to ask, on any
// host, leaves there. It makes the directory when there is none. It is empty on file systems without hard links, where
// the text cannot be put into place at once.
func Identify(dir string) (string, error) {
	if objects.Named(dir) {
		return identifyRemote(dir)
	}
	if err := MakeDir(OS{}, dir); err != nil {
		return "", fmt.Errorf("checkpoint.dir: %w; it must be a directory that can be written", err)
	}
	path := filepath.Join(dir, identityName)
	if id, err := readIdentity(path); !errors.Is(err, iofs.ErrNotExist) {
		return id, err
	}
	own := rand.Text()
	temporary := filepath.Join(dir, "."+identityName+"-"+own)
	defer os.Remove(temporary)
	if err := os.WriteFile(temporary, []byte(own+"\n"), 0o644); err != nil {
		return "", fmt.Errorf("checkpoint.dir: %w; it must be a directory that can be written", err)
	}
	if err := os.Link(temporary, path); err != nil && !errors.Is(err, iofs.ErrExist) {
		return "", nil
	}
	return readIdentity(path)
}

func readIdentity(path string) (string, error) {
	file, err := openFile(path)
	if err != nil {
		return "", fmt.Errorf("checkpoint.dir: %w", err)
	}
	defer file.Close()
	const enough = 64 // bytes, to see that it is longer than an identity
	text, err := io.ReadAll(io.LimitReader(file, enough))
	if err != nil {
		return "", fmt.Errorf("checkpoint.dir: %w", err)
	}
	if !identities.Match(text) {
		return "", fmt.Errorf("checkpoint.dir: %s is not what Rondo writes; remove it while no run uses the directory", path)
	}
	return string(bytes.TrimSpace(text)), nil
}
