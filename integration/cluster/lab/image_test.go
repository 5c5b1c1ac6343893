package lab

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestPack reads an archive as containerd does: by the manifest, with the layer's
// digest.
func TestPack(t *testing.T) {
	program := filepath.Join(t.TempDir(), "hello")
	if err := os.WriteFile(program, []byte("#!"), 0o644); err != nil {
		t.Fatal(err)
	}
	archive := program + ".tar"
	if err := Pack(archive, "hello:1", program, "/bin/hello"); err != nil {
		t.Fatal(err)
	}
	files := read(t, archive)
	var manifest []struct {
		Config   string
		RepoTags []string
		Layers   []string
	}
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil || len(manifest) != 1 || manifest[0].RepoTags[0] != "hello:1" {
		t.Fatalf("%v %v", manifest, err)
	}
	var config struct {
		Config struct{ Entrypoint []string }
		RootFS struct {
			DiffIDs []string `json:"diff_ids"`
		}
	}
	layer := files[manifest[0].Layers[0]]
	if err := json.Unmarshal(files[manifest[0].Config], &config); err != nil || config.Config.Entrypoint[0] != "/bin/hello" ||
		config.RootFS.DiffIDs[0] != fmt.Sprintf("sha256:%x", sha256.Sum256(layer)) {
		t.Fatalf("%v %v", config, err)
	}
	h, err := tar.NewReader(bytes.NewReader(layer)).Next()
	if err != nil || h.Name != "bin/hello" || h.Mode != 0o755 {
		t.Errorf("%v %v", h, err)
	}
}

func read(t *testing.T, archive string) map[string][]byte {
	t.Helper()
	text, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for r := tar.NewReader(bytes.NewReader(text)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if files[h.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
}
