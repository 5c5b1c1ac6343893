package draw

import "math"

// mostNames is how many points' names are tried at most: of many more there is room for few.
const mostNames = 2000

// writeNames writes the names of points of clouds beside them, as many as there is room for: the first of each cloud, then the second.
func (c *Chart) writeNames(s *Scene, x, y axis) {
	var taken []rectangle
	tried, longest := 0, 0
	for _, series := range c.Series {
		longest = max(longest, len(series.Names))
	}
	for k := range longest {
		for i := range c.Series {
			series := &c.Series[i]
			if k >= min(len(series.Names), len(series.X), len(series.Y)) || tried == mostNames {
				continue
			}
			at := Point{x.at(series.X[k]), y.at(series.Y[k])}
			if series.Names[k] == "" || math.IsNaN(at.X) || math.IsNaN(at.Y) {
				continue
			}
			tried++
			if place, ok := label(series.Names[k], at, s, taken); ok {
				taken = append(taken, place)
				s.Text(Point{place.left, place.top + 10}, series.Names[k], Start, Ink)
			}
		}
	}
}
