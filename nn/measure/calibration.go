package measure

import "math"

// Calibration compares how sure a classifier is, the largest probability that it gives a sample, with how often it is right:
// in bins of equal width, as Guo et al. 2017 do. Bin b has the samples of more than b/bins, up to (b+1)/bins.
//
// Probabilities are added in whole numbers of 2^-24, which is what a float32 near 1 can tell apart. So the sums are exact, in
// whichever order, of up to 2^29 samples.
type Calibration struct {
	sums // of each bin: samples, those that are right, their probabilities in units of 2^-24
}

// CalibrationBins is how many bins are usual.
const CalibrationBins = 15

const certain = 1 << 24 // the probability 1

// NewCalibration returns a measure of so many bins.
func NewCalibration(bins int) *Calibration { return &Calibration{newSums(3 * bins)} }

// Add counts a sample by the largest of its probabilities, and whether that is the right class. One that is no number is not
// counted.
func (m *Calibration) Add(probability float64, right bool) {
	if !(probability >= 0 && probability <= 1) {
		return
	}
	units, bins := int64(math.Round(probability*certain)), int64(len(m.v)/3)
	at := 3 * (max(0, units*bins-1) / certain)
	m.v[at]++
	if right {
		m.v[at+1]++
	}
	m.v[at+2] += float64(units)
}

// CalibrationBin is what was counted in a bin.
type CalibrationBin struct {
	Count, Right int64
	Sure         float64 // mean probability of its samples; NaN of none
}

// Bins are all of them.
func (m *Calibration) Bins() []CalibrationBin {
	bins := make([]CalibrationBin, len(m.v)/3)
	for i := range bins {
		n, right, units := m.v[3*i], m.v[3*i+1], m.v[3*i+2]
		bins[i] = CalibrationBin{Count: int64(n), Right: int64(right), Sure: units / certain / n}
	}
	return bins
}

// Error is the expected calibration error: by how much the share of samples that are right and the mean probability differ,
// as a mean over the bins by their samples. NaN without samples.
func (m *Calibration) Error() float64 {
	samples, apart := 0.0, 0.0
	for i := 0; i < len(m.v); i += 3 {
		samples += m.v[i]
		apart += math.Abs(certain*m.v[i+1] - m.v[i+2]) // whole numbers
	}
	return apart / certain / samples
}
