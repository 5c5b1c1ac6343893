package coordinator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// fileVault is a Vault of files in a directory, one for each key: so that several processes write without a lock.
type fileVault struct{ dir string }

// vaultDir is its name beside the record.
const vaultDir = "trust"

// maxSecretFile bounds a file of the vault.
const maxSecretFile = 64 << 10

func openFileVault(recordDir string) (*fileVault, error) {
	v := &fileVault{filepath.Join(recordDir, vaultDir)}
	if err := os.MkdirAll(v.dir, 0o700); err != nil {
		return nil, fmt.Errorf("the record's authority and tokens: %w", err)
	}
	return v, nil
}

func (v *fileVault) Load(context.Context) (map[string][]byte, error) {
	entries, err := os.ReadDir(v.dir)
	if err != nil {
		return nil, err
	}
	values := map[string][]byte{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || strings.HasSuffix(e.Name(), ".new") || !e.Type().IsRegular() {
			continue
		}
		text, err := v.read(e.Name())
		if errors.Is(err, os.ErrNotExist) { // deleted meanwhile
			continue
		}
		if err != nil {
			return nil, err
		}
		values[e.Name()] = text
	}
	return values, nil
}

func (v *fileVault) read(key string) ([]byte, error) {
	f, err := os.Open(filepath.Join(v.dir, key))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSecretFile))
}

func (v *fileVault) Settle(_ context.Context, key string, value []byte) ([]byte, error) {
	f, err := os.CreateTemp(v.dir, ".new-*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(value)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	err = os.Link(f.Name(), filepath.Join(v.dir, key)) // whole, or not at all, and never over another
	if err != nil && !errors.Is(err, os.ErrExist) {
		return nil, err
	}
	if err := syncDir(v.dir); err != nil {
		return nil, err
	}
	return v.read(key)
}

func (v *fileVault) Put(_ context.Context, key string, value []byte) error {
	return replaceFile(filepath.Join(v.dir, key), value)
}

func (v *fileVault) Delete(_ context.Context, key string) error {
	if err := os.Remove(filepath.Join(v.dir, key)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return syncDir(v.dir)
}

func (v *fileVault) Close() error { return nil }
