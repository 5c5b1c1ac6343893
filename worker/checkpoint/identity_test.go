package checkpoint

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// All who ask at once get one answer, and so do those who see the directory under another path.
func TestIdentify(t *testing.T) {
	top := t.TempDir()
	dir := filepath.Join(top, "runs", "a")
	ids, errs := make([]string, 16), make([]error, 16)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() { ids[i], errs[i] = Identify(dir) })
	}
	wg.Wait()
	for i := range ids {
		if errs[i] != nil || ids[i] != ids[0] || ids[i] == "" {
			t.Fatalf("%q and %q, %v", ids[0], ids[i], errs[i])
		}
	}
	if err := os.Symlink(dir, filepath.Join(top, "elsewhere")); err != nil {
		t.Fatal(err)
	}
	if id, err := Identify(filepath.Join(top, "elsewhere")); err != nil || id != ids[0] {
		t.Errorf("under another path: %q, %v, was %q", id, err, ids[0])
	}
	if id, err := Identify(filepath.Join(top, "b")); err != nil || id == ids[0] || id == "" {
		t.Errorf("another directory: %q, %v, was %q", id, err, ids[0])
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("the directory holds %v, %v", left, err)
	}
}

func TestIdentifyErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Identify(file); err == nil || !strings.Contains(err.Error(), "checkpoint.dir") || !strings.Contains(err.Error(), file) {
		t.Errorf("a file: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, identityName), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if id, err := Identify(dir); err == nil || !strings.Contains(err.Error(), identityName) {
		t.Errorf("a damaged identity: %q, %v", id, err)
	}
	if err := os.Truncate(filepath.Join(dir, identityName), 64<<20); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if id, err := Identify(dir); err == nil || !strings.Contains(err.Error(), "not what Rondo writes") {
		t.Errorf("a huge identity: %q, %v", id, err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<20 {
		t.Errorf("a huge identity took %d bytes of memory", n)
	}
}
