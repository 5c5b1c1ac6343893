package history

import (
	"math"
	"slices"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// stepColumns are what the history of a run has of each step.
var stepColumns = []string{"loss", "norm", "lr", "rate", "compute", "ring", "wait", "data"}

// StepColumns are the names of what OfStep has: the loss in nats per target, the
// norm of the gradient before clipping, the learning rate, targets a second, and
// where the seconds of the step went.
func StepColumns() []string { return slices.Clone(stepColumns) }

// OfStep is the point of an applied step.
func OfStep(r *api.StepReport) []float32 {
	rate := 0.0
	if r.TotalNs > 0 {
		rate = float64(r.Targets) / (float64(r.TotalNs) / 1e9)
	}
	values := make([]float32, 0, len(stepColumns))
	for _, v := range [...]float64{r.Loss, r.GradientNorm, r.Lr, rate} {
		values = append(values, Value(v))
	}
	for _, ns := range [...]int64{r.ComputeNs, r.RingNs, r.WaitNs, r.DataNs} {
		values = append(values, Value(float64(ns)/1e9))
	}
	return values
}

// NotFinite is the point of a step that was not applied, as it came out not
// finite. Nothing else is known of it.
func NotFinite() []float32 {
	values := make([]float32, len(stepColumns))
	for i := range values {
		values[i] = None()
	}
	values[0], values[1] = Value(math.NaN()), Value(math.NaN())
	return values
}

// Note is what a run writes into its history beside the points.
type Note struct {
	Run        *api.Run        `json:"run,omitempty"`
	Evaluation *api.Evaluation `json:"evaluation,omitempty"`
	Spoiled    *Spoiled        `json:"spoiled,omitempty"`
}

// Spoiled is the first layer, or parameter, that was not finite.
type Spoiled struct {
	Step  uint64 `json:"step"`
	Where string `json:"where"`
}

// OfEvaluation is a worker's report of an evaluation as people are shown it.
func OfEvaluation(r *api.Evaluated) api.Evaluation {
	e := api.Evaluation{Step: r.Step, Loss: api.Number(r.Loss), BitsPerChar: api.Number(r.Loss / math.Ln2), Seconds: float64(r.TotalNs) / 1e9, Outcome: len(r.Outcome) > 0}
	for _, f := range r.Figures {
		e.Measures = append(e.Measures, api.Measure{Name: f.Name, Value: api.Number(f.Value), Unit: f.Unit})
		if f.Name == "accuracy" && 0 <= f.Value && f.Value <= 1 {
			e.Accuracy = f.Value
		}
	}
	return e
}
