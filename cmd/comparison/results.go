package comparison

import (
	"math"
	"path/filepath"
	"slices"

	"github.com/rondo-ml/rondo/cmd/kept"
)

// Outcome is what a run came to.
type Outcome struct {
	Variant  string             `json:"variant"`
	Share    float64            `json:"share"`
	Seed     uint64             `json:"seed"`
	Steps    int                `json:"steps"`
	Digest   string             `json:"digest"`
	Measures map[string]float64 `json:"measures"` // of the last evaluation: loss, accuracy and the task's own
	Rate     float64            `json:"rate"`     // targets a second, the median over the steps
}

// Cell is all seeds of a variant with a share of the data.
type Cell struct {
	Variant string           `json:"variant"`
	Share   float64          `json:"share"`
	Runs    int              `json:"runs"`
	Values  map[string]Range `json:"values"` // by measure, and "rate"
}

// Range is the spread of some values.
type Range struct {
	Runs int     `json:"runs"` // fewer than the cell's where some came to no number
	Mean float64 `json:"mean"`
	Min  float64 `json:"min"`
	Max  float64 `json:"max"`
}

// Results is what a comparison came to.
type Results struct {
	Plan  *Plan     `json:"plan"`
	Cells []Cell    `json:"cells"` // by variant, then share, as in the plan
	Runs  []Outcome `json:"runs"`
}

// Gather sums the outcomes of a plan up. Runs that are not there yet are missing.
func Gather(p *Plan, runs []Outcome) Results {
	r := Results{Plan: p, Runs: runs}
	for _, v := range p.Variants {
		for _, share := range p.Shares {
			c := Cell{Variant: v.Name, Share: share, Values: map[string]Range{}}
			values := map[string][]float64{}
			for _, o := range runs {
				if o.Variant != v.Name || o.Share != share {
					continue
				}
				c.Runs++
				values["rate"] = append(values["rate"], o.Rate)
				for name, x := range o.Measures {
					values[name] = append(values[name], x)
				}
			}
			for name, xs := range values {
				c.Values[name] = rangeOf(xs)
			}
			if c.Runs > 0 {
				r.Cells = append(r.Cells, c)
			}
		}
	}
	return r
}

func rangeOf(xs []float64) Range {
	sum := 0.0
	for _, x := range xs {
		sum += x
	}
	return Range{len(xs), sum / float64(len(xs)), slices.Min(xs), slices.Max(xs)}
}

// Write leaves the results beside the plan.
func (r Results) Write(out string) (string, error) {
	for _, o := range r.Runs { // JSON has no word for them
		for name, x := range o.Measures {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				delete(o.Measures, name)
			}
		}
	}
	r = Gather(r.Plan, r.Runs)
	path := filepath.Join(out, "results.json")
	return path, kept.JSON(path, r)
}
