package history

import "math"

// cell is what a bucket knows of a column.
type cell struct {
	min, max, last float32 // min and max of the finite values; last of all
	good, bad      uint32  // how many values are finite, and how many are not
	sum            float64 // of the finite ones
}

// add takes in the value of the next step.
func (c *cell) add(v float32) {
	switch {
	case IsNone(v):
		return
	case !finite(v):
		c.bad++
	case c.good == 0:
		c.min, c.max, c.sum, c.good = v, v, float64(v), 1
	default:
		c.min, c.max = min(c.min, v), max(c.max, v)
		c.sum += float64(v)
		c.good++
	}
	c.last = v
}

// merge takes in a bucket of later steps.
func (c *cell) merge(o *cell) {
	if o.good+o.bad == 0 {
		return
	}
	switch {
	case c.good == 0:
		c.min, c.max = o.min, o.max
	case o.good > 0:
		c.min, c.max = min(c.min, o.min), max(c.max, o.max)
	}
	c.sum += o.sum
	c.good += o.good
	c.bad += o.bad
	c.last = o.last
}

// shown is what is said of a column without a finite value.
func (c *cell) shown() (least, most, mean, last float32) {
	nan := float32(math.NaN())
	if c.good+c.bad == 0 {
		return nan, nan, nan, nan
	}
	if c.good == 0 {
		return nan, nan, nan, c.last
	}
	return c.min, c.max, float32(c.sum / float64(c.good)), c.last
}
