package nn

import (
	"errors"
	"fmt"
	"math"
)

// normSync is a batch norm's part in the statistics of the whole batch.
type normSync struct {
	*syncNorms
	tape           *Tape
	name           string
	cols           int
	site           uint32      // of the moments; that of the sums is the next
	own, all       [][]float64 // by lane: two numbers for each channel, and perhaps more
	under          Gathering
	mean, variance []float32 // [channels] as they were folded last
	sum, square    []float64 // [channels] scratch
}

// join adds a batch norm of so many channels, of which a lane tells more numbers besides, behind those of begin.
func (s *syncNorms) join(t *Tape, name string, cols, more int) *normSync {
	width := 2*cols + more
	vectors := func(n int) [][]float64 {
		all, block := make([][]float64, n), make([]float64, n*width)
		for i := range all {
			all[i] = block[i*width:][:width:width]
		}
		return all
	}
	n := &normSync{syncNorms: s, tape: t, name: name, cols: cols, site: s.sites, own: vectors(t.Shape.Lanes),
		mean: make([]float32, cols), variance: make([]float32, cols), sum: make([]float64, cols), square: make([]float64, cols)}
	if n.all = n.own; s.gatherer != nil {
		n.all = vectors(s.lanes)
	}
	s.sites += 2
	return n
}

// rows is the number of the batch's rows, where a lane has so many.
func (s *syncNorms) rows(lane int) int { return s.lanes * lane }

// begin brings two numbers of each channel, of each lane of the tape, on their way.
func (n *normSync) begin(site uint32, first, second func(lane int) []float32) {
	if n.tape.failed != nil {
		return
	}
	for l, v := range n.own {
		for j, x := range first(l) {
			v[j] = float64(x)
		}
		for j, x := range second(l) {
			v[n.cols+j] = float64(x)
		}
	}
	if n.under = nil; n.gatherer == nil {
		if len(n.own) != n.lanes {
			n.fail(errors.New("the tape has not all lanes of the batch, and nobody gathers those of the others"))
		}
		return
	}
	under, err := n.gatherer.Gather(site, n.own, n.all)
	if n.under = under; err != nil {
		n.fail(err)
	}
}

// end waits for what all lanes have, and says whether it is there.
func (n *normSync) end() bool {
	if n.tape.failed == nil && n.under != nil {
		if err := n.under.Wait(); err != nil {
			n.fail(err)
		}
		n.under = nil
	}
	return n.tape.failed == nil
}

func (n *normSync) fail(err error) { n.tape.failed = fmt.Errorf("%s: %w", n.name, err) }

// foldMoments makes of the moments of all lanes those of the batch. Lanes count by their rows, where each brings how many behind its
// moments, and else alike. It returns the sum of the counts.
func (n *normSync) foldMoments() (all float64) {
	clear(n.sum)
	clear(n.square)
	for l, v := range n.all {
		count, finite := n.count(v), 0.0
		all += count
		for j, mean := range v[:n.cols] {
			n.sum[j] += float64(count * mean)
			finite += 0 * v[n.cols+j] // the variance is not finite where the mean is not
		}
		if math.IsNaN(finite) && n.odd < 0 {
			n.odd = l
		}
	}
	for j := range n.sum {
		n.sum[j] /= max(all, 1)
	}
	for _, v := range n.all {
		count := n.count(v)
		for j, mean := range v[:n.cols] {
			d := mean - n.sum[j]
			n.square[j] += float64(count * (v[n.cols+j] + float64(d*d)))
		}
	}
	for j, mean := range n.sum {
		n.mean[j], n.variance[j] = float32(mean), float32(n.square[j]/max(all, 1))
	}
	return all
}

// count is how much a lane counts.
func (n *normSync) count(lane []float64) float64 {
	if len(lane) > 2*n.cols {
		return lane[2*n.cols]
	}
	return 1
}

// foldSums adds the sums of all lanes up in u and v.
func (n *normSync) foldSums(u, v []float32) {
	clear(n.sum)
	clear(n.square)
	for _, sums := range n.all {
		for j, x := range sums[:n.cols] {
			n.sum[j] += x
		}
		for j, x := range sums[n.cols : 2*n.cols] {
			n.square[j] += x
		}
	}
	for j := range u {
		u[j], v[j] = float32(n.sum[j]), float32(n.square[j])
	}
}

// gatherMoments begins to bring the lanes' moments together, as soon as they are
// measured. Without sync it does nothing.
func (o *batchNorm) gatherMoments() {
	if o.sync == nil || o.sync.again {
		return
	}
	o.joinMoments()
	o.sync.begin(o.sync.site, o.small(o.mean).Row, o.small(o.variance).Row)
}

// takeMoments sets the moments to those of the batch, and says whether they are there.
func (o *batchNorm) takeMoments() bool {
	if !o.sync.again {
		if !o.sync.end() {
			return false
		}
		o.sync.foldMoments()
	}
	copy(o.mean.Data, o.sync.mean)
	copy(o.variance.Data, o.sync.variance)
	o.spread(o.mean)
	o.spread(o.variance)
	return true
}

// gatherSums does the same for the sums of Backward: what follows them in an
// operation that forms them goes on beside.
func (o *batchNorm) gatherSums() {
	if o.sync == nil {
		return
	}
	o.joinSums()
	o.sync.begin(o.sync.site+1, o.small(o.u).Row, o.small(o.v).Row)
}

// takeSums makes of the sums of all lanes what BatchNormBack reads.
func (o *batchNorm) takeSums() bool {
	if !o.sync.end() {
		return false
	}
	o.sync.foldSums(o.small(o.u).Row(0), o.small(o.v).Row(0))
	o.passOn(0, o.sync.rows(o.x.Rows/o.lanes))
	o.spread(o.u)
	o.spread(o.v)
	return true
}
