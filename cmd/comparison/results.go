package comparison

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
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
	Measures map[string]float64 `json:"measures"`           // of the last evaluation: loss, accuracy and the task's own
	Rate     float64            `json:"rate"`               // targets a second, the median over the steps
	Workers  int                `json:"workers,omitempty"`  // that trained all of it; Mixed: their number changed; 0: it is not known
	Diverged string             `json:"diverged,omitempty"` // what it said when a step came to no number; it has no measures and no rate
}

// Mixed is in place of a number of workers that changed while the run went on.
const Mixed = -1

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

	// The rates of cells are of runs that so many workers trained, as most were; 0: it is not known how many. So many others are left out
	// of them.
	Workers int `json:"workers,omitempty"`
	Others  int `json:"other_workers,omitempty"`
}

// usualWorkers is how many workers most runs had of which that is known, the first of such numbers; 0: it is of none.
func usualWorkers(runs []Outcome) (usual int) {
	counts := map[int]int{}
	for _, o := range runs {
		if o.Diverged == "" && o.Workers > 0 {
			counts[o.Workers]++
		}
	}
	for _, o := range runs {
		if counts[o.Workers] > counts[usual] {
			usual = o.Workers
		}
	}
	return usual
}

// Gather sums the outcomes of a plan up. Runs that are not there yet are missing.
func Gather(p *Plan, runs []Outcome) Results {
	r := Results{Plan: p, Runs: runs, Workers: usualWorkers(runs)}
	for _, v := range p.Variants {
		for _, share := range p.Shares {
			c := Cell{Variant: v.Name, Share: share, Values: map[string]Range{}}
			values := map[string][]float64{}
			for _, o := range runs {
				if o.Variant != v.Name || o.Share != share {
					continue
				}
				if c.Runs++; o.Diverged != "" {
					continue
				}
				if o.Workers == r.Workers {
					values["rate"] = append(values["rate"], o.Rate)
				} else {
					r.Others++
				}
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

// resultsName is the file of the results.
const resultsName = "results.json"

// ReadResults reads what a comparison that was stopped has come to so far. There are no runs where another plan was followed.
func ReadResults(out string, p *Plan) (Results, error) {
	path, r := filepath.Join(out, resultsName), Results{}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Results{Plan: p}, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err != nil {
		return r, fmt.Errorf("%s: %w; remove the file: what the runs have left makes it anew", path, err)
	}
	if !reflect.DeepEqual(r.Plan, p) {
		return Results{Plan: p}, nil
	}
	return r, nil
}

// Diverged is what a run said when it diverged; empty where that is not known of it.
func (r Results) Diverged(run Run) string {
	for _, o := range r.Runs {
		if o.Variant == run.Variant.Name && o.Share == run.Share && o.Seed == run.Seed {
			return o.Diverged
		}
	}
	return ""
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
	path := filepath.Join(out, resultsName)
	return path, kept.JSON(path, r)
}
