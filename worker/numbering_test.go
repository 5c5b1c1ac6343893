package worker

import (
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
)

// Held-out data whose classes have other numbers than in training are no measure of what was learnt.
func TestNumberedAs(t *testing.T) {
	f := imageFile(t, "lenet5")
	open := func(classes ...string) *Dataset {
		d, err := OpenData(f, storedSet(t, 4, 28, func(s *samples.Schema) { s.Parts[1].Classes = classes }))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	train := open("a", "b", "c", "d")
	for _, like := range []*Dataset{open("a", "b", "c", "d"), open("0", "1", "2", "3"), open()} {
		if err := like.NumberedAs(train); err != nil {
			t.Error(err)
		}
	}
	const want = `its classes are numbered otherwise than those of data.train: number 0 of the part class is "b" in the one and "a" in the other`
	if err := open("b", "c", "d", "e").NumberedAs(train); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
}

func TestCheckNumbering(t *testing.T) {
	f := imageFile(t, "lenet5")
	schema := samples.Schema{Parts: []samples.Part{{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"a", "b", "c", "d"}}}}
	m, _ := savedModel(t, f, &schema)
	if err := CheckNumbering(m, f, storedSet(t, 4, 28, nil)); err != nil {
		t.Error(err)
	}
	other := storedSet(t, 4, 28, func(s *samples.Schema) { s.Parts[1].Classes = []string{"b", "a", "c", "d"} })
	if err := CheckNumbering(m, f, other); err == nil || !strings.Contains(err.Error(), other+": its classes are numbered otherwise") {
		t.Error(err)
	}
	if m.Data = nil; CheckNumbering(m, f, other) != nil {
		t.Error("a checkpoint that does not say how its data are numbered")
	}
}
