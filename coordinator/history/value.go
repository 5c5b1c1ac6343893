package history

import (
	"math"
	"strconv"
)

// noneBits is the NaN that stands for no value: arithmetic makes no such one.
const noneBits = 0x7fc0a5a5

// None is the value of a column that has none at a step.
func None() float32 { return math.Float32frombits(noneBits) }

// Value is a measured number as a point has it. All NaNs become one, so that
// none is taken for None.
func Value(v float64) float32 {
	if math.IsNaN(v) {
		return float32(math.NaN())
	}
	return float32(v)
}

// IsNone says whether a value is None.
func IsNone(v float32) bool { return math.Float32bits(v) == noneBits }

func finite(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }

// Values are numbers for JSON, which has no word for those that are not finite
// and says null.
type Values []float32

// MarshalJSON writes each number with the digits that tell it from all others.
func (v Values) MarshalJSON() ([]byte, error) {
	text := make([]byte, 0, 2+12*len(v))
	text = append(text, '[')
	for i, x := range v {
		if i > 0 {
			text = append(text, ',')
		}
		if finite(x) {
			text = strconv.AppendFloat(text, float64(x), 'g', -1, 32)
		} else {
			text = append(text, "null"...)
		}
	}
	return append(text, ']'), nil
}

// Seconds are times for JSON, to the millisecond.
type Seconds []float64

// MarshalJSON writes the times; one that is not finite is null.
func (s Seconds) MarshalJSON() ([]byte, error) {
	text := make([]byte, 0, 2+10*len(s))
	text = append(text, '[')
	for i, x := range s {
		if i > 0 {
			text = append(text, ',')
		}
		if x = math.Round(x*1000) / 1000; math.IsNaN(x) || math.IsInf(x, 0) {
			text = append(text, "null"...)
		} else {
			text = strconv.AppendFloat(text, x, 'f', -1, 64)
		}
	}
	return append(text, ']'), nil
}
