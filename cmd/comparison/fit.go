package comparison

import (
	"fmt"
	"math"
)

// Fit returns the whole number from 1 on for which count is nearest to want. count must not fall as its argument
// grows, as the parameters of a model in its units.
func Fit(want int, count func(n int) (int, error)) (int, error) {
	low, high := 1, 1
	least, err := count(1)
	if err != nil {
		return 0, err
	}
	if !moves(least, count) {
		return 0, fmt.Errorf("it does not change how many there are: %d, and %d parameters are wanted; fit a field of the model's size", least, want)
	}
	if least >= want {
		return 1, nil
	}
	for {
		const most = 1 << 20
		if high *= 2; high > most {
			return 0, fmt.Errorf("no value up to %d has as many as %d parameters", most, want)
		}
		c, err := count(high)
		if err != nil {
			return 0, err
		}
		if c >= want {
			break
		}
		low = high
	}
	for low+1 < high {
		mid := (low + high) / 2
		c, err := count(mid)
		if err != nil {
			return 0, err
		}
		if c < want {
			low = mid
		} else {
			high = mid
		}
	}
	below, err := count(low)
	if err != nil {
		return 0, err
	}
	above, err := count(high)
	if err != nil {
		return 0, err
	}
	if want-below <= above-want {
		return low, nil
	}
	return high, nil
}

// moves says whether a count that is least at 1 grows. A value that is not allowed tells nothing.
func moves(least int, count func(n int) (int, error)) bool {
	for _, n := range []int{2, 8, 64} {
		if c, err := count(n); err == nil && c != least {
			return true
		}
	}
	return false
}

// EqualTime sets the steps of all variants but the first such that each takes as long as the first, by the measured
// times of their steps.
func EqualTime(variants []Variant) {
	total := variants[0].Seconds * float64(variants[0].Steps)
	for i := range variants[1:] {
		v := &variants[i+1]
		v.Steps = max(1, int(math.Round(total/v.Seconds)))
	}
}
