package lab

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// PauseImage holds the namespaces of each pod.
const PauseImage = "registry.k8s.io/pause:lab"

// Pack makes an archive of an image with one program, as `docker save` writes it. The program lies at the path entry.
func Pack(archive, image, program, entry string) error {
	text, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	layer := tarOf(file{entry[1:], 0o755, text})
	config, _ := json.Marshal(map[string]any{
		"architecture": runtime.GOARCH, "os": "linux",
		"config": map[string]any{"Entrypoint": []string{entry}, "User": "65532:65532"},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{fmt.Sprintf("sha256:%x", sha256.Sum256(layer))}},
	})
	manifest, _ := json.Marshal([]any{map[string]any{"Config": "config.json", "RepoTags": []string{image}, "Layers": []string{"layer.tar"}}})
	return os.WriteFile(archive, tarOf(file{"manifest.json", 0o644, manifest}, file{"config.json", 0o644, config}, file{"layer.tar", 0o644, layer}), 0o644)
}

type file struct {
	name string
	mode int64
	text []byte
}

func tarOf(files ...file) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	var err error
	for _, f := range files {
		err = errors.Join(err, w.WriteHeader(&tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.text)), ModTime: time.Unix(0, 0)}))
		_, e := w.Write(f.text)
		err = errors.Join(err, e)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		panic(err) // a tar in memory has nothing that can fail
	}
	return b.Bytes()
}

// Import gives the node an archive of images, of Docker's form or OCI's.
func (n *Node) Import(ctx context.Context, archive string) error {
	ctr := exec.CommandContext(ctx, n.c.bins.Ctr(), "--address", n.socket(), "--namespace", "k8s.io", "images", "import", archive)
	ctr.Env = append(os.Environ(), n.c.bins.Environ()...)
	if out, err := ctr.CombinedOutput(); err != nil {
		return fmt.Errorf("ctr images import %s: %w\n%s", archive, err, out)
	}
	return nil
}
