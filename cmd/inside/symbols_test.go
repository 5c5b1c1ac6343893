package inside

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/data/words"
	"github.com/rondo-ml/rondo/nn/look"
)

// opinions are texts of two classes.
var opinions = []string{"a good good film", "bad , and that isn't all", "so so"}

// vocabulary lacks some of their words.
var vocabulary = words.Of([]string{words.Unknown, "good", "bad", "film", "and", "a", "isn't", "so"})

// opinionSet is a set of opinions as bytes and as words.
func opinionSet(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "set")
	w, err := samples.NewWriter(shard.WriterOptions{Dir: dir, Name: "set"}, samples.Schema{Parts: []samples.Part{
		{Name: "text", Element: samples.UTF8, Shape: []int{samples.Varies}},
		{Name: "words", Element: samples.Int32, Shape: []int{samples.Varies}, Classes: vocabulary.Names},
		{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"praise", "blame"}}}})
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range opinions {
		if err := w.Add(samples.Sample{samples.Text(text), samples.Classes(vocabulary.Numbers(text)), samples.Class(i % 2)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func classifier(sets ...string) []string {
	return append([]string{"model.kind=text-classifier", "model.classes=2", "model.embed=4", "model.hidden=12", "batch.length=18"}, sets...)
}

type readText struct {
	Text    []byte
	Words   []string
	Unknown []int
	Whole   int
	Class   string
	Taken   []guess
}

type pushed struct {
	Answers []Reason
	Pushed  []PushedWord
	At, Of  int
	P, Bag  bool
	Most    float64
	By      []float64
	Lengths []float64
}

// A text of words is told as it stands in the sample, words without a number of their own too, with what each does to the answer.
func TestWords(t *testing.T) {
	run := runOf(t, []uint64{3}, classifier("model.symbols=words", "model.vocab=8", "model.pooling=mean", "data.valid="+opinionSet(t))...)
	d := New(Options{Threads: 1})
	var a about
	ask(t, d, run, "about", &a)
	if a.Kind != "symbols" || a.Samples != 3 || len(a.Layers) != 0 {
		t.Errorf("%+v", a)
	}
	var x readText
	ask(t, d, run, "input?sample=1", &x)
	if got := fmt.Sprintf("%s %d, %d, %s, %d", x.Words, x.Unknown, x.Whole, x.Class, len(x.Taken)); got != "[bad , and that isn't all] [1 3 5], 6, blame, 2" {
		t.Errorf("it reads %s", got)
	}
	var best, other pushed
	ask(t, d, run, "input?sample=0", &x)
	ask(t, d, run, "matters?sample=0", &best)
	ask(t, d, run, fmt.Sprintf("matters?sample=0&answer=%d", x.Taken[1].Number), &other)
	if best.Answers[0].Number != x.Taken[0].Number || math.Abs(best.Answers[0].Value-x.Taken[0].Probability) > 1e-6 ||
		other.Answers[0].Number != x.Taken[1].Number || len(other.Answers) != 2 || !best.P || !best.Bag || best.Lengths != nil || best.Of != 2 {
		t.Errorf("%+v, %+v; taken for %+v", best, other, x.Taken)
	}
	if len(best.By) != 4 || best.By[1] != best.By[2] || max(slices.Max(best.By), -slices.Min(best.By)) != 1 {
		t.Errorf("words do %v", best.By)
	}
	for i, one := range best.Pushed {
		if times := strings.Count(opinions[0]+" ", one.Word+" "); one.Times != times || i > 0 && math.Abs(one.By[0]) > math.Abs(best.Pushed[i-1].By[0]) {
			t.Errorf("%d: %+v", i, one)
		}
		// of two classes what pushes to one pushes away from the other: by their shares
		if p := best.Answers[0].Value; math.Abs(one.By[0]*p+one.By[1]*(1-p)) > 1e-3*math.Abs(one.By[0]) {
			t.Errorf("%s does %v to classes of %v", one.Word, one.By, p)
		}
	}
	if at := slices.IndexFunc(best.Pushed, func(w PushedWord) bool { return w.Word == "good" }); len(best.Pushed) != 3 || at < 0 || math.Abs(best.Pushed[at].By[0]-2*best.By[1]*best.Most) > 1e-3*best.Most {
		t.Errorf("words: %+v, places %v of %v", best.Pushed, best.By, best.Most)
	}
	for question, want := range map[string]string{"matters?answer=2": "from -1 to 1", "matters?at=1": "from 0 to 0", "track?layer=relu&channel=0&sample=0": "", "maps?layer=relu": "another kind",
		"input?prompt=good": "does not say which words", "input?sample=9": "from 0 to 2", "input?picture=1": "not here any more", "input?prompt=" + strings.Repeat("a", mostPrompt+1): "at most 2000"} {
		if w := ask(t, d, run, question, nil); want != "" && (w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want)) {
			t.Errorf("%.40s: %d %s", question, w.Code, w.Body)
		}
	}
}

// Of a text of bytes that a recurrent layer reads, what its words do is what their bytes do, and layers have a value for each byte that
// is read.
func TestBytesOfClasses(t *testing.T) {
	run := runOf(t, []uint64{3}, classifier("model.pooling=lstm", "model.bidirectional=true", "data.valid="+opinionSet(t))...)
	d := New(Options{Threads: 1})
	var a about
	ask(t, d, run, "about", &a)
	if a.Kind != "symbols" || a.Layers[0].Name != "rnn.l0" || a.Layers[0].Steps != 18 || a.Layers[0].Channels != 12 ||
		!slices.ContainsFunc(a.Layers, func(l layer) bool { return l.Name == "rnn.l0_reverse.c" }) || slices.ContainsFunc(a.Layers, func(l layer) bool { return l.Name == "output" }) {
		t.Errorf("%+v", a)
	}
	var x readText
	var m pushed
	var y struct{ Values []float64 }
	ask(t, d, run, "input?sample=1", &x)
	if string(x.Text) != opinions[1][:18] || x.Whole != len(opinions[1]) || x.Words != nil {
		t.Errorf("%+v", x)
	}
	typed := "prompt=" + url.QueryEscape("it's so-so é")
	ask(t, d, run, "input?"+typed, &x)
	ask(t, d, run, "matters?"+typed, &m)
	ask(t, d, run, "track?layer=rnn.l0_reverse.c&channel=4&"+typed, &y)
	n := len("it's so-so é")
	var k struct {
		State    string
		From, To int
		Cells    []look.Ranked
		Cell     look.Ranked
		Places   []look.Run
		All      int
	}
	ask(t, d, run, "cells?layer=rnn.l0_reverse.c&a=5&b=7&cell=4&"+typed, &k)
	if k.State != "rnn.l0_reverse.c" || k.From != 5 || k.To != 7 || len(k.Cells) != 12 || k.Cell.Cell != 4 || k.All < len(k.Places) {
		t.Errorf("%+v", k)
	}
	there, elsewhere := 0.0, 0.0 // by the values that color the text
	for i, v := range y.Values {
		if i == 5 || i == 6 {
			there += math.Tanh(v) / 2
		} else {
			elsewhere += math.Tanh(v) / float64(n-2)
		}
	}
	if math.Abs(k.Cell.Inside-there) > 1e-4 || math.Abs(k.Cell.Outside-elsewhere) > 1e-4 {
		t.Errorf("channel 4 is %g there and %g elsewhere; want %g and %g", k.Cell.Inside, k.Cell.Outside, there, elsewhere)
	}
	for question, want := range map[string]string{"cells?layer=output&a=0&b=2": "no time step for each symbol", "cells?layer=rnn.l0&a=0&b=13": "a part of the text", "cells?layer=x&a=0&b=2": "no layer",
		"cells?layer=rnn.l0&a=13&b=14": "from 0 to 12"} {
		if w := ask(t, d, run, question+"&"+typed, nil); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", question, w.Code, w.Body)
		}
	}
	if len(x.Text) != n || len(m.By) != n || len(m.Lengths) != n || slices.Max(m.Lengths) != 1 || len(y.Values) != n || m.Bag {
		t.Errorf("%d bytes, %d pushes, %d lengths, %d values", len(x.Text), len(m.By), len(m.Lengths), len(y.Values))
	}
	sum := map[string]float64{}
	for i, from := range map[string][]int{"it's": {0, 4}, "so": {5, 7, 8, 10}, "-": {7, 8}, "é": {11, 13}} {
		for k := 0; k < len(from); k += 2 {
			for _, v := range m.By[from[k]:from[k+1]] {
				sum[i] += v * m.Most
			}
		}
	}
	for _, w := range m.Pushed {
		if math.Abs(w.By[0]-sum[w.Word]) > 3e-4*m.Most*float64(len(w.Word)) || w.Times != map[string]int{"so": 2}[w.Word] && w.Times != 1 {
			t.Errorf("%q does %v, %d times; its bytes %v", w.Word, w.By[0], w.Times, sum[w.Word])
		}
	}
	if len(m.Pushed) != len(sum) {
		t.Errorf("words: %+v", m.Pushed)
	}
}

// The likeliest answers come first, behind the one that is wanted; numbers that are no classes stand in their order.
func TestAnswersOf(t *testing.T) {
	logits := []float32{1, 9, 3, 7, 5, 8, 2}
	for want, got := range map[string][]int{"[1 5 3 4 2]": answersOf(logits, true, -1), "[6 1 5 3 4]": answersOf(logits, true, 6), "[0 1 2 3 4]": answersOf(logits, false, -1), "[3 0 1 2 4]": answersOf(logits, false, 3),
		"[0]": answersOf(logits[:1], true, 0)} {
		if fmt.Sprint(got) != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
}

// Spaces between words of bytes do nothing to them, and other signs are words by themselves.
func TestPushedWords(t *testing.T) {
	text := "No, no\x80!\n"
	pushes := make([]look.Push, len(text))
	for i := range pushes {
		pushes[i].By = float64(i + 1)
	}
	list := pushedWords(Written{Bytes: []byte(text)}, []Reason{{Pushes: pushes}})
	got := ""
	for _, w := range list {
		got += fmt.Sprintf("%q %d %g; ", w.Word, w.First, w.By[0])
	}
	if got != `"no\x80" 4 18; "!" 7 8; "No" 0 3; "," 2 3; ` {
		t.Error(got)
	}
}

// What is kept of texts is what a desk answers, and what can be asked is what is kept.
func TestKeepSymbols(t *testing.T) {
	run := runOf(t, []uint64{7}, classifier("model.pooling=gru", "data.valid="+opinionSet(t))...)
	list, left, err := Keep(t.Context(), run, Options{Threads: 1}, 400_000)
	if err != nil || len(left) > 0 {
		t.Fatalf("%q, %v", left, err)
	}
	by, _ := keptOf(t, list)
	var a about
	if err := json.Unmarshal(by["about"].Body, &a); err != nil || a.Samples != 3 || len(a.Layers) < 2 || len(a.Layers) > keptStates || len(a.Layers[0].Kept) != keptCells {
		t.Fatalf("%+v, %v", a, err)
	}
	var wanted []string
	for i := range a.Samples {
		wanted = append(wanted, fmt.Sprintf("input&sample=%d", i), fmt.Sprintf("matters&sample=%d", i))
	}
	for _, l := range a.Layers {
		for _, channel := range l.Kept {
			wanted = append(wanted, fmt.Sprintf("track&channel=%d&layer=%s&sample=0", channel, l.Name))
		}
	}
	d := New(Options{Threads: 1})
	for _, one := range wanted {
		k, there := by[one]
		if w := ask(t, d, run, strings.Replace(one, "&", "?", 1), nil); !there || w.Body.String() != string(k.Body) {
			t.Errorf("%s is kept: %t", one, there)
		}
	}
	for _, l := range a.Layers {
		of := "layer=" + l.Name + "&sample=0"
		wantHeld(t, by, "held&"+of, l.Kept, func(channel int) []float64 {
			var told struct{ Values []float64 }
			ask(t, d, run, fmt.Sprintf("track?channel=%d&%s", channel, of), &told)
			return told.Values
		})
	}
	if want := len(wanted) + len(a.Layers) + 1; len(list) != want {
		t.Errorf("%d answers, want %d", len(list), want)
	}
}
