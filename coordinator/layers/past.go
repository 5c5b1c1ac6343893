package layers

import (
	"math"
	"slices"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/nn/health"
)

// Bounds on what is remembered of layers. When there is more, two neighbouring records become one, so a long run is seen whole,
// at half the resolution; the extremes of its numbers stay.
const (
	maxLayerRecords = 512
	maxLayerBytes   = 16 << 20
	minLayerRecords = 8 // of a network so large that these alone take more
)

// layerNumbers are the numbers of a layer that are followed over time.
var layerNumbers = []string{"ratio", "gradient", "weight", "update", "mean", "deviation", "zeros", "dead", "flat", "time"}

const (
	numberRatio = iota
	numberGradient
	numberWeight
	numberUpdate
	numberMean
	numberDeviation
	numberZeros
	numberDead
	numberFlat
	numberTime // seconds
	numbers
)

// layerRecord is one measured step, or several neighbouring ones.
type layerRecord struct {
	health    *api.Health // the last one's
	last      [][numbers]float64
	low, high [][numbers]float64 // over all of them
	size      int
}

// Past is what is known of a network and how its layers have fared. The zero value is ready; several goroutines may use one.
type Past struct {
	mu      sync.Mutex
	network *api.Network // nil: not told yet
	records []layerRecord
	size    int
	badName string // the first layer, or parameter, that was not finite; "": none
	badStep uint64
}

// Spoiled notes the first layer, or parameter, that was not finite.
func (l *Past) Spoiled(step uint64, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.badStep, l.badName = step, name
}

// FirstSpoiled is the first layer, or parameter, that was not finite, and the step; "": none was.
func (l *Past) FirstSpoiled() (step uint64, name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.badStep, l.badName
}

// IsDescribed says whether the network is known.
func (l *Past) IsDescribed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.network != nil
}

// Describe takes what a network consists of. Records of another network go.
func (l *Past) Describe(n *api.Network) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.network != nil && !proto.Equal(l.network, n) {
		l.records, l.size = nil, 0
	}
	l.network = n
}

// Add takes a measured step; false when it does not fit the network. A run that went back writes over what followed.
func (l *Past) Add(h *api.Health) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.fits(h) {
		return false
	}
	l.cut(h.Step)
	r := layerRecord{health: h, size: proto.Size(h) + 3*8*numbers*len(h.Layers)}
	for i := range h.Layers {
		r.last = append(r.last, l.numbers(i, h.Layers[i]))
	}
	r.low, r.high = slices.Clone(r.last), slices.Clone(r.last)
	l.records, l.size = append(l.records, r), l.size+r.size
	l.bound()
	return true
}

// Cut drops what was measured behind a step: the run went back to it.
func (l *Past) Cut(step uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if step < math.MaxUint64 { // nothing is behind the last one
		l.cut(step + 1)
	}
	if l.badStep > step {
		l.badName, l.badStep = "", 0
	}
}

// cut drops records of a step and later ones.
func (l *Past) cut(from uint64) {
	n := len(l.records)
	for ; n > 0 && l.records[n-1].health.Step >= from; n-- {
		l.size -= l.records[n-1].size
	}
	l.records = l.records[:n]
}

// Follow puts what was measured of the same network before all that is here. What is taken is no longer to be used.
func (l *Past) Follow(earlier *Past) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.network == nil {
		l.network = earlier.network
	}
	if earlier.network == nil || !proto.Equal(l.network, earlier.network) {
		return
	}
	if len(l.records) > 0 {
		earlier.cut(l.records[0].health.Step)
	}
	l.records, l.size = append(earlier.records, l.records...), earlier.size+l.size
	l.bound()
	if l.badName == "" {
		l.badName, l.badStep = earlier.badName, earlier.badStep
	}
}

// bound thins the records out where there are too many.
func (l *Past) bound() {
	for n := len(l.records); n > maxLayerRecords || l.size > maxLayerBytes && n > minLayerRecords; n = len(l.records) {
		l.thin()
	}
}

func (l *Past) fits(h *api.Health) bool {
	if l.network == nil || len(h.Layers) != len(l.network.Layers) {
		return false
	}
	for i, layer := range h.Layers {
		if len(layer.GetParameters()) != len(l.network.Layers[i].GetParameters()) {
			return false
		}
	}
	return true
}

// thin makes one record of every two.
func (l *Past) thin() {
	var kept []layerRecord
	l.size = 0
	for i := 0; i < len(l.records); i += 2 {
		r := l.records[i]
		if i+1 < len(l.records) {
			before := r
			r = l.records[i+1]
			for k := range r.low {
				for c := range numbers {
					r.low[k][c] = Known(math.Min, before.low[k][c], r.low[k][c])
					r.high[k][c] = Known(math.Max, before.high[k][c], r.high[k][c])
				}
			}
		}
		kept, l.size = append(kept, r), l.size+r.size
	}
	l.records = kept
}

// Known is f of two numbers, or the one that is known.
func Known(f func(a, b float64) float64, a, b float64) float64 {
	switch {
	case math.IsNaN(a):
		return b
	case math.IsNaN(b):
		return a
	}
	return f(a, b)
}

// numbers are those of a layer in a measured step.
func (l *Past) numbers(i int, h *api.LayerHealth) (out [numbers]float64) {
	for c := range out {
		out[c] = math.NaN()
	}
	var gradient, weight, update, learns, matrices float64
	for k, p := range h.GetParameters() {
		about := l.network.Layers[i].Parameters[k]
		if about.GetFrozen() {
			continue
		}
		learns++
		gradient += square(p.GetGradient().GetNorm())
		if len(about.GetShape()) > 1 { // vectors may be zero at first
			matrices++
			weight += square(p.GetWeight().GetNorm())
			update += square(p.GetUpdate().GetNorm())
		}
	}
	if learns > 0 {
		out[numberGradient] = math.Sqrt(gradient)
	}
	if matrices > 0 {
		out[numberWeight], out[numberUpdate] = math.Sqrt(weight), math.Sqrt(update)
		out[numberRatio] = health.Ratio(out[numberUpdate], out[numberWeight])
	}
	if y := h.GetOutput(); y.GetCount() > 0 {
		out[numberMean], out[numberDeviation] = y.Mean, y.Deviation
		out[numberZeros] = float64(y.Zeros) / float64(y.Count)
	}
	if h.GetUnits() > 0 {
		out[numberDead] = float64(h.Dead) / float64(h.Units)
	}
	if ns := h.GetForwardNs() + h.GetBackwardNs(); ns > 0 {
		out[numberTime] = float64(ns) / 1e9
	}
	if g := flattest(h); g != nil {
		out[numberFlat] = float64(g.Open + g.Closed)
	}
	return out
}

func square(x float64) float64 { return x * x }

// flattest is the gate that is most often open or closed; nil where there is none.
func flattest(h *api.LayerHealth) (worst *api.GateHealth) {
	for _, g := range h.GetGates() {
		if worst == nil || g.GetOpen()+g.GetClosed() > worst.GetOpen()+worst.GetClosed() {
			worst = g
		}
	}
	return worst
}
