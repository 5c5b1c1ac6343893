package onnx

import (
	"errors"
	"fmt"
	"math"

	"github.com/rondo-ml/rondo/nn"
)

// Calibration finds the ranges of the values that eight bits are to hold, by a look at them on samples. [Options] take it.
//
//	c, err := onnx.NewCalibration(1)
//	for range c.Passes() {
//		tape := …                  // recorded for one lane, at inference
//		err := c.Record(tape, out) // before tape.Plan
//		for … {
//			c.Rows(n)              // how many rows of the batch hold a sample
//			tape.Forward()
//		}
//	}
//	err = c.Err()
//
// The same samples in the same order give the same ranges, to the bit.
type Calibration struct {
	share  float64 // 0: by entropy
	ranges []span
	passes int // begun

	plan   *plan8
	tape   *nn.Tape
	names  []string      // of what writes each source
	writes map[int][]int // by operator: the sources that it writes
	given  []int         // sources that the batch holds
	rows   int
	err    error
}

// span is the range of a value, and how its values are spread in it.
type span struct {
	low, high float32
	seen      float64
	bins      []float64 // equal parts from low to high; nil before the second pass
	zeros     float64   // of those seen since there are bins
}

// bins are the parts that a range is cut into to find what few values lie beyond.
const bins = 4096

// NewCalibration returns one that has ranges hold this share of the values, from above a half to 1: what lies beyond is cut
// off, half of it at either end. With 1 they reach from the least to the largest.
func NewCalibration(share float64) (*Calibration, error) {
	if !(share > 0.5 && share <= 1) {
		return nil, fmt.Errorf("onnx: ranges hold a share of the values above 0.5 and at most 1, got %v", share)
	}
	return &Calibration{share: share}, nil
}

// NewEntropyCalibration returns one whose ranges hold as many values as make the levels of eight bits tell least wrong how
// values are spread, a number of its own for each.
func NewEntropyCalibration() *Calibration { return &Calibration{} }

// Passes is how often all samples are to be shown.
func (c *Calibration) Passes() int {
	if c.share == 1 {
		return 1
	}
	return 2
}

// Record begins a pass over the samples, on a tape that is recorded and not planned. It is an error for the network to have
// no layer that eight bits are for.
func (c *Calibration) Record(tape *nn.Tape, out *nn.Node) error {
	ops := tape.Operators()
	c.plan, c.tape = newPlan8(ops, out), tape
	if len(c.plan.products) == 0 {
		return errors.New("onnx: the network has no convolution and no dense layer, and eight bits are for those alone")
	}
	c.writes, c.given, c.names = map[int][]int{}, nil, make([]string, len(c.plan.sources))
	index := map[*nn.Node]int{}
	for i, s := range c.plan.sources {
		index[s] = i
		if s.Given() != nil {
			c.given, c.names[i] = append(c.given, i), "the input"
		}
	}
	for k, o := range ops {
		for _, y := range o.Outputs {
			if i, wanted := index[y]; wanted {
				c.writes[k], c.names[i] = append(c.writes[k], i), o.Name
			}
		}
	}
	if c.passes++; c.passes == 1 {
		c.ranges = make([]span, len(c.plan.sources))
	} else {
		for i := range c.ranges {
			c.ranges[i].bins, c.ranges[i].seen = make([]float64, bins), 0
		}
	}
	tape.Inspect(c)
	return nil
}

// Rows says how many rows of the batch that the next Forward reads hold a sample; they are the first.
func (c *Calibration) Rows(n int) { c.rows = n }

// Err is why there are no ranges, or nil.
func (c *Calibration) Err() error {
	if c.err == nil && (len(c.ranges) == 0 || c.ranges[0].seen == 0 || c.passes < c.Passes()) {
		return errors.New("onnx: no samples were shown to find ranges by")
	}
	return c.err
}

// Layers is how many layers are in eight bits.
func (c *Calibration) Layers() int { return len(c.plan.products) }

// Forward looks at what an operation wrote. The tape calls it.
func (c *Calibration) Forward(layer int) {
	if layer == 0 {
		for _, i := range c.given {
			c.look(i)
		}
	}
	for _, i := range c.writes[layer] {
		c.look(i)
	}
}

// Backward does nothing; there is none at inference.
func (c *Calibration) Backward(int) {}

// look takes the rows of samples of a source into its range.
func (c *Calibration) look(i int) {
	n, s := c.plan.sources[i], &c.ranges[i]
	l, m := n.Layout, n.Value()
	for step := range l.Steps {
		first := step * l.Lanes * l.LaneRows()
		for r := range min(c.rows, l.Rows) * l.Pixels() {
			for _, v := range m.Row(first + r) {
				if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
					c.err = fmt.Errorf("onnx: %s is %v on a sample, which has no range", c.names[i], v)
					return
				}
				s.add(v)
			}
		}
	}
}

func (s *span) add(v float32) {
	s.seen++
	if s.bins == nil {
		s.low, s.high = min(s.low, v), max(s.high, v) // zero is always in it
		return
	}
	if v == 0 {
		s.zeros++
	}
	s.bins[s.bin(v)]++
}

// bin is the part of the range that a value lies in.
func (s *span) bin(v float32) int {
	at := int(bins * (float64(v) - float64(s.low)) / max(float64(s.high)-float64(s.low), math.SmallestNonzeroFloat32))
	return min(max(at, 0), bins-1)
}

// within is the range of a share of the values.
func (s *span) within(share float64) (low, high float32) {
	if s.bins == nil || share == 1 {
		return s.low, s.high
	}
	beyond := (1 - share) / 2 * s.seen
	from, to := 0, bins
	for cut := s.bins[from]; cut <= beyond && from < bins-1; cut += s.bins[from] {
		from++
	}
	for cut := s.bins[to-1]; cut <= beyond && to > from+1; cut += s.bins[to-1] {
		to--
	}
	return s.between(from, to)
}

// between is the range from the beginning of one bin to that of another, with zero in it.
func (s *span) between(from, to int) (low, high float32) {
	wide := (float64(s.high) - float64(s.low)) / bins
	return min(0, float32(float64(s.low)+float64(wide*float64(from)))), max(0, float32(float64(s.low)+float64(wide*float64(to))))
}

// step8 is how a value is rounded: to scale·(q - zero), where q is from 0 to 255.
type step8 struct {
	scale float32
	zero  uint8
}

// step is how the values of a source are rounded.
func (c *Calibration) step(source int) step8 {
	s := &c.ranges[source]
	if c.share > 0 {
		return stepOf(s.within(c.share))
	}
	return stepOf(s.clearest())
}

// stepOf is that of a range; one that holds zero alone has any.
func stepOf(low, high float32) step8 {
	scale := float32((float64(high) - float64(low)) / 255)
	if scale < 1e-30 {
		return step8{scale: 1}
	}
	return step8{scale, uint8(min(255, max(0, math.RoundToEven(-float64(low)/float64(scale)))))}
}
