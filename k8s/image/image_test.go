package main

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"debug/elf"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// elfFile writes the smallest file that is a static program for a machine.
func elfFile(t *testing.T, m elf.Machine, segments ...elf.Prog64) string {
	t.Helper()
	h := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(m), Version: 1, Ehsize: 64, Phoff: 64, Phentsize: 56, Phnum: uint16(len(segments)), Shentsize: 64}
	copy(h.Ident[:], elf.ELFMAG)
	h.Ident[elf.EI_CLASS], h.Ident[elf.EI_DATA], h.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, h); err != nil {
		t.Fatal(err)
	}
	if err := binary.Write(&b, binary.LittleEndian, segments); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "rondo")
	if err := os.WriteFile(path, b.Bytes(), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

// packed packs an image of both platforms and returns the file and what was printed.
func packed(t *testing.T, args ...string) (string, string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "rondo.tar")
	var said strings.Builder
	if err := run(append([]string{"--out", out, "--tag", "rondo:1.2.3", "--created", "1700000000", "--revision", "abc"}, args...), &said); err != nil {
		t.Fatal(err)
	}
	return out, said.String()
}

func TestSameBytesAgain(t *testing.T) {
	amd, arm := "linux/amd64="+elfFile(t, elf.EM_X86_64), "linux/arm64="+elfFile(t, elf.EM_AARCH64)
	first, said := packed(t, amd, arm)
	second, _ := packed(t, amd, arm)
	a, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(second)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("the same binaries gave two archives")
	}
	if !strings.Contains(said, "digest  sha256:") {
		t.Errorf("it said %q", said)
	}
}

// Tools that know OCI layouts find both platforms, whole.
func TestLayout(t *testing.T) {
	file, said := packed(t, "linux/amd64="+elfFile(t, elf.EM_X86_64), "linux/arm64="+elfFile(t, elf.EM_AARCH64))
	dir := t.TempDir()
	untar(t, file, dir)
	path, err := layout.FromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	entrance, err := path.ImageIndex()
	if err != nil {
		t.Fatal(err)
	}
	m, err := entrance.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Manifests) != 1 || m.Manifests[0].Annotations["io.containerd.image.name"] != "docker.io/library/rondo:1.2.3" {
		t.Fatalf("index.json: %+v", m.Manifests)
	}
	if !strings.Contains(said, m.Manifests[0].Digest.String()) {
		t.Errorf("it printed %q, and the digest is %s", said, m.Manifests[0].Digest)
	}
	whole, err := entrance.ImageIndex(m.Manifests[0].Digest)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(whole); err != nil {
		t.Error(err)
	}
	platforms, err := whole.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range platforms.Manifests {
		names = append(names, d.Platform.String())
		i, err := whole.Image(d.Digest)
		if err != nil {
			t.Fatal(err)
		}
		checkImage(t, i, d.Platform.Architecture)
	}
	if !slices.Equal(names, []string{"linux/amd64", "linux/arm64"}) {
		t.Errorf("platforms %v", names)
	}
}

// What `docker load` and `crane push` read is the first platform.
func TestDockerArchive(t *testing.T) {
	file, _ := packed(t, "linux/arm64="+elfFile(t, elf.EM_AARCH64), "linux/amd64="+elfFile(t, elf.EM_X86_64))
	i, err := tarball.ImageFromPath(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Image(i); err != nil {
		t.Error(err)
	}
	checkImage(t, i, "arm64")
	m, err := tarball.LoadManifest(func() (io.ReadCloser, error) { return os.Open(file) })
	if err != nil || len(m) != 1 || !slices.Equal(m[0].RepoTags, []string{"rondo:1.2.3"}) {
		t.Errorf("manifest.json: %+v, %v", m, err)
	}
}

// checkImage looks at what runs: who, what, and all that there is.
func checkImage(t *testing.T, i v1.Image, arch string) {
	t.Helper()
	c, err := i.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if c.Config.User != "65532:65532" || !slices.Equal(c.Config.Entrypoint, []string{"/rondo"}) || c.Architecture != arch || c.Created.Unix() != 1700000000 ||
		c.Config.Labels["org.opencontainers.image.revision"] != "abc" {
		t.Errorf("configuration %+v", c)
	}
	found := map[string]int64{}
	content := tar.NewReader(mutate.Extract(i))
	for {
		h, err := content.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Gid != 0 || h.ModTime.Unix() != 1700000000 {
			t.Errorf("%s is of %d:%d and of %v", h.Name, h.Uid, h.Gid, h.ModTime)
		}
		found[h.Name] = h.Mode
		if h.Name == "etc/ssl/certs/ca-certificates.crt" {
			checkAuthorities(t, content)
		}
	}
	want := map[string]int64{"etc/": 0o755, "etc/group": 0o644, "etc/passwd": 0o644, "etc/ssl/": 0o755, "etc/ssl/certs/": 0o755,
		"etc/ssl/certs/ca-certificates.crt": 0o644, "rondo": 0o755}
	if got, wanted := fmt.Sprint(trimmed(found)), fmt.Sprint(trimmed(want)); got != wanted {
		t.Errorf("the image holds %v, want %v", got, wanted)
	}
}

// trimmed has directories without their slash.
func trimmed(files map[string]int64) map[string]int64 {
	all := map[string]int64{}
	for name, mode := range files {
		all[strings.TrimSuffix(name, "/")] = mode
	}
	return all
}

func checkAuthorities(t *testing.T, r io.Reader) {
	t.Helper()
	rest, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for ; ; n++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if c, err := x509.ParseCertificate(block.Bytes); err != nil || !c.IsCA {
			t.Errorf("certificate %d: %v", n, err)
		}
	}
	if n < 100 {
		t.Errorf("%d authorities", n)
	}
}

func untar(t *testing.T, file, dir string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, h.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRefused(t *testing.T) {
	amd := elfFile(t, elf.EM_X86_64)
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"linux/amd64=" + amd}, "--out FILE"},
		{[]string{"--out", "x"}, "NAME:VERSION"},
		{[]string{"--out", "x", "--tag", "reg:5000/rondo"}, "NAME:VERSION"},
		{[]string{"--out", "x", "--tag", "rondo:1"}, "no binary"},
		{[]string{"--out", "x", "--tag", "rondo:1", amd}, "OS/ARCH=FILE"},
		{[]string{"--out", "x", "--tag", "rondo:1", "linux/riscv64=" + amd}, "linux/riscv64 is not known"},
		{[]string{"--out", "x", "--tag", "rondo:1", "linux/amd64=" + amd, "linux/amd64=" + amd}, "given before"},
		{[]string{"--out", "x", "--tag", "rondo:1", "linux/arm64=" + amd}, "GOARCH=arm64"},
		{[]string{"--out", "x", "--tag", "rondo:1", "linux/amd64=" + text}, "no program for linux"},
		{[]string{"--out", "x", "--tag", "rondo:1", "linux/amd64=" + elfFile(t, elf.EM_X86_64, elf.Prog64{Type: uint32(elf.PT_INTERP)})}, "CGO_ENABLED=0"},
		{[]string{"--out", "x", "--tag", "rondo:1", "linux/amd64=/nowhere"}, "/nowhere"},
	} {
		if err := run(c.args, io.Discard); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v: %v, want %q", c.args, err, c.says)
		}
	}
}

func TestFullName(t *testing.T) {
	for tag, want := range map[string]string{
		"rondo:1": "docker.io/library/rondo:1", "me/rondo:1": "docker.io/me/rondo:1",
		"ghcr.io/me/rondo:1": "ghcr.io/me/rondo:1", "localhost/rondo:1": "localhost/rondo:1", "reg:5000/rondo:1": "reg:5000/rondo:1",
	} {
		if got := fullName(tag); got != want {
			t.Errorf("%s: %s, want %s", tag, got, want)
		}
	}
}
