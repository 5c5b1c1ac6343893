package projection

import (
	"slices"

	"github.com/rondo-ml/rondo/tensor"
)

// Trustworthiness says whether those that lie together in a layout lie together in all dimensions (Venna and Kaski 2001):
//
//	1 - 2/(n·k·(2n-3k-1)) · sum over i, and over j among the k nearest of i in the layout alone, of (rank(i, j) - k)
//
// where rank(i, j) is 1 for the nearest of i in x. 1 is the best. k must be less than n/2. It looks at so many points,
// evenly spread, or at all for 0.
func Trustworthiness(pool *tensor.Pool, x, flat tensor.Matrix, k, sample int) float64 {
	n := same(x, flat)
	if k < 1 || 2*k >= n {
		panic("projection: trustworthiness of less than one neighbour, or of half the points or more")
	}
	y, rows := ready(x, Euclidean), spread(n, sample)
	lost := make([]float64, len(rows))
	pool.For(len(rows), 1, func(lo, hi int) {
		far := make([]near, n)
		for r := lo; r < hi; r++ {
			i := rows[r]
			for j := range n {
				far[j] = near{between(y.Row(i), y.Row(j), Euclidean), int32(j)}
			}
			index, _ := NearestOf(flat, i, k, Euclidean)
			for _, j := range index {
				lost[r] += float64(max(0, rankOf(far, i, int(j))-k))
			}
		}
	})
	sum := 0.0
	for _, l := range lost {
		sum += l
	}
	most := float64(len(rows)) * float64(k) * float64(2*n-3*k-1)
	return 1 - 2*sum/most
}

// rankOf is the place of j among the others of i, from 1 on.
func rankOf(far []near, i, j int) int {
	rank := 1
	for l, d := range far {
		if l != i && nearer(d, far[j]) < 0 {
			rank++
		}
	}
	return rank
}

// Preservation is the share of the k nearest in all dimensions that are among the k nearest in the layout.
func Preservation(pool *tensor.Pool, high *Graph, flat tensor.Matrix) float64 {
	if high.Len() != flat.Rows || high.K < 1 {
		panic("projection: a graph of other points than the layout's")
	}
	low, kept := Nearest(pool, flat, high.K, Euclidean), 0
	in := make([]int, flat.Rows) // 1 + the last point of which this is a neighbour
	for i := range flat.Rows {
		a, _ := high.Row(i)
		b, _ := low.Row(i)
		for _, j := range a {
			in[j] = i + 1
		}
		for _, j := range b {
			if in[j] == i+1 {
				kept++
			}
		}
	}
	return float64(kept) / float64(len(high.Index))
}

// PreservationOf is the same of so many points, evenly spread, or of all for 0: it costs less than a graph of many points.
func PreservationOf(pool *tensor.Pool, x, flat tensor.Matrix, k, sample int) float64 {
	rows := spread(same(x, flat), sample)
	kept := make([]int, len(rows))
	pool.For(len(rows), 1, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			high, _ := NearestOf(x, rows[r], k, Euclidean)
			low, _ := NearestOf(flat, rows[r], k, Euclidean)
			for _, j := range high {
				if slices.Contains(low, j) {
					kept[r]++
				}
			}
		}
	})
	sum := 0
	for _, n := range kept {
		sum += n
	}
	return float64(sum) / float64(max(1, len(rows)*min(k, x.Rows-1)))
}

func same(x, flat tensor.Matrix) int {
	if x.Rows != flat.Rows {
		panic("projection: a layout of another number of points")
	}
	return x.Rows
}

// spread returns so many of n rows, evenly spread; all for 0.
func spread(n, sample int) (rows []int) {
	if sample <= 0 || sample > n {
		sample = n
	}
	for i := range sample {
		rows = append(rows, i*n/sample)
	}
	return rows
}
