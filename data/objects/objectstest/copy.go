package objectstest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// CopyDir puts the files of a directory below a key.
func (s *Server) CopyDir(t testing.TB, dir, key string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		s.Put(t, key+"/"+filepath.ToSlash(name), data)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Put makes an object, whatever requests suffer.
func (s *Server) Put(t testing.TB, key string, data []byte) {
	t.Helper()
	if _, err := s.backend.PutObject(s.Bucket, key, map[string]string{"Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT"}, bytes.NewReader(data), int64(len(data)), nil); err != nil {
		t.Fatal(err)
	}
}
