package runfile

import (
	"slices"
	"testing"
)

func mustParse(t *testing.T, sets ...string) *File {
	t.Helper()
	f, err := Parse("r.yaml", []byte(example), sets)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestCanonical writes one value in several ways.
func TestCanonical(t *testing.T) {
	a, b := mustParse(t, "optimizer.lr=2e-3", "optimizer.clip=1.0", "schedule.floor=-0"), mustParse(t, "optimizer.lr=0.00200", "optimizer.clip=1")
	if a.Hash() != b.Hash() {
		t.Errorf("differ in %v", Diff(a.Bits(), b.Bits()))
	}
}

// TestHash pins the hash: checkpoints hold what follows from it.
func TestHash(t *testing.T) {
	if got := HashBits(map[string]string{"b": "2", "a": "1"}); got != "4a73850fde34aad40ff8649b93a66523a5fe744357a3931caea0f10609d0d930" {
		t.Errorf("got %s", got)
	}
}

func TestDiff(t *testing.T) {
	got := Diff(map[string]string{"a": "1", "b": "2", "d": "x y"}, map[string]string{"a": "1", "b": "3", "c": "", "d": "xy"})
	want := []string{"b: 2 and 3", `c: absent and ""`, `d: "x y" and xy`}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
