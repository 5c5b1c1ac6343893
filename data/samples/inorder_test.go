package samples

import "testing"

// follows is a source whose samples follow one another, or do not.
type follows bool

func (f follows) Len() int               { return 1 }
func (f follows) At(int) (Sample, error) { return Sample{{Data: []byte{0}}}, nil }
func (f follows) Hash() string           { return "one" }
func (f follows) Schema() Schema {
	return Schema{Parts: []Part{{Name: "begins", Element: Uint8}}, InOrder: bool(f)}
}

// Whether samples follow one another decides which of them a step has, so sets that differ in it alone have hashes of their own.
func TestInOrderHash(t *testing.T) {
	Register("follows", func(name string) (Source, error) { return follows(name == "follows:yes"), nil })
	t.Cleanup(func() { delete(schemes, "follows") })
	var hashes []string
	for _, name := range []string{"follows:no", "follows:yes"} {
		s, err := OpenSource(name)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, s.Hash())
	}
	if hashes[0] != "one" || hashes[1] == "one" {
		t.Errorf("hashes are %q", hashes)
	}
}
