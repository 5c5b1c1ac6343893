package cutting

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Columns of numbers describe a sample, and others are to be predicted.
func TestTableOfNumbers(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	put(t, filepath.Join(dir, "a.csv"), []byte("id,width,height,kind,price,weight\n1,0.1,-2e3,b,9,1\n2,3,4,a,8,2\n"))
	opts := TableOptions{Options: Options{Out: out}, Values: []string{"height", "width"}, Class: "kind", Targets: []string{"price"}}
	for range 2 {
		sum, err := Table(opts, []string{dir})
		if err != nil {
			t.Fatal(err)
		}
		train, _, schema := all(t, out)
		var names []string
		for _, p := range schema.Parts {
			names = append(names, fmt.Sprint(p.Name, p.Shape))
		}
		if fmt.Sprint(names, sum.Classes) != "[values[2] class[] target[1]] [a b]" {
			t.Errorf("%v %v", names, sum.Classes)
		}
		if x := train[0]; !slices.Equal(x[0].Float32s(), []float32{-2e3, 0.1}) || x[1].Int32s()[0] != 1 || x[2].Float32s()[0] != 9 {
			t.Errorf("%v", x)
		}
		// The same, by numbers, without the first row.
		put(t, filepath.Join(dir, "a.csv"), []byte("1,0.1,-2e3,b,9,1\n2,3,4,a,8,2\n"))
		opts.Values, opts.Class, opts.Targets, opts.Overwrite = []string{"3", "2"}, "4", []string{"5"}, true
	}
	opts.Values, opts.Class, opts.Targets = []string{"1-3"}, "", []string{"5-6"}
	if _, err := Table(opts, []string{dir}); err != nil {
		t.Fatal(err)
	}
	train, _, schema := all(t, out)
	if x := train[1]; len(schema.Parts) != 2 || !slices.Equal(x[0].Float32s(), []float32{2, 3, 4}) || !slices.Equal(x[1].Float32s(), []float32{8, 2}) {
		t.Errorf("%v of %v", x, schema)
	}
}

func TestTableRefusesNumbers(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "a.csv"), []byte("1,2,x,1e39,NaN,a\n"))
	for _, c := range []struct {
		opts TableOptions
		want string
	}{
		{TableOptions{Values: []string{"1"}}, "--target"},
		{TableOptions{Class: "1"}, "--values"},
		{TableOptions{Values: []string{"1-3"}, Class: "2"}, "column 2 for two things"},
		{TableOptions{Values: []string{"3-1"}, Class: "2"}, "want names, or numbers"},
		{TableOptions{Values: []string{"1"}, Class: "2", Words: true}, "about --transcript"},
		{TableOptions{Text: "1", Class: "2", Drop: "x"}, "about --transcript"},
		{TableOptions{Text: "1", Class: "2", Tags: "3"}, "in place of --class"},
		{TableOptions{Values: []string{"1"}, Tags: "3"}, "of a --text"},
		{TableOptions{Values: []string{"1-2"}, Targets: []string{"3"}}, "1 of 1 cannot be read"},
		{TableOptions{Values: []string{"1-2"}, Targets: []string{"4"}}, `column 4: "1e39" is too large`},
		{TableOptions{Values: []string{"1-2"}, Targets: []string{"5"}}, "not a finite number"},
		{TableOptions{Values: []string{"1-9999999"}, Targets: []string{"3"}}, "want names, or numbers"},
	} {
		c.opts.Out = filepath.Join(dir, "out")
		if _, err := Table(c.opts, []string{dir}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// A transcript is a sequence of symbols with numbers, of which some are left out.
func TestTranscripts(t *testing.T) {
	dir := t.TempDir()
	out, train, held := filepath.Join(dir, "out"), filepath.Join(dir, "train.tsv"), filepath.Join(dir, "held.tsv")
	put(t, train, []byte("aardvark\ta-rdvark\t1<<<>2<<\t0\nbé\tbe-\t0\t1\n"))
	put(t, held, []byte("vark\tvark\t0\t0\n"))
	opts := TableOptions{Options: Options{Out: out, HeldOut: []string{held}}, Text: "1", Transcript: "2", Drop: "-"}
	if _, err := Table(opts, []string{train}); err != nil {
		t.Fatal(err)
	}
	said := func() (list []string) {
		trained, valid, schema := all(t, out)
		for _, s := range append(trained, valid...) {
			text := string(s[0].Data) + ":"
			for _, n := range s[1].Int32s() {
				text += " " + schema.Parts[1].Classes[n]
			}
			list = append(list, text)
		}
		return list
	}
	if got := fmt.Sprint(said()); got != "[aardvark: a r d v a r k bé: b e vark: v a r k]" {
		t.Error(got)
	}
	put(t, held, []byte("x\txx\n"))
	opts.Overwrite = true
	if _, err := Table(opts, []string{train}); err == nil || !strings.Contains(err.Error(), "symbols of transcripts: held-out data of the class x") {
		t.Errorf("a symbol in the held-out data alone: %v", err)
	}
	put(t, train, []byte("one\tHH W  AH N\ntwo\tT UW\n"))
	put(t, held, []byte("won\tW AH N\n"))
	opts.Words, opts.Drop = true, "HH"
	if _, err := Table(opts, []string{train}); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(said()); got != "[one: W AH N two: T UW won: W AH N]" {
		t.Error(got)
	}
	put(t, held, []byte("won\tHH\n"))
	if _, err := Table(opts, []string{train}); err == nil || !strings.Contains(err.Error(), "held.tsv:1: unreadable: its transcript is empty") {
		t.Errorf("nothing but what is dropped: %v", err)
	}
}

// endless is a file of one byte for ever.
type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

// A row without an end is an error before it fills the memory.
func TestEndlessRows(t *testing.T) {
	quoted := commaRows(io.MultiReader(strings.NewReader("a,b\n\"c"), endless('x')))
	if fields, line, err := quoted(); err != nil || line != 1 || len(fields) != 2 {
		t.Fatal(fields, line, err)
	}
	if _, line, err := quoted(); err == nil || line != 2 || !strings.Contains(err.Error(), "a row of more than 64 MiB: is a quote not closed?") {
		t.Errorf("line %d: %v", line, err)
	}
	tabs := tabRows(io.MultiReader(strings.NewReader("a\tb\n"), endless('x')), columns{at: [columnKinds][]int{textColumn: {1}}})
	if _, _, err := tabs(); err != nil {
		t.Fatal(err)
	}
	if _, line, err := tabs(); err == nil || line != 2 || !strings.Contains(err.Error(), "a row of more than 64 MiB") {
		t.Errorf("line %d: %v", line, err)
	}
}

// Tags are a class for each byte of a text.
func TestTags(t *testing.T) {
	dir := t.TempDir()
	out, train, held := filepath.Join(dir, "out"), filepath.Join(dir, "train.tsv"), filepath.Join(dir, "held.tsv")
	put(t, train, []byte("aback\txb@k-\t0>1<<\nbed\tbed\t>1<\n"))
	put(t, held, []byte("abed\txbed\t0>1<\n"))
	opts := TableOptions{Options: Options{Out: out, HeldOut: []string{held}}, Text: "1", Tags: "2"}
	if _, err := Table(opts, []string{train}); err != nil {
		t.Fatal(err)
	}
	trained, valid, schema := all(t, out)
	if got := fmt.Sprint(schema.Parts[1].Name, schema.Parts[1].Classes, trained[0][1].Int32s(), trained[1][1].Int32s(), valid[0][1].Int32s()); got !=
		"class[- @ b d e k x] [6 2 1 5 0] [2 4 3] [6 2 4 3]" {
		t.Error(got)
	}
	put(t, held, []byte("abé\txbe\n"))
	opts.Overwrite = true
	if _, err := Table(opts, []string{train}); err == nil || !strings.Contains(err.Error(), "held.tsv:1: unreadable: 3 tags for a text of 4 bytes") {
		t.Errorf("too few tags: %v", err)
	}
	put(t, held, []byte("a\t?\n"))
	if _, err := Table(opts, []string{train}); err == nil || !strings.Contains(err.Error(), "tags: held-out data of the class ?") {
		t.Errorf("a tag in the held-out data alone: %v", err)
	}
}
