package measure

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// Bins and the expected calibration error are those of scikit-learn and NumPy (testdata/make_calibration.py), and the same
// bits however the samples lie on lanes.
func TestCalibration(t *testing.T) {
	var known struct {
		Logits      [][]float64
		Target      []int32
		Counts      []int64
		Share, Mean []float64 // of the bins that have samples
		Error       float64
	}
	text, err := os.ReadFile("testdata/calibration.json")
	if err == nil {
		err = json.Unmarshal(text, &known)
	}
	if err != nil {
		t.Fatal(err)
	}
	whole := NewCalibration(CalibrationBins)
	lanes := make([]*Calibration, 3)
	for l := range lanes {
		lanes[l] = NewCalibration(CalibrationBins)
	}
	for i, x := range known.Logits {
		most, sum := 0, 0.0
		for c := range x {
			if x[c] > x[most] {
				most = c
			}
		}
		for c := range x {
			sum += math.Exp(x[c] - x[most])
		}
		whole.Add(1/sum, most == int(known.Target[i]))
		lanes[i*i%3].Add(1/sum, most == int(known.Target[i]))
	}
	at := 0
	for b, bin := range whole.Bins() {
		if bin.Count != known.Counts[b] {
			t.Errorf("bin %d has %d samples, want %d", b, bin.Count, known.Counts[b])
		}
		if bin.Count == 0 {
			if !math.IsNaN(bin.Sure) {
				t.Errorf("an empty bin is sure by %v", bin.Sure)
			}
			continue
		}
		if share := float64(bin.Right) / float64(bin.Count); math.Abs(share-known.Share[at]) > 1e-12 || math.Abs(bin.Sure-known.Mean[at]) > 1e-7 {
			t.Errorf("bin %d: %v right and %v sure, want %v and %v", b, share, bin.Sure, known.Share[at], known.Mean[at])
		}
		at++
	}
	if got := whole.Error(); math.Abs(got-known.Error) > 1e-7 {
		t.Errorf("the error is %v, want %v", got, known.Error)
	}
	merged := NewCalibration(CalibrationBins)
	for _, l := range []int{2, 0, 1} {
		merged.Merge(lanes[l].Vector())
	}
	if merged.Error() != whole.Error() {
		t.Errorf("of lanes the error is %v, of all %v", merged.Error(), whole.Error())
	}
}

// A probability on the border of two bins belongs to the lower one, and what is none is not counted.
func TestCalibrationBorders(t *testing.T) {
	m := NewCalibration(4)
	for _, p := range []float64{0, 0.25, 0.2500001, 0.5, 1, math.NaN(), -0.1, 1.1, math.Inf(1)} {
		m.Add(p, true)
	}
	for b, want := range []int64{2, 2, 0, 1} {
		if got := m.Bins()[b].Count; got != want {
			t.Errorf("bin %d has %d, want %d", b, got, want)
		}
	}
	if !math.IsNaN(NewCalibration(4).Error()) {
		t.Error("of no samples there is an error")
	}
}
