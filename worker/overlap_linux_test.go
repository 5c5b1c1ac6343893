package worker

import (
	"context"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// pair is two workers of this process, one thread each, joined as workers on two
// hosts are: by TCP with TLS.
type pair struct {
	trainers [2]*trainer
	groups   [2]*allreduce.Group
	step     uint64
}

func newPair(b *testing.B, f *runfile.File) *pair {
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		b.Fatal(err)
	}
	view, _ := allreduce.EvenView(1, f.Batch.Lanes, 2)
	p := &pair{}
	next, prev := connectPair(b, view)
	for w := range p.trainers {
		lo, hi := view.LanesOf(w)
		if p.trainers[w], err = newTrainer(Config{File: f, Threads: 1, Passes: 1}, laneRange{lo, hi}, train, nil); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(p.trainers[w].close)
		p.trainers[w].params.Initialize(1)
		if p.groups[w], err = newGroup(f, view, w, next[w], prev[w], p.trainers[w].params.Size()); err != nil {
			b.Fatal(err)
		}
	}
	b.Cleanup(func() { p.both(b, func(w int) error { return p.groups[w].Close() }) })
	return p
}

// connectPair makes the links of a ring of two.
func connectPair(b *testing.B, view allreduce.View) (next, prev [2]allreduce.Link) {
	authority, err := identity.NewAuthority()
	if err != nil {
		b.Fatal(err)
	}
	paths, err := authority.Write(b.TempDir()+"/tls", "worker")
	if err != nil {
		b.Fatal(err)
	}
	creds, err := identity.Load(paths.CA, paths.Cert, paths.Key)
	if err != nil {
		b.Fatal(err)
	}
	var listeners [2]*allreduce.Listener
	for w := range listeners {
		if listeners[w], err = allreduce.Listen(b.Context(), creds.Server(), []string{"tcp://127.0.0.1:0"}); err != nil {
			b.Fatal(err)
		}
		defer listeners[w].Close()
	}
	ctx, cancel := context.WithTimeout(b.Context(), 10*time.Second)
	defer cancel()
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			var err error
			to := listeners[1-w].Addresses()[0]
			if next[w], prev[w], err = allreduce.Connect(ctx, view, w, listeners[w], to, creds.Client(), allreduce.Hello{Run: "overlap"}); err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
	if b.Failed() {
		b.FailNow()
	}
	return next, prev
}

// pace makes a line of so many bytes a second of every TCP connection of this
// process: the kernel sends by it, beside whatever the process computes.
func pace(b *testing.B, rate int) {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		b.Fatal(err)
	}
	paced := 0
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if peer, err := unix.Getpeername(fd); err == nil {
			if _, tcp := peer.(*unix.SockaddrInet4); tcp && unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_MAX_PACING_RATE, rate) == nil {
				paced++
			}
		}
	}
	if paced < 4 {
		b.Fatalf("%d ends of connections found, want 4", paced)
	}
}

// both lets the two workers do the same at once and returns how long they took.
func (p *pair) both(b *testing.B, f func(w int) error) time.Duration {
	var wg sync.WaitGroup
	began := time.Now()
	for w := range 2 {
		wg.Go(func() {
			if err := f(w); err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
	return time.Since(began)
}

// compute is forward and backward without a ring.
func (p *pair) compute(b *testing.B) (whole, backward time.Duration) {
	var spent [2]time.Duration
	whole = p.both(b, func(w int) error {
		t := p.trainers[w]
		part := t.passes[0]
		rec := t.network.forLanes(part.count())
		if err := t.feed.fill(rec.Recording, int(p.step), part); err != nil {
			return err
		}
		rec.tape.Begin(p.step, part.first, 0)
		rec.tape.Forward()
		at := time.Now()
		rec.tape.Backward(nil)
		spent[w] = time.Since(at)
		return nil
	})
	return whole, (spent[0] + spent[1]) / 2
}

// communicate sums the gradients that are there.
func (p *pair) communicate(b *testing.B) time.Duration {
	p.step++
	return p.both(b, func(w int) error {
		t := p.trainers[w]
		t.pending = t.pending[:0]
		for i := range t.parts {
			if err := t.send(p.groups[w], p.step, &t.parts[i]); err != nil {
				return err
			}
		}
		return t.awaitBuckets()
	})
}

// train is both, as a step does it. waited is how much later all sums were there
// than all gradients.
func (p *pair) train(b *testing.B) (whole, waited time.Duration) {
	p.step++
	began := time.Now()
	var computed [2]time.Duration
	whole = p.both(b, func(w int) error {
		var spent stepTime
		err := p.trainers[w].differentiate(p.groups[w], p.step, &spent)
		computed[w] = time.Since(began)
		if err != nil {
			return err
		}
		return p.trainers[w].awaitBuckets()
	})
	return whole, whole - max(computed[0], computed[1])
}

// BenchmarkOverlap trains with two workers of one thread each, over TCP with TLS
// on a line on which the ring alone takes as long as backward alone, and reports
// in two ways how much of the ring's time is hidden behind backward:
//
//	%hidden        1 − waited/ring: of the time that sums take when nothing is computed, how much
//	               was over when the last gradient was there
//	%hidden-clock  1 − (both − compute)/ring: what the ring adds to a step by the clock, with the
//	               processor time that it takes from backward, cipher and folds, counted too
//
// Rounds are interleaved; waited is a median, the others are the least, as whatever
// else the machine does only adds.
func BenchmarkOverlap(b *testing.B) {
	for _, c := range []struct {
		name string
		file func() *runfile.File
	}{
		{"resnet18", func() *runfile.File {
			return imageFile(b, "resnet18", "model.classes=1000", "model.image=64", "batch.global=128", "batch.lanes=8",
				"optimizer.clip=0", "data.train=generated:train?count=1024", "data.valid=")
		}},
		{"lstm-512x64-3layers", func() *runfile.File {
			return smallFile(b, "model.cell=lstm", "model.hidden=512", "model.embed=64", "model.layers=3", "model.dropout=0",
				"batch.global=64", "batch.length=64", "batch.lanes=2", "data.valid=")
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			// As two processes would have, each one more than it computes on. Set here: package testing sets its own after each.
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
			p := newPair(b, c.file())
			p.train(b) // touches all memory
			before := p.groups[0].Stats().BytesSent
			p.communicate(b)
			sent := float64(p.groups[0].Stats().BytesSent - before)
			var compute, back, ring, both, waits []float64
			for b.Loop() {
				whole, backward := p.compute(b)
				compute, back = append(compute, whole.Seconds()), append(back, backward.Seconds())
				pace(b, int(sent/slices.Min(back))) // what disturbs a round makes the line no slower
				ring = append(ring, p.communicate(b).Seconds())
				together, waited := p.train(b)
				both, waits = append(both, together.Seconds()), append(waits, waited.Seconds())
			}
			slices.Sort(waits)
			wait, alone := waits[len(waits)/2], slices.Min(ring)
			b.ReportMetric(100*(1-wait/alone), "%hidden")
			b.ReportMetric(100*(1-(slices.Min(both)-slices.Min(compute))/alone), "%hidden-clock")
			b.ReportMetric(1000*slices.Min(compute), "ms-compute")
			b.ReportMetric(1000*slices.Min(back), "ms-backward")
			b.ReportMetric(1000*alone, "ms-ring")
			b.ReportMetric(1000*slices.Min(both), "ms-both")
			b.ReportMetric(1000*wait, "ms-waited")
			b.ReportMetric(0, "ns/op")
		})
	}
}
