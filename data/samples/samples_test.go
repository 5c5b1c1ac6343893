package samples

import (
	"bytes"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/shard"
)

// pets is a schema with a part of every sort.
var pets = Schema{Parts: []Part{
	{Name: "image", Element: Uint8, Shape: []int{Varies, 2, 3}},
	{Name: "sound", Element: Int16, Shape: []int{Varies}, Rate: 8000},
	{Name: "boxes", Element: Float32, Shape: []int{2, Varies}},
	{Name: "class", Element: Int32, Shape: []int{}, Classes: []string{"cat", "dog"}},
	{Name: "name", Element: UTF8, Shape: []int{Varies}},
}}

func pet(rows, length, boxes, class int, name string) Sample {
	return Sample{
		{Shape: []int{rows, 2, 3}, Data: bytes.Repeat([]byte{7}, 6*rows)},
		{Shape: []int{length}, Data: bytes.Repeat([]byte{1, 2}, length)},
		{Shape: []int{2, boxes}, Data: bytes.Repeat([]byte{0, 0, 128, 63}, 2*boxes)},
		Class(class), Text(name),
	}
}

func TestSamplesComeBack(t *testing.T) {
	dir := t.TempDir()
	w, err := NewWriter(shard.WriterOptions{Dir: filepath.Join(dir, "train"), Name: "train", BlockBytes: 100}, pets)
	if err != nil {
		t.Fatal(err)
	}
	var want []Sample
	for i := range 20 {
		want = append(want, pet(i%4, i, i%3, i%2, strings.Repeat("x", i)))
		if err := w.Add(want[i]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, err := shard.Verify(dir); err != nil {
		t.Fatal(err)
	}
	s, err := Open(filepath.Join(dir, "train"))
	if err != nil || s.Len() != 20 || !reflect.DeepEqual(s.Schema(), pets) {
		t.Fatalf("%d samples of %+v, %v", s.Len(), s.Schema(), err)
	}
	for i := range want {
		got, err := s.At(i)
		if err != nil {
			t.Fatal(err)
		}
		for p := range got {
			if !slices.Equal(got[p].Shape, want[i][p].Shape) || !bytes.Equal(got[p].Data, want[i][p].Data) {
				t.Errorf("sample %d, part %d: %v, want %v", i, p, got[p], want[i][p])
			}
		}
	}
	last := must(s.At(19))
	if x := last[1].Int16s(); len(x) != 19 || x[0] != 0x0201 {
		t.Errorf("int16 %v", x)
	}
	if x := last[2].Float32s(); len(x) != 2 || x[0] != 1 {
		t.Errorf("float32 %v", x)
	}
	if x := last[3].Int32s(); len(x) != 1 || x[0] != 1 {
		t.Errorf("int32 %v", x)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestSchemaRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		part Part
		want string
	}{
		{"element", Part{Name: "x", Element: "int7"}, `"int7"`},
		{"no name", Part{Element: Uint8}, "name"},
		{"dimension", Part{Name: "x", Element: Uint8, Shape: []int{0}}, "shape [0]"},
		{"size", Part{Name: "x", Element: Uint8, Shape: []int{1 << 20, 1 << 20, 1 << 62}}, "too large"},
		{"classes", Part{Name: "x", Element: Int16, Classes: []string{"a"}}, "int32"},
		{"classes of bytes", Part{Name: "x", Element: Uint8, Classes: make([]string, 257)}, "256"},
		{"ignored", Part{Name: "x", Element: Uint8, Classes: []string{"a", "b"}, Ignore: 1}, "1 stands for no class of 2"},
		{"ignored byte", Part{Name: "x", Element: Uint8, Classes: []string{"a", "b"}, Ignore: 256}, "256 stands for no class of 2"},
		{"twice", Part{Name: "x", Element: Int32, Classes: []string{"a", "a"}}, `"a" is there twice`},
		{"rate", Part{Name: "x", Element: Int16, Rate: -1}, "rate"},
		{"dimensions", Part{Name: "x", Element: Uint8, Shape: make([]int, 9)}, "9 dimensions"},
	} {
		_, err := NewWriter(shard.WriterOptions{Dir: t.TempDir(), Name: "train"}, Schema{Parts: []Part{c.part}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	for _, parts := range [][]Part{nil, {pets.Parts[0], pets.Parts[0]}, make([]Part, 65)} {
		if (Schema{Parts: parts}).Check() == nil {
			t.Errorf("%d parts: accepted", len(parts))
		}
	}
}

func TestAddRefuses(t *testing.T) {
	w := must(NewWriter(shard.WriterOptions{Dir: t.TempDir(), Name: "train"}, pets))
	for _, c := range []struct {
		name   string
		sample Sample
		want   string
	}{
		{"parts", pet(1, 1, 1, 0, "")[:3], "3 parts"},
		{"class", pet(1, 1, 1, 2, ""), "class 2, there are 2"},
		{"class below 0", pet(1, 1, 1, -1, ""), "class -1"},
		{"shape", append(Sample{{Shape: []int{1, 3, 2}, Data: make([]byte, 6)}}, pet(1, 1, 1, 0, "")[1:]...), "shape [1 3 2]"},
		{"data", append(Sample{{Shape: []int{1, 2, 3}, Data: make([]byte, 5)}}, pet(1, 1, 1, 0, "")[1:]...), "5 bytes"},
	} {
		if err := w.Add(c.sample); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestOpenRefusesOtherSets(t *testing.T) {
	for _, c := range []struct{ kind, meta, want string }{
		{"text", `{}`, "holds text, not samples"},
		{Kind, ``, "no schema"},
		{Kind, `{"parts": []}`, "0 parts"},
		{Kind, `{"parts": [{"name":"a","element":"utf8","shape":[-1],"colour":"red"}]}`, "colour"},
	} {
		dir := t.TempDir()
		w := must(shard.NewWriter(shard.WriterOptions{Dir: dir, Name: "train", Kind: c.kind, Meta: []byte(c.meta)}))
		if err := w.Append([]byte("x")); err != nil {
			t.Fatal(err)
		}
		must(w.Commit())
		if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%s %s: %v", c.kind, c.meta, err)
		}
	}
}

// FuzzRecord feeds any bytes as a record: what is accepted has one byte form.
func FuzzRecord(f *testing.F) {
	f.Add(must(pets.encodeSample(nil, pet(2, 3, 1, 1, "rex"))))
	f.Add([]byte{})
	f.Add(bytes.Repeat([]byte{255}, 50))
	f.Fuzz(func(t *testing.T, record []byte) {
		sample, err := pets.decodeSample(record)
		if err != nil {
			return
		}
		if again, err := pets.encodeSample(nil, sample); err != nil || !bytes.Equal(again, record) {
			t.Fatalf("%v reads as %v and is written as %v, %v", record, sample, again, err)
		}
	})
}
