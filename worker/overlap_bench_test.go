package worker

import (
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// lineLink is a link over a line of so many bytes a second; 0 is no limit.
type lineLink struct {
	allreduce.Link
	rate *float64
	free time.Time // when the line has sent all it was given
}

// lineSlack is how late a timer may be without loss of bandwidth.
const lineSlack = 2 * time.Millisecond

func (l *lineLink) Send(f *allreduce.Frame) error {
	if *l.rate > 0 {
		if now := time.Now().Add(-lineSlack); l.free.Before(now) {
			l.free = now
		}
		l.free = l.free.Add(time.Duration(float64(len(f.Payload)) / *l.rate * 1e9))
		time.Sleep(time.Until(l.free))
	}
	return l.Link.Send(f)
}

// BenchmarkOverlap trains with two workers of one thread each, over a line on
// which the ring alone takes as long as backward (two thirds of what is
// computed). It reports how much of the ring's time passed beside backward.
func BenchmarkOverlap(b *testing.B) {
	for _, c := range []struct {
		name string
		sets []string
	}{
		{"resnet18", []string{"model.classes=1000", "model.image=64", "batch.global=32", "batch.lanes=2", "optimizer.clip=0", "data.train=generated:train?count=1024"}},
		{"lstm-512x64-3layers", []string{"model.cell=lstm", "model.hidden=512", "model.embed=64", "model.layers=3", "model.dropout=0",
			"batch.global=64", "batch.length=64", "batch.lanes=2", "data.valid="}},
	} {
		b.Run(c.name, func(b *testing.B) {
			f := smallFile
			if c.name == "resnet18" {
				f = func(t testing.TB, sets ...string) *runfile.File { return imageFile(t, "resnet18", sets...) }
			}
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4)) // as two processes would have, each one more than it computes on
			o := newOverlap(b, f(b, c.sets...))
			o.steps(b) // touches all memory
			took := o.steps(b)
			o.rate = float64(4*o.trainers[0].params.Size()) / (took[0].computed.Seconds() * 2 / 3)
			alone := o.ring(b)
			var waited time.Duration
			n := 0
			for b.Loop() {
				t := o.steps(b)
				// One that has computed sooner than the other waits for that, not for the ring.
				waited += max(t[0].computed+t[0].ring, t[1].computed+t[1].ring) - max(t[0].computed, t[1].computed)
				n++
			}
			b.ReportMetric(100*(1-waited.Seconds()/float64(n)/alone.Seconds()), "%hidden")
			b.ReportMetric(1e3*alone.Seconds(), "ring-ms")
			b.ReportMetric(1e3*took[0].computed.Seconds(), "compute-ms")
		})
	}
}

// overlap is two workers in lockstep.
type overlap struct {
	rate     float64
	groups   [2]*allreduce.Group
	trainers [2]*trainer
	step     uint64
}

func newOverlap(b *testing.B, f *runfile.File) *overlap {
	o := &overlap{}
	view, _ := allreduce.EvenView(1, f.Batch.Lanes, 2)
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		b.Fatal(err)
	}
	next, prev := allreduce.NewMemNetwork(0).Ring([]string{"worker-0", "worker-1"})
	for w := range 2 {
		group, err := allreduce.NewGroup(view, w, &lineLink{Link: next[w], rate: &o.rate}, prev[w])
		if err != nil {
			b.Fatal(err)
		}
		lo, hi := view.LanesOf(w)
		t, err := newTrainer(Config{File: f, Threads: 1, Passes: 1}, laneRange{lo, hi}, train, nil)
		if err != nil {
			b.Fatal(err)
		}
		t.params.Initialize(1)
		o.groups[w], o.trainers[w] = group, t
	}
	b.Cleanup(func() {
		o.both(func(w int) { o.groups[w].Close(); o.trainers[w].close() })
	})
	return o
}

// both runs f for each worker, and waits.
func (o *overlap) both(f func(w int)) {
	var all sync.WaitGroup
	for w := range 2 {
		all.Go(func() { f(w) })
	}
	all.Wait()
}

func (o *overlap) steps(b *testing.B) (took [2]stepTime) {
	o.both(func(w int) {
		r, err := o.trainers[w].step(o.groups[w], o.step, noAction)
		if err != nil {
			b.Error(err)
		}
		took[w] = r.time
	})
	o.step++
	return took
}

// ring is the time of all buckets' sums when nothing is computed.
func (o *overlap) ring(b *testing.B) time.Duration {
	began := time.Now()
	o.both(func(w int) {
		t := o.trainers[w]
		t.pending = t.pending[:0]
		for _, bucket := range t.buckets {
			if err := t.send(o.groups[w], o.step, bucket); err != nil {
				b.Error(err)
			}
		}
		if err := t.awaitBuckets(); err != nil {
			b.Error(err)
		}
	})
	o.step++
	return time.Since(began)
}
