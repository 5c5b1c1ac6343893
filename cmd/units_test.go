package cmd

import (
	"math"
	"strings"
	"testing"
)

func TestQuantity(t *testing.T) {
	for _, c := range []struct {
		text  string
		units []unit
		want  float64
		ok    bool
	}{
		{"10Gbit", bitUnits, 10e9, true},
		{"0.94Gbit", bitUnits, 0.94e9, true},
		{"940Mbit", bitUnits, 940e6, true},
		{"50us", durationUnits, 50e-6, true},
		{"50µs", durationUnits, 50e-6, true},
		{"1.4ns", durationUnits, 1.4e-9, true},
		{"0.2ms", durationUnits, 0.2e-3, true},
		{"0.40/h", priceUnits, 0.4, true},
		{"10", bitUnits, 0, false},
		{"Gbit", bitUnits, 0, false},
		{"10 Gbit", bitUnits, 0, false},
		{"10gbit", bitUnits, 0, false},
		{"10Gbit ", bitUnits, 0, false},
		{"-10Gbit", bitUnits, 0, false},
		{"+10Gbit", bitUnits, 0, false},
		{"1e1Gbit", bitUnits, 0, false},
		{".5Gbit", bitUnits, 0, false},
		{"5.Gbit", bitUnits, 0, false},
		{"1.2.3Gbit", bitUnits, 0, false},
		{"infGbit", bitUnits, 0, false},
		{"0x1Gbit", bitUnits, 0, false},
		{"1_0Gbit", bitUnits, 0, false},
		{"50s", durationUnits, 0, false},
		{"50", durationUnits, 0, false},
		{"0.40", priceUnits, 0, false},
		{"0Gbit", bitUnits, 0, false},
	} {
		got, ok := quantity(c.text, c.units, 1e-9, 1e15)
		if ok != c.ok || (ok && math.Abs(got/c.want-1) > 1e-12) {
			t.Errorf("%q: %v, %v; want %v, %v", c.text, got, ok, c.want, c.ok)
		}
	}
}

// FuzzQuantity: whatever is taken lies within the bounds and is written as a plain number and a unit.
func FuzzQuantity(f *testing.F) {
	for _, s := range []string{"10Gbit", "1.5Mbit", "50us", "0.2ms", "0.40/h", "1e9Gbit", "..Gbit", "99999999999999999999999Gbit"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, units := range [][]unit{bitUnits, durationUnits, priceUnits} {
			x, ok := quantity(text, units, 1e-6, 1e13)
			if !ok {
				continue
			}
			if !(x >= 1e-6 && x <= 1e13) {
				t.Errorf("%q is taken for %v", text, x)
			}
			number := strings.TrimRight(text, "Gbitmsuµ/hM")
			if number == "" || number == text || strings.Trim(number, "0123456789.") != "" || strings.Count(number, ".") > 1 {
				t.Errorf("%q is taken", text)
			}
		}
	})
}
