package nn

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/tensor"
)

// melReference is testdata/mel/mel.json, computed by PyTorch in float64.
type melReference struct {
	Rate  int
	Waves [][]float32
	Cases []struct {
		FFT, Window, Hop, Bands      int
		Low, High                    float64
		Slaney, Area, Amplitude, Cut bool
		Log                          MelLog
		Rows                         [][]float32 // of each wave [frames, bands]; empty where PyTorch refuses it
		Error                        float64     // of PyTorch's float32
	}
}

// Spectrograms are those of torch.stft and the filters of torchaudio and librosa.
func TestMelAgainstPyTorch(t *testing.T) {
	data, err := os.ReadFile("testdata/mel/mel.json")
	var ref melReference
	if err == nil {
		err = json.Unmarshal(data, &ref)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range ref.Cases {
		mel, err := NewMelSpectrogram("mel", MelOptions{Rate: ref.Rate, FFT: c.FFT, Window: c.Window, Hop: c.Hop, Bands: c.Bands,
			Low: c.Low, High: c.High, Slaney: c.Slaney, Area: c.Area, Amplitude: c.Amplitude, Cut: c.Cut, Log: c.Log})
		if err != nil {
			t.Fatal(err)
		}
		for _, threads := range []int{1, 3} {
			y, lengths := hear(mel, ref.Waves, threads, 0.5)
			for i, want := range c.Rows {
				got := rowOf(y, len(ref.Waves), i, int(lengths[i]))
				if len(want) == 0 {
					continue
				}
				off, unit := 0.0, 1.0
				if c.Log == MelLinear {
					unit = float64(slices.Max(want))
				}
				if len(got) != len(want) {
					t.Fatalf("%+v: row %d has %d values, want %d", mel.Options, i, len(got), len(want))
				}
				for j := range got {
					off = max(off, math.Abs(float64(got[j])-float64(want[j]))/unit)
				}
				if allowed := max(8*c.Error, 1e-6); !(off <= allowed) {
					t.Errorf("%+v: row %d is off by %.2g, allowed are %.2g", mel.Options, i, off, allowed)
				}
				t.Logf("fft %d: %.1e, PyTorch's float32: %.1e", c.FFT, off, c.Error)
			}
		}
	}
}

// hear computes the spectrogram of the waves, each followed by padding.
func hear(mel *MelSpectrogram, waves [][]float32, threads int, padding float32) (y tensor.Matrix, frames []int32) {
	most := 0
	for _, w := range waves {
		most = max(most, len(w))
	}
	pool := tensor.NewPool(threads)
	defer pool.Close()
	tape := NewTape(NewParams(), pool, Shape{Steps: 1, Lanes: 1, Rows: len(waves)}, Training, 0)
	x, samples := newFeed(tape, most), NewLengths(Shape{Steps: most, Lanes: 1, Rows: len(waves)})
	tensor.Fill(x.data, padding)
	for i, w := range waves {
		copy(x.data[i*most:], w)
		samples.Of[i] = int32(len(w))
	}
	out, lengths := mel.Forward(tape, x.y, samples)
	tape.Keep(out)
	tape.Plan()
	tape.Forward()
	tape.Backward(nil)
	return out.Value(), lengths.Of
}

// rowOf is the first frames steps of row i.
func rowOf(y tensor.Matrix, rows, i, frames int) []float32 {
	var all []float32
	for t := range frames {
		all = append(all, y.Row(t*rows+i)...)
	}
	return all
}

// A row's bits do not depend on the other rows, on the room behind it, or on how
// many goroutines compute; frames beyond its end are 0. Sounds shorter than a
// frame have one all the same.
func TestMelRows(t *testing.T) {
	waves := make([][]float32, 7)
	for i, n := range []int{9000, 700, 33, 2, 1, 0, 4096} {
		waves[i] = make([]float32, n)
		quantized(waves[i], Stream{Seed: 1, Site: uint32(i)})
	}
	for _, o := range []MelOptions{
		{Rate: 8000, FFT: 256, Hop: 16, Bands: 20, Log: MelNatural},
		{Rate: 8000, FFT: 128, Window: 100, Hop: 100, Bands: 9, Cut: true},
	} {
		mel, err := NewMelSpectrogram("mel", o)
		if err != nil {
			t.Fatal(err)
		}
		y, frames := hear(mel, waves, 3, 0.25)
		for i, w := range waves {
			if n := mel.Frames(len(w)); n != int(frames[i]) {
				t.Errorf("row %d has %d frames, want %d", i, frames[i], n)
			}
			got := rowOf(y, len(waves), i, y.Rows/len(waves))
			live := int(frames[i]) * y.Cols
			if slices.ContainsFunc(got[live:], func(v float32) bool { return v != 0 }) {
				t.Errorf("row %d is not 0 beyond its end", i)
			}
			alone, _ := hear(mel, [][]float32{w, waves[0][:256]}, 1, 0)
			if err := sameBits(rowOf(alone, 2, 0, int(frames[i])), got[:live]); err != nil {
				t.Errorf("row %d alone: %v", i, err)
			}
		}
	}
}

func TestMelRefusals(t *testing.T) {
	for _, c := range []struct {
		o    MelOptions
		want string
	}{
		{MelOptions{}, "nn: mel: 0 samples a second; use 1 to 1048576"},
		{MelOptions{Rate: 8000, FFT: 4098}, "frames of 4098 samples; use a multiple of 4 from 8 to 4096"},
		{MelOptions{Rate: 8000, FFT: 26}, "frames of 26 samples"},
		{MelOptions{Rate: 8000, FFT: 64, Window: 65}, "a window of 65 samples in frames of 64"},
		{MelOptions{Rate: 8000, FFT: 64, Hop: -1}, "-1 samples from frame to frame"},
		{MelOptions{Rate: 8000, FFT: 64, Bands: 34}, "34 bands; use 1 to 33"},
		{MelOptions{Rate: 8000, High: 4001}, "bands from 0 to 4001 Hz; use 0 to 4000"},
		{MelOptions{Rate: 8000, Low: math.NaN()}, "bands from NaN"},
		{MelOptions{Rate: 8000, Log: "ln"}, `the logarithm "ln"; use "natural", "decibel" or none`},
		{MelOptions{Rate: 8000, Floor: -1}, "a floor of -1"},
	} {
		if _, err := NewMelSpectrogram("mel", c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c.o, err, c.want)
		}
	}
	mel, err := NewMelSpectrogram("mel", MelOptions{Rate: 8000, Cut: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "nn: mel takes waveforms, a row of at least 400 samples each, got 399 columns") {
			t.Errorf("panic %q", got)
		}
	}()
	pool := tensor.NewPool(1)
	defer pool.Close()
	tape := NewTape(NewParams(), pool, Shape{1, 1, 1}, Training, 0)
	mel.Forward(tape, newFeed(tape, 399).y, nil)
}
