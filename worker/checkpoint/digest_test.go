package checkpoint

import (
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// described is a sealed manifest of tensors in memory.
func described(t *testing.T, files []FileContent) *Manifest {
	t.Helper()
	m := manifest(20)
	for _, c := range files {
		infos, err := Describe(c.Tensors)
		if err != nil {
			t.Fatal(err)
		}
		m.Files = append(m.Files, FileInfo{Name: c.Name, Tensors: infos})
	}
	m.Seal()
	return m
}

// TestDigestOfMemory compares the digest of what is in memory with that of the files.
func TestDigestOfMemory(t *testing.T) {
	want := mustSave(t, newMemFS(), home, 20).Digest
	if got := described(t, contents(20)).Digest; got != want {
		t.Errorf("in memory %s, on disk %s", got, want)
	}
}

// TestDigestOfParts spreads a group over two files, and gives files and tensors in another order.
func TestDigestOfParts(t *testing.T) {
	want := described(t, contents(20)).Digest
	c := contents(20)
	weights := c[0].Tensors
	c[0] = FileContent{PartName(Weights, 1), weights[:1]}
	c = append(c, FileContent{PartName(Weights, 0), weights[1:]})
	slices.Reverse(c[1].Tensors)
	slices.Reverse(c)
	if got := described(t, c).Digest; got != want {
		t.Errorf("in parts %s, whole %s", got, want)
	}
	fs := newMemFS()
	m := manifest(20)
	for _, f := range c {
		info, err := WriteFile(fs, home, 20, f)
		if err != nil {
			t.Fatal(err)
		}
		m.Files = append(m.Files, info)
	}
	if err := Commit(fs, home, m); err != nil || m.Digest != want {
		t.Fatalf("digest %s, want %s: %v", m.Digest, want, err)
	}
	s, err := Load(fs, home, m, Weights)
	if err != nil || len(s.Tensors(Weights)) != 2 {
		t.Errorf("%d weights: %v", len(s.Tensors(Weights)), err)
	}
}

// TestDigestCovers changes one thing after another. The run's name and the version do not show.
func TestDigestCovers(t *testing.T) {
	base := described(t, contents(20)).Digest
	changes := map[string]func(*Manifest){
		"step":   func(m *Manifest) { m.Step++ },
		"epoch":  func(m *Manifest) { m.Epoch++ },
		"data":   func(m *Manifest) { m.DataHash = "e" },
		"bits":   func(m *Manifest) { m.Bits = map[string]string{"batch.lanes": "2", "model.hidden": "4", "seed": "1"} },
		"name":   func(m *Manifest) { m.Files[0].Tensors[0].Name += "x" },
		"dtype":  func(m *Manifest) { m.Files[0].Tensors[0].DType = safetensors.U8 },
		"shape":  func(m *Manifest) { m.Files[3].Tensors[1].Shape = []int{3, 2} },
		"bytes":  func(m *Manifest) { m.Files[0].Tensors[0].SHA256 = strings.Repeat("0", 64) },
		"file":   func(m *Manifest) { m.Files = m.Files[1:] },
		"tensor": func(m *Manifest) { m.Files[3].Tensors = m.Files[3].Tensors[1:] },
		"lanes":  func(m *Manifest) { m.Files[0].Name, m.Files[1].Name = m.Files[1].Name, m.Files[0].Name },
	}
	seen := map[string]string{base: "nothing"}
	for name, change := range changes {
		m := described(t, contents(20))
		change(m)
		m.Seal()
		if other, ok := seen[m.Digest]; ok {
			t.Errorf("a change of %s has the digest of a change of %s", name, other)
		}
		seen[m.Digest] = name
	}
	m := described(t, contents(20))
	m.Run, m.Version = "other", "v9"
	if m.Seal(); m.Digest != base {
		t.Error("the run's name or the version shows in the digest")
	}
}

// pinned is the digest of contents(20). It may change with Format only.
const pinned = "f1a22de2a89e0e6a8dcd3b7144b6ba2b8aea69d7edd1785f5cefc4b4dbabd2fc"

func TestDigestStays(t *testing.T) {
	if got := described(t, contents(20)).Digest; got != pinned {
		t.Errorf("the digest is %s", got)
	}
}
