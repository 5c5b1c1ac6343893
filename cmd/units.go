package cmd

import (
	"fmt"
	"strconv"
	"strings"
)

// unit is a way to write a quantity: a number, then suffix, with nothing between.
type unit struct {
	suffix string
	factor float64
}

// The units of `rondo bench`. None is the end of another but for the shorter one that comes later.
var (
	bitUnits      = []unit{{"Gbit", 1e9}, {"Mbit", 1e6}} // a second
	durationUnits = []unit{{"us", 1e-6}, {"µs", 1e-6}, {"ms", 1e-3}, {"ns", 1e-9}}
	priceUnits    = []unit{{"/h", 1}}
)

// quantity reads a number with one of the units, within [low, high] in the unit whose factor is 1. The number
// is digits with or without a fraction: no sign, no exponent, no blank.
func quantity(text string, units []unit, low, high float64) (float64, bool) {
	for _, u := range units {
		number, ok := strings.CutSuffix(text, u.suffix)
		if !ok {
			continue
		}
		if strings.Trim(number, "0123456789.") != "" || strings.HasPrefix(number, ".") || strings.HasSuffix(number, ".") {
			return 0, false
		}
		x, err := strconv.ParseFloat(number, 64)
		x *= u.factor
		return x, err == nil && low <= x && x <= high
	}
	return 0, false
}

// quantityFlag is a flag's value as a quantity, or the error that says what is allowed.
func quantityFlag(flag, text string, units []unit, low, high float64, allowed string) (float64, error) {
	x, ok := quantity(text, units, low, high)
	if !ok {
		return 0, fmt.Errorf("--%s %q: %s", flag, text, allowed)
	}
	return x, nil
}
