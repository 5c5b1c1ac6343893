package cmd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/data/words"
)

var opinionParts = []samples.Part{
	{Name: "words", Element: samples.Int32, Shape: []int{samples.Varies}, Classes: []string{words.Unknown, "good", "bad", "film"}},
	{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"praise", "blame"}},
}

// What a network says of a text is printed with the words that make it say so, and the text is colored by them or by a channel.
func TestLookTold(t *testing.T) {
	bag := newModel(t, opinionParts, "model.kind=text-classifier", "model.symbols=words", "model.vocab=4", "model.embed=3", "model.hidden=4", "batch.length=6", "batch.global=4", "batch.lanes=1")
	reader := newModel(t, opinionParts[1:], "model.kind=text-classifier", "model.pooling=lstm", "model.embed=3", "model.hidden=4", "batch.length=9", "batch.global=4", "batch.lanes=1")
	rows := newModel(t, opinionParts, "model.kind=text-classifier", "model.symbols=words", "model.vocab=4", "model.pooling=gru", "model.embed=3", "model.hidden=4", "batch.length=6", "batch.global=4", "batch.lanes=1")
	file := filepath.Join(t.TempDir(), "some.txt")
	if err := os.WriteFile(file, []byte("a good film\n\nbad, bad \x1b[31m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		words []string
		want  []string
	}{
		{[]string{bag, "a good good film"}, []string{"praise ", "blame ", "words that push to ", "  good ", ", 2 times", "what pushes to ", `1 "good"`, `0 "a"`}},
		{[]string{bag, file, "--sample", "1", "--answer", "1", "--ansi"}, []string{"words that push to blame", "what pushes to blame", "48;2;", "mbad \x1b["}},
		{[]string{bag, "one two three four five six seven"}, []string{"read are the first 6 symbols of 7"}},
		{[]string{reader, file}, []string{"read are the first 9 symbols of 11", "words that push to", `2 "g"`, "  good"}},
		{[]string{reader, file, "--cell", "3"}, []string{"rnn.l0, channel 3:", `2 "g"`}},
		{[]string{reader, file, "--cell", "1", "--state", "rnn.l0.c", "--colors", "nv"}, []string{"rnn.l0.c, channel 1:"}},
		{[]string{reader, file, "--range", "2:6"}, []string{`rnn.l0 in "good":`, "  channel ", "there ", "is so in ", "rnn.l0, channel "}},
		{[]string{rows, "a good good film", "--range", "1:3", "--cell", "0"}, []string{`rnn.l0 in "good good":`, "rnn.l0, channel 0:"}},
	} {
		status, out := looks(t, append([]string{"text"}, c.words...)...)
		if status != 0 {
			t.Errorf("%v: %s", c.words[1:], out)
		}
		wantText(t, out, c.want...)
		if strings.Contains(out, "\x1b[31m") {
			t.Errorf("%v: an escape of the text is printed", c.words[1:])
		}
	}
	page := filepath.Join(t.TempDir(), "out.html")
	if status, out := looks(t, "text", bag, "good <b> film", "--out", page); status != 0 {
		t.Fatal(out)
	}
	b, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(b), ">good </span>") || strings.Contains(string(b), "<b>") || !strings.Contains(string(b), "A word under the pointer") {
		t.Errorf("the page, error %v:\n%s", err, b)
	}
	if status, out := looks(t, "layers", reader); status != 0 || !strings.Contains(out, "rnn.l0.c") || !strings.Contains(out, "up to 9 steps of 4 channels") {
		t.Error(out)
	}
	for want, args := range map[string][]string{
		"--answer 2: the network has 2": {bag, "good", "--answer", "2"},
		"--answer -2: a number":         {bag, "good", "--answer", "-2"},
		"the text is empty; give":       {bag, " "},
		"--sample 2: ":                  {bag, file, "--sample", "2"},
		"makes one row of all symbols":  {bag, "good", "--cell", "0"},
		"a part of the text's 4 sym":    {reader, "good", "--range", "0:4"},
		"--range: \"2\": FROM:TO":       {reader, "good", "--range", "2"},
		"--cell 4: rnn.l0 has 4":        {reader, "good", "--cell", "4"},
		"--state x: no layer":           {reader, "good", "--cell", "0", "--state", "x"},
		"go on with texts":              {reader, "good", "--at", "0"},
	} {
		status, out := looks(t, append([]string{"text"}, args...)...)
		if status == 0 {
			t.Errorf("%v is taken", args[1:])
		}
		wantText(t, out, want)
	}
	writer := newModel(t, nil, "model.kind=charlm", "model.hidden=8", "model.embed=4", "batch.global=4", "batch.lanes=1")
	if status, out := looks(t, "text", writer, file, "--answer", "1"); status == 0 || !strings.Contains(out, "tell something of texts") {
		t.Error(out)
	}
}

// A set that is cut like the training data says what a checkpoint does not say of its words.
func TestLookLike(t *testing.T) {
	silent := newModel(t, nil, "model.kind=text-classifier", "model.symbols=words", "model.vocab=4", "model.embed=3", "model.hidden=4", "batch.length=6", "batch.global=4", "batch.lanes=1")
	if status, out := looks(t, "text", silent, "a good film"); status == 0 || !strings.Contains(out, "does not say which words it reads; name a set that does by --like") {
		t.Errorf("%d %s", status, out)
	}
	set := filepath.Join(t.TempDir(), "set")
	w, err := samples.NewWriter(shard.WriterOptions{Dir: set, Name: "set"}, samples.Schema{Parts: opinionParts})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Add(samples.Sample{samples.Classes([]int32{1, 3}), samples.Class(0)}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	status, out := looks(t, "text", silent, "a good film", "--like", set)
	if status != 0 {
		t.Fatal(out)
	}
	wantText(t, out, "praise ", "words that push to ", `1 "good"`)
	if status, out := looks(t, "text", silent, "a good film", "--like", filepath.Join(set, "none")); status == 0 || !strings.Contains(out, "--like: ") {
		t.Errorf("%d %s", status, out)
	}
}
