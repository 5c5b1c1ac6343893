package worker

// laneRange is a run of lanes [first, end).
type laneRange struct{ first, end int }

func (r laneRange) count() int { return r.end - r.first }

// split cuts r into n nearly equal parts, or fewer when there are fewer lanes.
func (r laneRange) split(n int) []laneRange {
	n = min(n, r.count())
	parts := make([]laneRange, n)
	for i := range parts {
		parts[i] = laneRange{r.first + i*r.count()/n, r.first + (i+1)*r.count()/n}
	}
	return parts
}
