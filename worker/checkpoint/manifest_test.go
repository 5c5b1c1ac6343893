package checkpoint

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// text is the manifest of a whole checkpoint, as it is written.
func text(t testing.TB) string {
	t.Helper()
	m, err := save(newMemFS(), home, 20)
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestDecodeManifest(t *testing.T) {
	good := text(t)
	if _, err := decodeManifest([]byte(good)); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, from, to, want string }{
		{"another format", `"format": 1`, `"format": 2`, `format: found 2, want 1; was it written by another version`},
		{"unknown field", `"format": 1`, `"format": 1, "extra": 1`, `unknown field "extra"`},
		{"field twice", `"step": 20`, "\"step\": 20,\n \"step\": 20", `not in the form`},
		{"field of another case", `"step": 20`, `"Step": 20`, `not in the form`},
		{"other spaces", `"step": 20`, `"step":  20`, `not in the form`},
		{"negative step", `"step": 20`, `"step": -20`, `not a manifest`},
		{"large step", `"step": 20`, `"step": 2000000000`, `step: found 2000000000, want at most 999999999`},
		{"another epoch", `"epoch": 2`, `"epoch": 3`, `digest: found`},
		{"a field that decides the bits", `"model.hidden": "3"`, `"model.hidden": "4"`, `digest: found`},
		{"a name that leaves", `"lane-000.safetensors"`, `"../../etc/passwd"`, `file "../../etc/passwd": name`},
		{"a name of two parts", `"lane-000.safetensors"`, `"a/lane-000.safetensors"`, `file "a/lane-000.safetensors": name`},
		{"not in order", `"lane-000.safetensors"`, `"z.safetensors"`, `"lane-001.safetensors" is not in order`},
		{"file twice", `"lane-001.safetensors"`, `"lane-000.safetensors"`, `"lane-000.safetensors" is not in order, or there twice`},
		{"tensor twice", `"count",`, `"rnn.weight",`, `tensor "rnn.weight" is not in order, or there twice`},
		{"tensor without a name", `"rnn.h"`, `""`, `tensor "": its name`},
		{"element type", `"F32"`, `"F8"`, `tensor "rnn.h": its name, dtype`},
		{"size", `"size": `, `"size": -`, `want a size above 0`},
		{"hash", `"sha256": "`, `"sha256": "A`, `64 hexadecimal digits`},
		{"something after", "\n}\n", "\n}\n{}", `not in the form`},
		{"empty", good, "", `not a manifest`},
		{"null", good, "null\n", `format: found 0`},
		{"no files", good[strings.Index(good, `"files"`):], "\"files\": []\n}\n", "files: none"},
	}
	for _, c := range cases {
		bad := strings.Replace(good, c.from, c.to, 1)
		if bad == good {
			t.Fatalf("%s: %s is not in\n%s", c.name, c.from, good)
		}
		if _, err := decodeManifest([]byte(bad)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v\nwant %s", c.name, err, c.want)
		}
	}
}

// TestEveryByte flips two bits of each byte of a manifest: the lowest, and the one that tells upper case from
// lower. Only those of the run's name and version may pass, which are for people, and those of a file's size
// and SHA-256, which the file itself refutes (TestDamage flips a bit of each file, TestVerifyFile of these).
func TestEveryByte(t *testing.T) {
	good := []byte(text(t))
	for i := range good {
		for _, bit := range []byte{1, 32} {
			bad := bytes.Clone(good)
			bad[i] ^= bit
			m, err := decodeManifest(bad)
			if err == nil && m.Run == "test" && m.Version == "v0" && !strings.Contains(string(good[:i]), `"files"`) {
				t.Fatalf("bit %d of byte %d (%q): the manifest is taken", bit, i, good[max(0, i-20):i+1])
			}
		}
	}
}

// TestRates: learning rates from outside are in the manifest and in the digest, where there are any.
func TestRates(t *testing.T) {
	m, err := save(newMemFS(), home, 20)
	if err != nil {
		t.Fatal(err)
	}
	before := m.Digest
	m.Rates = []RateChange{{3, 1e-4}, {9, 0}}
	m.Seal()
	if m.Digest == before {
		t.Error("the digest is that of a run without them")
	}
	text, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := decodeManifest(text)
	if err != nil || !slices.Equal(again.Rates, m.Rates) {
		t.Fatalf("read %+v, %v", again, err)
	}
	for _, bad := range [][2]string{{"0.0001", "0.0002"}, {`"step": 3`, `"step": 9`}, {`"step": 9`, `"step": 20`}, {"0.0001", "-1"}} {
		damaged := strings.Replace(string(text), bad[0], bad[1], 1)
		if _, err := decodeManifest([]byte(damaged)); err == nil || damaged == string(text) {
			t.Errorf("%s in the place of %s is taken", bad[1], bad[0])
		}
	}
}

func FuzzDecodeManifest(f *testing.F) {
	good := text(f)
	f.Add([]byte(good))
	f.Add([]byte(good[:len(good)/2]))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := decodeManifest(data)
		if err != nil {
			return
		}
		if again, err := m.encode(); err != nil || !bytes.Equal(again, data) {
			t.Fatalf("written as %s: %v", again, err)
		}
		for _, file := range m.Files {
			if strings.ContainsAny(file.Name, `/\`) {
				t.Fatalf("a file is named %q", file.Name)
			}
		}
	})
}

func TestCheck(t *testing.T) {
	m := described(t, contents(20))
	if err := m.Check(testBits, "d"); err != nil {
		t.Error(err)
	}
	err := m.Check(map[string]string{"batch.lanes": "4", "model.hidden": "3", "new": "1", "seed": "1"}, "other")
	for _, want := range []string{"step-000000020", `"test"`, "batch.lanes: 2 and 4", "new: absent and 1", `the data's hash: "d" and "other"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %q in it", err, want)
		}
	}
	if strings.Contains(err.Error(), "seed") {
		t.Errorf("a field that is the same is named: %v", err)
	}

	other := maps.Clone(testBits)
	other[runfile.Rounding] = "0.3.0"
	err = m.Check(other, "d")
	for _, want := range []string{"rounding: absent and 0.3.0", "go on with the release of Rondo that made the checkpoint"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %q in it", err, want)
		}
	}

	// Another precision has another order: it is the run file's, and not the release's.
	for _, path := range []string{"precision", "model.kind"} {
		other := maps.Clone(other)
		other[path] = "another"
		err = m.Check(other, "d")
		if err == nil || !strings.Contains(err.Error(), "give the run file") || strings.Contains(err.Error(), "release of Rondo") {
			t.Errorf("another %s: got %v\nwant the advice to give the run file", path, err)
		}
	}
}
