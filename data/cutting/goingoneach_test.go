package cutting

import (
	"bytes"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/shard"
)

// eachCut is a cut of one sample a record.
type eachCut struct {
	name   string
	cut    func(Options) (Summary, error)
	change string // a file of its data
}

// eachCuts are cuts of some hundred records: a file of images, packed, turned; CIFAR; a table.
func eachCuts(t testing.TB) []eachCut {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	images, labels := []byte{0, 0, 8, 3, 0, 0, 2, 188, 0, 0, 0, 20, 0, 0, 0, 30}, []byte{0, 0, 8, 1, 0, 0, 2, 188} // 700 of 20x30
	for i := range 700 {
		images = append(images, bytes.Repeat([]byte{byte(i), byte(i / 3), 7}, 200)...)
		labels = append(labels, byte(i%10))
	}
	put(t, path("train-images-idx3-ubyte.gz"), gzipOf(images))
	put(t, path("train-labels-idx1-ubyte"), labels)
	put(t, path("data_batch_1.bin"), records(150))
	put(t, path("data_batch_2.bin"), records(100))
	rows := "text,class\n"
	for i := range 1000 {
		rows += fmt.Sprintf("%d %s,%d\n", i, strings.Repeat("word ", 60+i%7), i%3)
	}
	put(t, path("t.csv"), []byte(rows))
	return []eachCut{
		{"idx", func(o Options) (Summary, error) {
			return IDX(IDXOptions{Options: o, Transpose: true}, []string{path("train-images-idx3-ubyte.gz")})
		}, path("train-labels-idx1-ubyte")},
		{"cifar", func(o Options) (Summary, error) { return CIFAR(o, []string{dir}) }, path("data_batch_2.bin")},
		{"csv", func(o Options) (Summary, error) {
			return Table(TableOptions{Options: o, Text: "text", Class: "class"}, []string{path("t.csv")})
		}, path("t.csv")},
	}
}

// cutFrom cuts with what lay in the directory, and says what was said and made.
func (c eachCut) cutFrom(t testing.TB, state map[string]string) (said string, made map[string]string) {
	t.Helper()
	o := eachOptions
	o.Out = filepath.Join(t.TempDir(), "out")
	putFiles(t, o.Out, state)
	o.Say = func(text string) { said += text }
	if _, err := c.cut(o); err != nil {
		t.Fatal(c.name, err)
	}
	return said, filesOf(t, o.Out)
}

// states are what lay in the directory after so many samples, and in the end.
func (c eachCut) states(t testing.TB) (states map[int]map[string]string, whole map[string]string) {
	t.Helper()
	states = map[int]map[string]string{}
	o := eachOptions
	o.Out = filepath.Join(t.TempDir(), "out")
	o.Progress = func(done, _ int) { states[done] = filesOf(t, o.Out) }
	if _, err := c.cut(o); err != nil {
		t.Fatal(c.name, err)
	}
	return states, filesOf(t, o.Out)
}

var eachOptions = Options{Valid: 0.2, ShardBytes: 160 << 10, Workers: 2}

// What a kill leaves of a cut of records, whatever is damaged of its last writes, goes on to the files of an undisturbed cut; with other
// data it begins anew.
func TestStoppedRecordsGoOn(t *testing.T) {
	for _, c := range eachCuts(t) {
		states, whole := c.states(t)
		stood := 0
		all := slices.Sorted(maps.Keys(states))
		picked := []int{all[len(all)/3], all[len(all)/2], all[len(all)-1]}
		for i, done := range picked {
			state := states[done]
			said, made := c.cutFrom(t, state)
			if strings.Contains(said, "going on with the cut that was stopped here") && !strings.Contains(said, ": 0 samples stand") {
				stood++
			}
			if !maps.Equal(made, whole) {
				t.Errorf("%s after %d: other files than an undisturbed cut makes; said %q", c.name, done, said)
			}
			if i != 1 {
				continue
			}
			name := slices.Sorted(maps.Keys(state))[1]
			damaged := maps.Clone(state)
			damaged[name] = state[name][:len(state[name])*2/3]
			if said, made = c.cutFrom(t, damaged); !maps.Equal(made, whole) {
				t.Errorf("%s after %d, a third of %s lost: other files; said %q", c.name, done, name, said)
			}
		}
		if stood < 3 {
			t.Errorf("%s went on %d times of %d", c.name, stood, len(picked))
		}
		if c.name == "csv" {
			continue // plans with found files are tested with pictures
		}
		half := states[picked[1]]
		content := filesOf(t, filepath.Dir(c.change))[filepath.Base(c.change)]
		put(t, c.change, []byte(content)) // of another time
		if said, made := c.cutFrom(t, half); !strings.Contains(said, "beginning anew") || !maps.Equal(made, whole) {
			t.Errorf("%s with a file that was written again: said %q", c.name, said)
		}
	}
}

// The shards of a cut that was stopped before another of one sample a record began are not taken for its own.
func TestStoppedBeforeRecords(t *testing.T) {
	cuts := eachCuts(t)
	before, _ := cuts[0].states(t)
	own, whole := cuts[1].states(t)
	state := maps.Clone(before[640])
	head, _, _ := strings.Cut(own[64][shard.JournalName], "\n")
	if head == "" {
		t.Fatal("there is no journal")
	}
	state[shard.JournalName] = head + "\n" // killed before it removed them
	if said, made := cuts[1].cutFrom(t, state); !maps.Equal(made, whole) {
		t.Errorf("other files than an undisturbed cut makes; said %q", said)
	}
}
