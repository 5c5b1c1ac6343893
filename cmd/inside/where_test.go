package inside

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/cutting"
	"github.com/rondo-ml/rondo/data/shard"
)

// What is found in the data is where the cell is on in a reading of the same part.
func TestWhere(t *testing.T) {
	text := strings.Repeat("the cat (a tom) sat \"on\" the mat;\nso it was. ", 800)
	data := textSetOf(t, text)
	run := runOf(t, []uint64{5}, "model.kind=charlm", "model.hidden=8", "model.embed=4", "data.valid="+data)
	d := New(Options{Threads: 1})
	type found struct {
		Searched, Size, All int
		Cell                struct{ Inside, Outside float64 }
		Places              []struct {
			At, From, To, Skip int
			Mean               float64
			Text               []byte
		}
	}
	places := 0
	for c := range 8 {
		var told, again found
		question := fmt.Sprintf("where?a=4&b=7&cell=%d", c)
		ask(t, d, run, question, &told)
		if told.Size != len(text) || told.Searched != mostExcerpts*(excerptBytes-excerptWarm) || told.All < len(told.Places) {
			t.Fatalf("%+v", told)
		}
		places += len(told.Places)
		if c == 3 {
			ask(t, New(Options{Threads: 1}), run, question, &again)
			if !reflect.DeepEqual(told, again) {
				t.Error("the same question has another answer")
			}
		}
		for i, p := range told.Places[:min(3, len(told.Places))] {
			var cell struct{ Values []float64 }
			ask(t, d, run, fmt.Sprintf("cell?cell=%d&from=%d&length=512", c, p.At), &cell)
			if there := text[p.At+p.From:][:len(p.Text)-p.Skip]; string(p.Text[p.Skip:]) != there {
				t.Errorf("place %d is %q, and it is told as %q", i, there, p.Text)
			}
			middle, sign := (told.Cell.Inside+told.Cell.Outside)/2, 1.0
			if told.Cell.Inside < told.Cell.Outside {
				sign = -1
			}
			for at := p.From; at < p.To; at++ {
				if sign*(math.Tanh(cell.Values[at])-middle) < -0.005 {
					t.Errorf("place %d, byte %d holds %v, on is beyond %v", i, at, math.Tanh(cell.Values[at]), middle)
				}
			}
		}
	}
	if places < 20 {
		t.Errorf("%d places: the test says little", places)
	}
}

// Excerpts lie within the text and do not meet, or else are all of it.
func TestSpread(t *testing.T) {
	for _, size := range []int64{1, 63, 64, 65, 512, 513, 5000, 28700, 28736, 28737, 40000, 1 << 40} {
		list := spread(size, mostExcerpts)
		read, end := int64(0), int64(0)
		for i, e := range list {
			if e.At < 0 || e.At+int64(len(e.Text)) > size || len(e.Text) < 1 || len(e.Text) > excerptBytes || e.At+int64(e.Warm) < end || (e.Warm == 0) != (e.At == 0) {
				t.Errorf("%d bytes: excerpt %d at %d of %d, behind %d", size, i, e.At, len(e.Text), end)
			}
			read += int64(max(0, len(e.Text)-e.Warm))
			end = e.At + int64(len(e.Text))
		}
		// Of shares that are hardly longer than an excerpt a little less is searched.
		if want := min(size, mostExcerpts*(excerptBytes-excerptWarm)); read < want*6/7 || read > want+excerptWarm {
			t.Errorf("%d bytes: %d are searched, want %d", size, read, want)
		}
	}
}

// A text that is typed is read as the reviews of the data were cleaned.
func TestTypedReview(t *testing.T) {
	file := filepath.Join(t.TempDir(), "some.txt")
	if err := os.WriteFile(file, []byte("caf\u00e9<br>good\nso bad\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, ascii := range []bool{true, false} {
		out := t.TempDir()
		if _, err := cutting.Reviews(cutting.ReviewsOptions{Options: cutting.Options{Out: out}, ASCII: ascii}, []string{file}); err != nil {
			t.Fatal(err)
		}
		run := runOf(t, []uint64{5}, "model.kind=charlm", "model.hidden=8", "model.embed=4", "data.train="+filepath.Join(out, "train"))
		var text struct{ Text []byte }
		ask(t, New(Options{Threads: 1}), run, "text?review=1&prompt=na%C3%AFve%3Cb%3E", &text)
		if want := map[bool]string{true: "\n naive ", false: "\n na\u00efve<b> "}[ascii]; string(text.Text) != want {
			t.Errorf("%q, want %q", text.Text, want)
		}
	}
}

// textSetOf is a set of a text.
func textSetOf(t testing.TB, text string) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "some.txt")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := shard.WriteText(shard.TextOptions{Out: filepath.Join(dir, "set"), Bytes: true}, []string{file}); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "set", "train")
}
