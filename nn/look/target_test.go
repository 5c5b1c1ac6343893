package look

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestTargets(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"line", "ab\ncde\n", "0101230"}, // the newline begins a line's count
		{"quotes", `a "bc" d"`, "001110000"},
		{"quotes", "\"a\nb\" \"c\"", "000011000"},
		{"brackets", "a(b[c]d)e)f(", "011221100001"},
		{"[0-9]+", "a12b3", "01101"},
	} {
		target, err := NewTarget([]byte(c.text), c.name)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := ""
		for _, v := range target.Values {
			got += fmt.Sprint(v)
		}
		if got != c.want {
			t.Errorf("%s of %q: %s, want %s", c.name, c.text, got, c.want)
		}
	}
	for name, want := range map[string]string{"": "an empty target", "(": "missing closing )", "x": "is the same at all 3 characters", "[abc]": "is the same"} {
		if _, err := NewTarget([]byte("abc"), name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", name, err, want)
		}
	}
}

// TestFollow: cells that are the target, its opposite and something else are told apart, and each F1 is the best of all
// thresholds.
func TestFollow(t *testing.T) {
	text := []byte(strings.Repeat(`say "well" or (not) `, 20))
	target, err := NewTarget(text, "quotes")
	if err != nil {
		t.Fatal(err)
	}
	c := Cells{Name: "c", Width: 5}
	for i, y := range target.Values {
		noise := float32(math.Sin(float64(i * i)))
		c.Values = append(c.Values, []float32{noise, float32(y) + 0.4*noise, 0.5, float32(-y) / 2, float32(y) + 3*noise})
	}
	list, err := c.Follow(target, 5)
	if err != nil {
		t.Fatal(err)
	}
	if list[0].Cell != 3 || math.Abs(list[0].Correlation+1) > 1e-6 || list[0].F1 != 1 || list[1].Cell != 1 || list[4].Cell != 2 || list[4].Correlation != 0 {
		t.Errorf("%+v", list)
	}
	for _, f := range list {
		track, _ := c.Cell(f.Cell)
		best := 0.0
		for _, threshold := range track {
			hits, taken, inside := 0.0, 0.0, 0.0
			for i, v := range track {
				is := v >= threshold
				if f.Correlation < 0 {
					is = v <= threshold
				}
				if is {
					taken++
				}
				if target.Values[i] > 0 {
					inside++
					if is {
						hits++
					}
				}
			}
			best = max(best, 2*hits/(taken+inside))
		}
		if math.Abs(best-f.F1) > 1e-12 {
			t.Errorf("cell %d: F1 %v, the best of all thresholds is %v", f.Cell, f.F1, best)
		}
	}
	if _, err := c.Follow(Target{Values: make([]float64, 3)}, 1); err == nil {
		t.Error("followed a target of another text")
	}
}

func TestMoves(t *testing.T) {
	c := Cells{Name: "c", Width: 2, Values: [][]float32{{1, 0}, {0.5, 0}, {-1, 0}, {-1, 3}}}
	got, err := c.Moves(0, 2)
	if want := []Move{{2, 0.5, -1}, {0, 0, 1}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	if _, err := c.Moves(2, 1); err == nil || err.Error() != "cell 2: c has 2, from 0 on" {
		t.Error(err)
	}
}
