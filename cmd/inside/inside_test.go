package inside

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/task"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// runOf writes checkpoints of a model with its first weights after these steps.
func runOf(t testing.TB, steps []uint64, sets ...string) api.Run {
	t.Helper()
	f, err := runfile.Parse("x.yaml", nil, append([]string{"data.train=nowhere", "checkpoint.dir=nowhere", "batch.global=4", "batch.lanes=1"}, sets...))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	if err := checkpoint.MakeDir(checkpoint.OS{}, dir); err != nil {
		t.Fatal(err)
	}
	commit(t, f, dir, steps...)
	return api.Run{Dir: dir, File: f.YAML()}
}

// commit adds checkpoints after these steps.
func commit(t testing.TB, f *runfile.File, dir string, steps ...uint64) {
	t.Helper()
	model, err := worker.NewModel(f.Model)
	if err != nil {
		t.Fatal(err)
	}
	fs := checkpoint.OS{}
	for _, step := range steps {
		model.Params().Initialize(step)
		m := &checkpoint.Manifest{Run: "test", Version: "v0", Step: step, DataHash: "d", Bits: f.Bits()}
		info, err := checkpoint.WriteFile(fs, dir, step, checkpoint.FileContent{Name: checkpoint.FileName(checkpoint.Weights), Tensors: model.Params().Tensors()})
		if err != nil {
			t.Fatal(err)
		}
		m.Files = []checkpoint.FileInfo{info}
		if err := checkpoint.Commit(fs, dir, m); err != nil {
			t.Fatal(err)
		}
	}
}

// ask asks a desk, and takes the facts of the answer.
func ask(t testing.TB, d *Desk, run api.Run, question string, facts any) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	d.Serve(w, httptest.NewRequest(http.MethodGet, "/api/look/"+question, nil), run)
	if facts == nil {
		return w
	}
	text := w.Body.Bytes()
	if head := w.Header().Get("Rondo-Look"); head != "" {
		text = []byte(head)
	}
	if err := json.Unmarshal(text, facts); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%s: %d %s, error %v", question, w.Code, text, err)
	}
	return w
}

var lenet = []string{"model.kind=lenet5", "data.valid=generated:valid?count=30"}

// What can be asked of a step tells of the checkpoints that have come since it was asked first.
func TestAboutGrows(t *testing.T) {
	run := runOf(t, []uint64{3, 7}, lenet...)
	f, err := runfile.Parse("run.yaml", []byte(run.File), nil)
	if err != nil {
		t.Fatal(err)
	}
	d := New(Options{Threads: 1})
	for i, want := range []string{"[3 7]", "[3 7 9]"} {
		if i > 0 {
			commit(t, f, run.Dir, 9)
		}
		var about struct{ Steps []uint64 }
		ask(t, d, run, "about?step=3", &about)
		if fmt.Sprint(about.Steps) != want {
			t.Errorf("%v, want %s", about.Steps, want)
		}
	}
}

func TestPictures(t *testing.T) {
	run := runOf(t, []uint64{3, 7}, lenet...)
	d := New(Options{Threads: 1})
	var about struct {
		Kind, Source  string
		Steps         []uint64
		Step, Samples uint64
		Layers        []layer
		Convolutions  []convolution
	}
	ask(t, d, run, "about", &about)
	if about.Kind != "pictures" || fmt.Sprint(about.Steps) != "[3 7]" || about.Step != 7 || about.Samples != 30 || about.Source != "generated:valid?count=30" ||
		fmt.Sprint(about.Layers[0]) != "{conv1 true 28 28 6 [5 5] 0 []}" || about.Convolutions[1] != (convolution{"conv2", 16, 6, 5, 5}) {
		t.Errorf("%+v", about)
	}
	for question, want := range map[string]image.Point{
		"input?sample=29":                      {28, 28},
		"maps?layer=conv2&sample=4":            {16 * 10, 10},
		"maps?layer=fc1":                       {120, 1},
		"unit?layer=relu2&channel=15&y=9&x=9":  {28, 28},
		"unit?layer=fc3&channel=9":             {28, 28},
		"filters":                              {6 * 5, 5},
		"filters?layer=conv2&step=3":           {6 * 5, 16 * 5},
		"patches?layer=relu2&channels=2-3":     {18 * 14, 2 * 14},
		"patches?layer=fc3&channels=0-0":       {18 * 28, 28},
		"maximize?layer=conv2&channel=3":       {14, 14},
		"input?sample=0&step=3":                {28, 28},
		"maps?layer=pool2&sample=1&passing=no": {16 * 5, 5},
	} {
		w := ask(t, d, run, question, &struct{}{})
		m, err := png.Decode(w.Body)
		if err != nil || m.Bounds().Size() != want {
			t.Errorf("%s: %v, error %v", question, m, err)
		}
	}
	var input struct {
		Class string
		Taken []guess
	}
	ask(t, d, run, "input?sample=29", &input)
	if input.Class == "" || len(input.Taken) != 5 || input.Taken[0].Probability < input.Taken[1].Probability {
		t.Errorf("%+v", input)
	}
	one, other := ask(t, d, run, "filters", &struct{}{}).Body.String(), ask(t, d, run, "filters?step=3", &struct{}{}).Body.String()
	if one == other {
		t.Error("two checkpoints have the same filters")
	}
	if again := ask(t, d, run, "filters", &struct{}{}).Body.String(); again != one {
		t.Error("one question has two answers")
	}
}

// The rows and columns that are told of a layer are the fields of all its units.
func TestFields(t *testing.T) {
	run := runOf(t, []uint64{1}, lenet...)
	m, dir, err := checkpoint.Newest(checkpoint.Files{}, run.Dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := worker.NewPredictor(dir, m, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	d := New(Options{Threads: 1})
	for _, name := range []string{"conv1", "pool1", "conv2", "pool2"} {
		var told struct{ Rows, Cols []span }
		ask(t, d, run, "maps?layer="+name, &told)
		l, err := NewLens(p, 1, nn.Gradient, name)
		if err != nil {
			t.Fatal(err)
		}
		y := l.Layers()[0].Layout
		if len(told.Rows) != y.Height || len(told.Cols) != y.Width {
			t.Fatalf("%s: %d rows, %d columns", name, len(told.Rows), len(told.Cols))
		}
		for row := range y.Height {
			for col := range y.Width {
				r, _ := l.Field(0, row, col)
				r = r.Within(28, 28)
				if told.Rows[row] != (span{r.Top, r.Bottom}) || told.Cols[col] != (span{r.Left, r.Right}) {
					t.Errorf("%s %d,%d: %v, told %v %v", name, row, col, r, told.Rows[row], told.Cols[col])
				}
			}
		}
	}
}

func TestTexts(t *testing.T) {
	run := runOf(t, []uint64{5}, "model.kind=charlm", "model.hidden=8", "model.embed=4")
	d := New(Options{Threads: 1})
	var about struct {
		Kind, Missing string
		States        []state
	}
	ask(t, d, run, "about", &about)
	if about.Kind != "text" || about.Missing == "" || fmt.Sprint(about.States) != "[{rnn.h_l0 8 []} {rnn.c_l0 8 []}]" {
		t.Errorf("%+v", about)
	}
	const prompt = "prompt=a+%3Cb%3E%0Aca"
	var text struct {
		Text, Next []byte
		P, Worth   []int
		Wide       int
	}
	ask(t, d, run, "text?"+prompt, &text)
	if string(text.Text) != "a <b>\nca" || text.Wide != 5 || len(text.Next) != 40 || len(text.P) != 40 || len(text.Worth) != 8 || text.Worth[0] != -1 || text.P[0] < text.P[4] {
		t.Errorf("%+v", text)
	}
	var cell struct {
		State  string
		Values []float32
	}
	ask(t, d, run, "cell?cell=3&"+prompt, &cell)
	if cell.State != "rnn.c_l0" || len(cell.Values) != 8 {
		t.Errorf("%+v", cell)
	}
	ask(t, d, run, "cell?cell=3&state=h&"+prompt, &cell)
	if cell.State != "rnn.h_l0" {
		t.Errorf("%+v", cell)
	}
	ask(t, d, run, "text?review=1&"+prompt, &text)
	if string(text.Text) != "\n a <b> ca " {
		t.Errorf("as a review: %q", text.Text)
	}
	ask(t, d, run, "text?"+prompt, &text)
	var cells struct {
		Cells  []struct{ Cell int }
		Cell   struct{ Cell int }
		Places []struct{ From, To int }
	}
	ask(t, d, run, "cells?a=2&b=5&cell=6&"+prompt, &cells)
	if len(cells.Cells) != 8 || cells.Cell.Cell != 6 || cells.Places == nil {
		t.Errorf("%+v", cells)
	}
	var next struct {
		At, From, Byte int
		Lengths        []float64
	}
	ask(t, d, run, "next?at=5&"+prompt, &next)
	if next.At != 5 || next.From != 0 || len(next.Lengths) != 6 || next.Byte != int(text.Next[25]) {
		t.Errorf("%+v", next)
	}
}

// plain is a network of numbers that are no sequence.
type plain struct {
	params *nn.Params
	fc     *nn.Linear
}

func (n *plain) Params() *nn.Params { return n.params }

func (n *plain) Forward(t *nn.Tape, b *nn.Batch) *nn.Node {
	return n.fc.Forward(t, b.Vectors("values", 2))
}

func init() {
	zoo.Register("plain", zoo.Kind[struct{}]{About: "numbers", Task: task.Class, Sample: "row", New: func(struct{}) (zoo.Model, error) {
		ps := nn.NewParams()
		return &plain{ps, nn.NewLinear(ps, "fc", 2, 2, true)}, nil
	}})
}

func TestRefusals(t *testing.T) {
	pictures, texts := runOf(t, []uint64{1}, lenet...), runOf(t, []uint64{1}, "model.kind=charlm", "model.hidden=8", "model.embed=4")
	values := runOf(t, []uint64{1}, "model.kind=plain")
	d := New(Options{Threads: 1})
	for _, c := range []struct {
		run            api.Run
		question, want string
		code           int
	}{
		{pictures, "nothing", "nothing is asked", 404},
		{pictures, "about?step=2", "no checkpoint", 404},
		{pictures, "about?step=x", "a number is wanted", 404},
		{api.Run{}, "about", "no checkpoint directory", 404},
		{pictures, "maps?layer=conv9", "its layers are conv1", 400},
		{pictures, "maps?layer=conv1&sample=30", "from 0 to 29", 400},
		{pictures, "unit?layer=conv1&channel=6", "from 0 to 5", 400},
		{pictures, "unit?layer=conv1&passing=up", "deconv, guided or gradient", 400},
		{pictures, "patches?layer=conv2&channels=0-16", "at most 16", 400},
		{pictures, "patches?layer=conv2&channels=16-16", "of 16", 400},
		{pictures, "patches?layer=conv2&channels=%22%3Cb%3E", "A-B is wanted", 400},
		{pictures, "filters?layer=fc1", "the convolutions are conv1, conv2", 400},
		{pictures, "maps?layer=conv1&picture=abc", "choose it again", 400},
		{pictures, "text?prompt=a", "another kind", 400},
		{texts, "maps?layer=x", "another kind", 400},
		{texts, "text", "type a text", 400},
		{texts, "text?prompt=" + strings.Repeat("a", mostPrompt+1), "at most 2000", 400},
		{texts, "cell?prompt=abc&cell=8", "from 0 to 7", 400},
		{texts, "cell?prompt=abc&state=x", "its states are", 400},
		{texts, "where?prompt=abc&a=0&b=1", "no shard set at nowhere", 400},
		{texts, "cells?prompt=abc&a=0&b=3", "a part of the text", 400},
		{texts, "next?prompt=abc&at=3", "from 0 to 2", 400},
		{values, "maps?layer=x", "reads neither pictures nor sequences of numbers nor texts alone", 400},
	} {
		w := ask(t, d, c.run, c.question, nil)
		if w.Code != c.code || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: %d %s, want %q", c.question, w.Code, w.Body, c.want)
		}
	}
}

// A picture is sent, and looked at in the size that the network reads.
func TestPicture(t *testing.T) {
	run := runOf(t, []uint64{1}, lenet...)
	d := New(Options{Threads: 1})
	send := func(method, kind string, body []byte) *httptest.ResponseRecorder {
		w, r := httptest.NewRecorder(), httptest.NewRequest(method, "/api/look/picture", bytes.NewReader(body))
		r.Header.Set("Content-Type", kind)
		d.Serve(w, r, run)
		return w
	}
	encoded := func(width, height int) []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	var sent struct{ Picture string }
	w := send("POST", "image/png", encoded(60, 40))
	if err := json.Unmarshal(w.Body.Bytes(), &sent); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	var input struct {
		tiles
		Class string
		Taken []guess
	}
	ask(t, d, run, "input?picture="+sent.Picture, &input)
	if input.Height != 28 || input.Width != 28 || input.Class != "" || len(input.Taken) != 5 {
		t.Errorf("%+v", input)
	}
	for i := range mostPictures {
		send("POST", "image/png", encoded(30, 30+i))
	}
	if w := ask(t, d, run, "maps?layer=conv1&picture="+sent.Picture, nil); w.Code != http.StatusBadRequest {
		t.Errorf("the oldest picture is there still: %d", w.Code)
	}
	for _, c := range []struct {
		method, kind string
		body         []byte
		code         int
	}{
		{"GET", "image/png", nil, 405},
		{"POST", "text/plain", encoded(9, 9), 415},
		{"POST", "multipart/form-data", encoded(9, 9), 415},
		{"POST", "image/png", []byte("no picture"), 400},
		{"POST", "image/png", make([]byte, maxUpload+1), 413},
		{"POST", "image/png", encoded(5000, 4000), 400},
	} {
		if w := send(c.method, c.kind, c.body); w.Code != c.code {
			t.Errorf("%s %s of %d bytes: %d %s, want %d", c.method, c.kind, len(c.body), w.Code, w.Body, c.code)
		}
	}
}

func TestASCII(t *testing.T) {
	text := `{"class":"Café 😀"}`
	got := ascii([]byte(text))
	var a, b map[string]string
	if json.Unmarshal(got, &a) != nil || json.Unmarshal([]byte(text), &b) != nil || a["class"] != b["class"] || strings.ContainsFunc(string(got), func(r rune) bool { return r > 126 }) {
		t.Errorf("%s", got)
	}
}

func FuzzQuery(f *testing.F) {
	f.Add("3-7", 9)
	f.Add("-1--2", 1)
	f.Add("999999999999999999999-0", 4)
	f.Fuzz(func(t *testing.T, text string, n int) {
		q := query{map[string][]string{"f": {text}}}
		if from, to, err := q.span("f", n, 16); err == nil && (from < 0 || to < from || to >= n || to-from >= 16) {
			t.Errorf("%q of %d: %d to %d", text, n, from, to)
		}
		if v, err := q.number("f", 0, 0, max(0, n)); err == nil && (v < 0 || v > max(0, n)) {
			t.Errorf("%q of %d: %d", text, n, v)
		}
	})
}
