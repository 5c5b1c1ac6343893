package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"debug/elf"
	"encoding/pem"
	"fmt"
	"os"
	"time"

	"github.com/opencontainers/go-digest"
	specs "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// user is who runs in the image: the number that distroless images gave their nonroot.
const user = 65532

// layer is a part of an image's file system.
type layer struct {
	packed   []byte
	diff     digest.Digest // of the bytes before they were packed
	unpacked int
}

func (l *layer) descriptor() specs.Descriptor {
	return describe(specs.MediaTypeImageLayerGzip, l.packed)
}

// entry is a file of a layer, or with a name that ends in a slash a directory.
type entry struct {
	name    string
	mode    int64
	content []byte
}

// newLayer packs entries in their order. All are root's and of one time.
func newLayer(entries []entry, at time.Time) (*layer, error) {
	var plain bytes.Buffer
	t := tar.NewWriter(&plain)
	for _, e := range entries {
		h := tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.content)), ModTime: at, Typeflag: tar.TypeReg, Format: tar.FormatUSTAR}
		if e.name[len(e.name)-1] == '/' {
			h.Typeflag = tar.TypeDir
		}
		if err := t.WriteHeader(&h); err != nil {
			return nil, fmt.Errorf("layer: %s: %w", e.name, err)
		}
		if _, err := t.Write(e.content); err != nil {
			return nil, fmt.Errorf("layer: %s: %w", e.name, err)
		}
	}
	if err := t.Close(); err != nil {
		return nil, fmt.Errorf("layer: %w", err)
	}
	l := &layer{diff: digest.FromBytes(plain.Bytes()), unpacked: plain.Len()}
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(plain.Bytes()); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	l.packed = packed.Bytes()
	return l, nil
}

// foundation is the layer of all platforms: who the user is, and whose certificates are trusted.
func foundation(at time.Time) (*layer, error) {
	return newLayer([]entry{
		{"etc/", 0o755, nil},
		{"etc/group", 0o644, fmt.Appendf(nil, "root:x:0:\nnonroot:x:%d:\n", user)},
		{"etc/passwd", 0o644, fmt.Appendf(nil, "root:x:0:0:root:/:/none\nnonroot:x:%[1]d:%[1]d:nonroot:/:/none\n", user)},
		{"etc/ssl/", 0o755, nil},
		{"etc/ssl/certs/", 0o755, nil},
		{"etc/ssl/certs/ca-certificates.crt", 0o644, authorities()},
	}, at)
}

// authorities are the certificates of Mozilla's list. Those of an authority that it trusts for a part of its
// certificates alone are left out: a file of certificates cannot say so.
func authorities() []byte {
	var all bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&all, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // to memory
		}
	}
	return all.Bytes()
}

// machines are what an ELF file calls the architectures.
var machines = map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}

// program is the layer of one platform. A binary that would not run in the image is an error.
func program(b programFile, at time.Time) (*layer, error) {
	content, err := os.ReadFile(b.path)
	if err != nil {
		return nil, err
	}
	file, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("%s is no program for linux: %w", b.path, err)
	}
	if want := machines[b.platform.Architecture]; file.Machine != want {
		return nil, fmt.Errorf("%s is for %v, and linux/%s needs %v: build it with GOARCH=%s", b.path, file.Machine, b.platform.Architecture, want, b.platform.Architecture)
	}
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP {
			return nil, fmt.Errorf("%s needs a dynamic linker, which the image lacks: build it with CGO_ENABLED=0", b.path)
		}
	}
	return newLayer([]entry{{"rondo", 0o755, content}}, at)
}
