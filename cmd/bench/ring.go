package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/tensor/ceiling"
)

// Ring is what a ring of local processes reached.
type Ring struct {
	Workers   int        `json:"workers"`
	Transport string     `json:"transport"` // "unix": sockets and what they hand over; "tcp": TLS over loopback
	Sizes     []RingSize `json:"sizes"`
}

// RingSize is the all-reduce of a bucket of one size.
type RingSize struct {
	Bytes  int     `json:"bytes"`
	Micros float64 `json:"micros"`      // median of an all-reduce, microseconds
	Bus    float64 `json:"bus_gbytes"`  // bus bandwidth, GB/s: bytes/time * 2(n-1)/n
	Sent   int64   `json:"sent_bytes"`  // by one worker in one all-reduce
	CPU    float64 `json:"cpu_seconds"` // processor time of one worker in one all-reduce
}

// Member is one process of the ring.
type Member struct {
	Self, Workers int
	Sizes         []int         // bytes, multiples of 4
	Budget        time.Duration // for each size
	Burst         int           // buckets summed at once; 0 is 1. Figures are those of one of them
	Next, Prev    allreduce.Link
}

// Tags of the calls in which the members agree on what comes next.
const (
	tagRounds uint32 = 1 << 31
	tagReady  uint32 = 1<<31 + 1
)

// Run sums buckets of each size, one after another, for about the budget each, and returns what it saw. Every
// member returns figures of its own; they differ little, since none can be ahead by more than one bucket.
// The sum is looked at: a ring that adds wrongly is an error.
func (m Member) Run(ctx context.Context) ([]RingSize, error) {
	view, err := allreduce.EvenView(1, m.Workers, m.Workers)
	if err != nil {
		return nil, err
	}
	group, err := allreduce.NewGroup(view, m.Self, m.Next, m.Prev)
	if err != nil {
		return nil, err
	}
	defer group.Close()
	defer context.AfterFunc(ctx, func() { group.Close() })()
	r := &ringRun{Member: m, group: group}
	var all []RingSize
	for _, size := range m.Sizes {
		s, err := r.measure(size)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// ringRun is a member at work.
type ringRun struct {
	Member
	group *allreduce.Group
	step  uint64
}

// measure sums buckets of one size. Member 0 says how many come next, until its budget is spent.
func (r *ringRun) measure(size int) (RingSize, error) {
	lane, out := make([]float32, size/4), make([][]float32, max(1, r.Burst))
	for i := range lane {
		lane[i] = float32(r.Self + i%5)
	}
	for i := range out {
		out[i] = make([]float32, size/4)
	}
	if err := r.sums(2, lane, out, nil); err != nil { // makes what is made once
		return RingSize{}, err
	}
	for _, sum := range out {
		if err := r.check(sum); err != nil {
			return RingSize{}, err
		}
	}
	var took []time.Duration
	sent, cpu := r.group.Stats().BytesSent, cpuTime()
	for began, n := ceiling.WallTime(), 2; ; {
		spent := ceiling.WallTime() - began
		if spent >= r.Budget {
			n = 0
		} else if len(took) > 0 { // as many as a quarter of the budget has room for
			each := max(spent/time.Duration(len(took)), time.Microsecond)
			n = max(1, min(int(r.Budget/4/each), 1<<16))
		}
		n, err := r.agree(n)
		if err != nil {
			return RingSize{}, err
		}
		if n == 0 {
			break
		}
		if err := r.sums(n, lane, out, &took); err != nil {
			return RingSize{}, err
		}
	}
	slices.Sort(took)
	median, n := float64(took[len(took)/2])/float64(len(out)), len(took)*len(out)
	return RingSize{
		Bytes: size, Micros: median / 1e3,
		Bus:  float64(size) / median * 2 * float64(r.Workers-1) / float64(r.Workers),
		Sent: (r.group.Stats().BytesSent - sent) / int64(n),
		CPU:  (cpuTime() - cpu).Seconds() / float64(n),
	}, nil
}

// sums adds n bursts of buckets, each when the one before is whole.
func (r *ringRun) sums(n int, lane []float32, out [][]float32, took *[]time.Duration) error {
	lanes := [][]float32{lane}
	pending := make([]*allreduce.Pending, len(out))
	for range n {
		r.step++
		began := ceiling.WallTime()
		for i := range out {
			var err error
			if pending[i], err = r.group.AllReduce(r.step, uint32(i), lanes, out[i]); err != nil {
				return err
			}
		}
		for _, p := range pending {
			if err := p.Wait(); err != nil {
				return err
			}
		}
		if took != nil {
			*took = append(*took, ceiling.WallTime()-began)
		}
	}
	return nil
}

// agree brings member 0's number to all.
func (r *ringRun) agree(n int) (int, error) {
	r.step++
	all := make([][]float64, r.Workers)
	for i := range all {
		all[i] = make([]float64, 1)
	}
	err := r.group.Gather(r.step, tagRounds, [][]float64{{float64(n)}}, all)
	if err == nil {
		err = r.group.Barrier(r.step, tagReady)
	}
	return int(all[0][0]), err
}

// check compares a sum with what it must be.
func (r *ringRun) check(out []float32) error {
	n := r.Workers
	for i, got := range out {
		if want := float32(n*(n-1)/2 + n*(i%5)); got != want {
			return fmt.Errorf("the ring's sum of %d workers is %v at %d, not %v", n, got, i, want)
		}
	}
	return nil
}
