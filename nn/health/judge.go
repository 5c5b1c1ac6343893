package health

import (
	"fmt"
	"math"
)

// Signs are what a layer is judged by. What is not known, or means nothing of the layer, is NaN, or zero where it counts something.
type Signs struct {
	Bad      int64   // values of its weights, gradients or activations that are not finite
	BadFirst bool    // the run ended as this layer was the first to yield NaN or Inf
	BadStep  uint64  // then: the step
	Ratio    float64 // log10 of the norm of its matrices' update by that of the matrices themselves
	Gradient float64 // norm, of all its parameters
	Usual    float64 // median of that norm over the measured steps
	Others   float64 // median of that norm over the layers that learn
	Dead     float64 // share of units behind a rectifier that were zero on every row
	Gate     string  // the gate that is most often open or closed
	Flat     float64 // the share of its values that are
	Early    float64 // gradient in the first quarter of the time steps, mean norm
	Late     float64 // and in the last quarter
}

// Unknown are the signs of a layer of which nothing is known.
func Unknown() Signs {
	nan := math.NaN()
	return Signs{Ratio: nan, Gradient: nan, Usual: nan, Others: nan, Dead: nan, Flat: nan, Early: nan, Late: nan}
}

// Level is how bad a verdict is.
type Level int

// The levels, the worst last.
const (
	Good Level = iota
	Watch
	Bad
)

// String is "good", "watch" or "bad".
func (l Level) String() string { return [...]string{"good", "watch", "bad"}[l] }

// Verdict is a sentence on a layer.
type Verdict struct {
	Rule  string // "dead units"; empty: none applies
	Level Level
	Text  string
}

// Rule recognizes one way in which a layer can fare badly.
type Rule struct {
	Name    string
	Level   Level
	applies func(s *Signs) bool
	text    func(s *Signs) string
}

// Bounds of the rules.
const (
	ratioHigh, ratioLow = -2, -4 // log10; -3 is usual
	apart               = 1e4    // between gradients of layers
	sudden              = 50     // times its own median
	deadMany, deadSome  = 0.5, 0.1
	flatMost            = 0.95
	fades               = 1e3 // between ends of a sequence
)

// Rules are asked in this order, and the first that applies is the verdict. A comparison with NaN is false: what is not known
// speaks against nobody.
var Rules = []Rule{
	{"first not finite", Bad, func(s *Signs) bool { return s.BadFirst },
		func(s *Signs) string {
			return fmt.Sprintf("step %d ended the run here: the first layer that yielded NaN or Inf", s.BadStep)
		}},
	{"not finite", Bad, func(s *Signs) bool { return s.Bad > 0 },
		func(s *Signs) string { return fmt.Sprintf("%d of its values are NaN or Inf", s.Bad) }},
	{"exploding", Bad, func(s *Signs) bool { return s.Gradient > sudden*s.Usual && s.Usual > 0 },
		func(s *Signs) string {
			return fmt.Sprintf("its gradient is %.3g times its usual norm: a lower learning rate or clipping holds it", s.Gradient/s.Usual)
		}},
	{"dead units", Bad, func(s *Signs) bool { return s.Dead >= deadMany },
		func(s *Signs) string {
			return fmt.Sprintf("%.0f %% of its units were zero on every row, and learn nothing: a lower learning rate, or another start", 100*s.Dead)
		}},
	{"vanishing", Watch, func(s *Signs) bool { return s.Gradient*apart < s.Others },
		func(s *Signs) string {
			return fmt.Sprintf("its gradient is %.1e of the other layers': hardly anything reaches it", s.Gradient/s.Others)
		}},
	{"vanishes through time", Watch, func(s *Signs) bool { return s.Early*fades < s.Late },
		func(s *Signs) string {
			return fmt.Sprintf("the gradient at the first time steps is %.1e of that at the last: it learns nothing from so far back", s.Early/s.Late)
		}},
	{"explodes through time", Watch, func(s *Signs) bool { return s.Early > fades*s.Late && s.Late > 0 },
		func(s *Signs) string {
			return fmt.Sprintf("the gradient at the first time steps is %.3g times that at the last: it grows on its way back", s.Early/s.Late)
		}},
	{"saturated gates", Watch, func(s *Signs) bool { return s.Flat >= flatMost },
		func(s *Signs) string {
			return fmt.Sprintf("its %s gate is open or closed in %.0f %% of its values, where it hardly learns", s.Gate, 100*s.Flat)
		}},
	{"update too large", Watch, func(s *Signs) bool { return s.Ratio > ratioHigh },
		func(s *Signs) string {
			return fmt.Sprintf("a step changes its weights by 10^%.1f of their size, where 10^-3 is usual: the learning rate may be too high", s.Ratio)
		}},
	{"update too small", Watch, func(s *Signs) bool { return s.Ratio < ratioLow },
		func(s *Signs) string {
			return fmt.Sprintf("a step changes its weights by 10^%.1f of their size, where 10^-3 is usual: it hardly learns at this rate", s.Ratio)
		}},
	{"some dead units", Watch, func(s *Signs) bool { return s.Dead >= deadSome },
		func(s *Signs) string {
			return fmt.Sprintf("%.0f %% of its units were zero on every row of the step", 100*s.Dead)
		}},
}

// Judge is the verdict on a layer.
func Judge(s Signs) Verdict {
	for _, r := range Rules {
		if r.applies(&s) {
			return Verdict{r.Name, r.Level, r.text(&s)}
		}
	}
	if !math.IsNaN(s.Ratio) {
		return Verdict{Text: fmt.Sprintf("well: a step changes its weights by 10^%.1f of their size", s.Ratio)}
	}
	return Verdict{Text: "nothing speaks against it"}
}

// Ratio is log10 of the norm of an update by that of what it updates; NaN where either is zero.
func Ratio(update, weight float64) float64 {
	if update <= 0 || weight <= 0 {
		return math.NaN()
	}
	return math.Log10(update / weight)
}
