package probe

import (
	"math"
	"slices"

	"github.com/rondo-ml/rondo/tensor"
)

// Rule tells the classes apart by one unit: a text is positive where the unit is above the threshold, or below it if
// the sign is -1.
type Rule struct {
	Unit      int     `json:"unit"`
	Sign      int     `json:"sign"`
	Threshold float64 `json:"threshold"`
	Accuracy  float64 `json:"accuracy"` // on the texts that it was chosen on
}

// On is the share of a set that the rule is right about.
func (r Rule) On(x tensor.Matrix, positive []bool) float64 {
	right := 0
	for i, p := range positive {
		if (float64(r.Sign)*(float64(x.Row(i)[r.Unit])-r.Threshold) > 0) == p {
			right++
		}
	}
	return float64(right) / float64(max(len(positive), 1))
}

// Rules is the best rule of each unit: of all thresholds between two values that differ, and both signs, the one that
// is right most often; of equal ones, the lowest threshold and the sign 1.
func Rules(pool *tensor.Pool, x tensor.Matrix, positive []bool) []Rule {
	rules := make([]Rule, x.Cols)
	pool.For(x.Cols, 1, func(lo, hi int) {
		keys := make([]uint64, x.Rows)
		for j := lo; j < hi; j++ {
			for i := range keys {
				keys[i] = sortable(x.Row(i)[j]) << 1
				if positive[i] {
					keys[i] |= 1
				}
			}
			slices.Sort(keys)
			rules[j] = ruleOf(keys)
			rules[j].Unit = j
		}
	})
	return rules
}

// sortable is a number whose order is that of finite values. Both zeros are one.
func sortable(v float32) uint64 {
	b := math.Float32bits(v + 0)
	if b>>31 != 0 {
		return uint64(^b)
	}
	return uint64(b | 1<<31)
}

func valueOf(key uint64) float64 {
	b := uint32(key >> 1)
	if b>>31 != 0 {
		return float64(math.Float32frombits(b &^ (1 << 31)))
	}
	return float64(math.Float32frombits(^b))
}

// ruleOf finds the rule of a unit whose values are sorted, the lowest bit of each the label.
func ruleOf(keys []uint64) Rule {
	n, all := len(keys), 0
	for _, k := range keys {
		all += int(k & 1)
	}
	best, r := -1, Rule{}
	below := 0 // positive ones among the first i
	for i := 0; i < n; i++ {
		if i == 0 || keys[i]>>1 != keys[i-1]>>1 {
			right := (i - below) + (all - below) // negative ones below, positive ones above
			at := valueOf(keys[i]) - 1
			if i > 0 {
				at = (valueOf(keys[i-1]) + valueOf(keys[i])) / 2
			}
			for _, sign := range []int{1, -1} {
				if right > best {
					best, r = right, Rule{Sign: sign, Threshold: at}
				}
				right = n - right
			}
		}
		below += int(keys[i] & 1)
	}
	r.Accuracy = float64(best) / float64(max(n, 1))
	return r
}

// Histogram counts how many texts of each class have a unit's values in bins of equal width.
type Histogram struct {
	Low      float64 `json:"low"`  // where the first bin begins
	High     float64 `json:"high"` // where the last one ends
	Negative []int   `json:"negative"`
	Positive []int   `json:"positive"`
}

// HistogramOf counts a unit's values.
func HistogramOf(x tensor.Matrix, positive []bool, unit, bins int) Histogram {
	h := Histogram{Negative: make([]int, bins), Positive: make([]int, bins)}
	for i := range x.Rows {
		v := float64(x.Row(i)[unit])
		if i == 0 || v < h.Low {
			h.Low = v
		}
		if i == 0 || v > h.High {
			h.High = v
		}
	}
	for i := range x.Rows {
		at := 0
		if h.High > h.Low {
			at = min(bins-1, int((float64(x.Row(i)[unit])-h.Low)/(h.High-h.Low)*float64(bins)))
		}
		if positive[i] {
			h.Positive[at]++
		} else {
			h.Negative[at]++
		}
	}
	return h
}
