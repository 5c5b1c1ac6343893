package inside

import (
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"math"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// setOf is a set of samples of a part that varies in length.
func setOf(t *testing.T, part samples.Part, list ...[]float32) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "set")
	w, err := samples.NewWriter(shard.WriterOptions{Dir: dir, Name: "set"}, samples.Schema{Parts: []samples.Part{{Name: "class", Element: samples.Int32, Shape: []int{}, Classes: []string{"low", "high", "other"}}, part}})
	if err != nil {
		t.Fatal(err)
	}
	for i, numbers := range list {
		v := samples.Float32s(numbers)
		if len(part.Shape) == 2 {
			v.Shape = []int{len(numbers) / part.Shape[1], part.Shape[1]}
		}
		if err := w.Add(samples.Sample{samples.Class(i % 3), v}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// tone is a sine. The middle of band k of 32 is at 92.6 + 62.2(k+1) mel, of 2595·log10(1 + pitch/700).
func tone(samples int, pitch float64) (wave []float32) {
	for i := range samples {
		wave = append(wave, float32(0.5*math.Sin(2*math.Pi*pitch*float64(i)/8000)))
	}
	return wave
}

// soundSet has sounds of 3000, 500 and 12,000 samples, of which there is room for 4000.
func soundSet(t *testing.T) string {
	return setOf(t, samples.Part{Name: "sound", Element: samples.Float32, Shape: []int{samples.Varies}, Rate: 8000}, tone(3000, 300), tone(500, 2000), tone(12_000, 900))
}

var hears = []string{"model.kind=sound-classifier", "model.classes=3", "model.samples=4000", "model.channels=5", "model.hidden=6", "model.cell=lstm"}

type heard struct {
	Layer, Class, Name                 string
	Steps, Channels, By, Height, Width int
	Answer, Of, At, Said               int
	Frame, Length, Value               float64
	Span                               [2]float64
	Taken                              []guess
	Wave                               [][2]float64
	Lines                              [][]float64
	Lengths, Values                    []float64
	Up                                 bool
}

// The picture of a sound is its spectrogram as long as the sound is, low pitches at the bottom; layers are over its time.
func TestSounds(t *testing.T) {
	run := runOf(t, []uint64{3}, append(hears, "data.valid="+soundSet(t))...)
	d := New(Options{Threads: 1})
	var a about
	ask(t, d, run, "about", &a)
	steps := map[string]int{}
	for _, l := range a.Layers {
		steps[l.Name] = l.Steps
	}
	if a.Kind != "sequence" || a.Samples != 3 || steps["mel"] != 51 || steps["conv.relu"] != 26 || steps["rnn.l0.c"] != 26 || steps["fc"] != 1 {
		t.Fatalf("%+v", a)
	}
	for sample, frames := range []int{38, 7, 51} {
		var x heard
		w := ask(t, d, run, fmt.Sprintf("input?sample=%d", sample), &x)
		m, err := png.Decode(w.Body)
		if err != nil || m.Bounds().Size() != image.Pt(frames, 32) || x.Steps != frames || x.Channels != 32 || x.Frame != 0.01 || !x.Up || len(x.Taken) != 3 || x.Class != []string{"low", "high", "other"}[sample] {
			t.Errorf("sample %d: %+v, %v", sample, x, err)
			continue
		}
		if length := []float64{0.375, 0.0625, 0.5}[sample]; x.Length != length || len(x.Wave) != min(int(8000*length), mostWave) {
			t.Errorf("sample %d: %v s, %d parts of its wave", sample, x.Length, len(x.Wave))
		}
		if row, want := loudest(m, frames/2), []int{27, 9, 19}[sample]; row < want-1 || row > want+1 {
			t.Errorf("sample %d is loudest in row %d, want about %d", sample, row, want)
		}
		for layer, want := range map[string][2]int{"conv.relu": {(frames + 1) / 2, 5}, "rnn.l0_reverse.output": {(frames + 1) / 2, 12}, "rnn.l0.c": {(frames + 1) / 2, 6}, "fc": {1, 3}} {
			x = heard{}
			ask(t, d, run, fmt.Sprintf("maps?sample=%d&layer=%s", sample, layer), &x)
			if x.Steps != want[0] || x.Channels != want[1] || x.Width != want[0] || x.Height != want[1] || x.By != 1 {
				t.Errorf("%s of sample %d: %+v", layer, sample, x)
			}
		}
	}
}

// loudest is the brightest row of a column.
func loudest(m image.Image, x int) (row int) {
	most := uint32(0)
	for y := range m.Bounds().Dy() {
		if v, _, _, _ := m.At(x, y).RGBA(); v > most {
			most, row = v, y
		}
	}
	return row
}

// What matters is told of the likeliest answer, or of another; a channel's values are those of its layer.
func TestMatters(t *testing.T) {
	part := samples.Part{Name: "frames", Element: samples.Float32, Shape: []int{samples.Varies, 2}}
	set := setOf(t, part, []float32{1, 0, 2, 1, 3, -1, 0, 5}, []float32{4, 4})
	run := runOf(t, []uint64{3}, "model.kind=sequence-classifier", "model.classes=3", "model.features=2", "model.hidden=4", "batch.length=9", "data.valid="+set)
	d := New(Options{Threads: 1})
	var x, best, other, y heard
	ask(t, d, run, "input?sample=0", &x)
	if x.Steps != 4 || x.Channels != 2 || x.Up || len(x.Lines) != 2 || fmt.Sprint(x.Lines) != "[[1 2 3 0] [0 1 -1 5]]" || x.Wave != nil {
		t.Errorf("%+v", x)
	}
	ask(t, d, run, "matters?sample=0", &best)
	ask(t, d, run, fmt.Sprintf("matters?sample=0&answer=%d", x.Taken[1].Number), &other)
	if best.Answer != x.Taken[0].Number || math.Abs(best.Value-x.Taken[0].Probability) > 1e-6 || math.Abs(other.Value-x.Taken[1].Probability) > 1e-6 || best.Of != 3 || best.Said != 1 {
		t.Errorf("%+v, %+v; taken for %+v", best, other, x.Taken)
	}
	if len(best.Lengths) != 4 || slices.Max(best.Lengths) != 1 || best.Width != 4 || best.Height != 2 || best.Span[0] != -best.Span[1] {
		t.Errorf("%+v", best)
	}
	ask(t, d, run, "track?sample=0&layer=rnn.l0&channel=3", &y)
	ask(t, d, run, "maps?sample=0&layer=rnn.l0", &x)
	if len(y.Values) != 4 || slices.Max(y.Values) > x.Span[1]+1e-4 || slices.Min(y.Values) < x.Span[0]-1e-4 {
		t.Errorf("%v, of a layer from %v", y.Values, x.Span)
	}
	for question, want := range map[string]string{"track?layer=rnn.l0&channel=4": "from 0 to 3", "maps?layer=none": "no layer", "matters?answer=3": "from 0 to 2", "matters?at=1": "from 0 to 0",
		"unit?layer=fc": "another kind", "filters": "another kind", "input?sample=2": "from 0 to 1", "input?picture=12": "not here any more"} {
		if w := ask(t, d, run, question, nil); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", question, w.Code, w.Body)
		}
	}
}

// A long sequence is shown by means of steps that follow one another, and a wide layer by its first channels.
func TestThinned(t *testing.T) {
	c := look.Course{Steps: 5, Channels: 2, Values: []float32{1, 0, 3, 0, 5, 2, 7, 4, 9, 6}}
	thin, by := Thinned(c, 3)
	if by != 2 || fmt.Sprint(thin) != "{3 2 [2 0 6 3 9 6]}" {
		t.Errorf("%v, by %d", thin, by)
	}
	if same, by := Thinned(c, 5); by != 1 || same.Steps != 5 {
		t.Errorf("%v, by %d", same, by)
	}
	wide := look.Course{Steps: 4000, Channels: 600, Values: make([]float32, 4000*600)}
	if m, by := CoursePicture(wide, 0, 1, false); by != 3 || m.Bounds().Dx() != 1334 || m.Bounds().Dy() != MostRows {
		t.Errorf("%v, by %d", m.Bounds(), by)
	}
	if m, _ := CoursePicture(look.Course{Channels: 3}, 0, 1, false); m.Bounds().Dx() != 1 {
		t.Errorf("of nothing: %v", m.Bounds())
	}
}

// The likeliest of logits that are not numbers is one of them all the same: what it leads to says what is wrong.
func TestLikeliest(t *testing.T) {
	nan := float32(math.NaN())
	if a, b, c := Likeliest([]float32{1, 3, 2}), Likeliest([]float32{nan, nan}), Likeliest([]float32{-1, nan, 4}); a != 1 || b != 0 || c != 2 {
		t.Errorf("%d, %d, %d", a, b, c)
	}
}

// A layer in which a short sample has no time step is refused, not drawn as nothing.
func TestCourseOfNothing(t *testing.T) {
	p := predictorOf(t, "sequence-classifier", "batch.length=8", "model.classes=3", "model.features=2")
	s, err := NewSequence(p)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(s.Layers, func(l look.Layer) bool { return l.Layout.Steps == 8 })
	for steps, want := range []string{"no time step of it in layer " + s.Layers[i].Name, ""} {
		s.Batch.Part("frames" + nn.LengthSuffix).(*nn.Lengths).Of[0] = int32(steps)
		s.Forward()
		c, err := courseOf(s, i)
		if c.Steps != steps || (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("of %d steps: %d, %v", steps, c.Steps, err)
		}
	}
}

// What is kept of sequences is what a desk answers, and what can be asked is what is kept.
func TestKeepSequences(t *testing.T) {
	run := runOf(t, []uint64{7}, append(hears, "data.valid="+soundSet(t))...)
	list, left, err := Keep(t.Context(), run, Options{Threads: 1}, 400_000)
	if err != nil || len(left) > 0 {
		t.Fatalf("%q, %v", left, err)
	}
	by, _ := keptOf(t, list)
	var a about
	if err := json.Unmarshal(by["about"].Body, &a); err != nil || a.Samples != 3 || len(a.Layers) != keptLayers || a.Layers[0].Name != "conv.relu" {
		t.Fatalf("%+v, %v", a, err)
	}
	d := New(Options{Threads: 1})
	for i := range a.Samples {
		wanted := []string{fmt.Sprintf("input&sample=%d", i), fmt.Sprintf("matters&sample=%d", i)}
		for _, l := range a.Layers {
			wanted = append(wanted, fmt.Sprintf("maps&layer=%s&sample=%d", l.Name, i))
		}
		for _, one := range wanted {
			k, there := by[one]
			if w := ask(t, d, run, strings.Replace(one, "&", "?", 1), nil); !there || w.Body.String() != string(k.Body) || w.Header().Get("Rondo-Look") != k.Head {
				t.Errorf("%s is kept: %t", one, there)
			}
		}
	}
}

// Networks that read texts for a class read no numbers.
func TestReadsSequences(t *testing.T) {
	for kind, want := range map[string]bool{"text-classifier": false, "tagger": false, "lenet5": false, "cnn-lstm": true, "sequence-classifier": true} {
		var sets []string
		if kind == "tagger" || kind == "text-classifier" || kind == "sequence-classifier" {
			sets = []string{"batch.length=8"}
		}
		if got := ReadsSequences(predictorOf(t, kind, sets...)); got != want {
			t.Errorf("%s: %t", kind, got)
		}
	}
}

// predictorOf is a network of a kind as a checkpoint has it.
func predictorOf(t *testing.T, kind string, sets ...string) *worker.Predictor {
	t.Helper()
	f, err := runfile.Parse("x.yaml", nil, append([]string{"data.train=x", "data.valid=x", "model.kind=" + kind, "batch.global=4", "batch.lanes=1"}, sets...))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	commit(t, f, dir, 1)
	m, path, err := checkpoint.Newest(checkpoint.OS{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := worker.NewPredictor(path, m, 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}
