package worker

import (
	"crypto/tls"
	"net"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// line is one direction of a link: what is sent arrives when all before it has,
// so many bytes a second, whether or not the sender has the processor then.
type line struct {
	net.Conn
	rate   atomic.Int64 // bytes per second; 0: no limit
	flying chan parcel
}

type parcel struct {
	bytes []byte
	due   time.Time
}

func newLine(conn net.Conn) *line {
	l := &line{Conn: conn, flying: make(chan parcel, 1<<16)}
	go l.deliver()
	return l
}

func (l *line) Write(b []byte) (int, error) {
	l.flying <- parcel{bytes: slices.Clone(b), due: time.Now()}
	return len(b), nil
}

// deliver ends when the connection is closed.
func (l *line) deliver() {
	var free time.Time
	for p := range l.flying {
		if free.Before(p.due) {
			free = p.due
		}
		if rate := l.rate.Load(); rate > 0 {
			free = free.Add(time.Duration(int64(len(p.bytes)) * int64(time.Second) / rate))
		}
		time.Sleep(time.Until(free))
		if _, err := l.Conn.Write(p.bytes); err != nil {
			return
		}
	}
}

// pair is two workers of this process, one thread each, joined by TLS over paced lines.
type pair struct {
	trainers [2]*trainer
	groups   [2]*allreduce.Group
	lines    [2]*line // out of each
	step     uint64
}

func newPair(b *testing.B, f *runfile.File) *pair {
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		b.Fatal(err)
	}
	view, _ := allreduce.EvenView(1, f.Batch.Lanes, 2)
	p := &pair{}
	next, prev := p.connect(b)
	for w := range p.trainers {
		lo, hi := view.LanesOf(w)
		if p.trainers[w], err = newTrainer(Config{File: f, Threads: 1, Passes: 1}, laneRange{lo, hi}, train, nil); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(p.trainers[w].close)
		p.trainers[w].params.Initialize(1)
		if p.groups[w], err = newGroup(f, view, w, next[w], prev[w]); err != nil {
			b.Fatal(err)
		}
	}
	b.Cleanup(func() { p.both(b, func(w int) error { return p.groups[w].Close() }) })
	return p
}

// connect makes the links of a ring of two.
func (p *pair) connect(b *testing.B) (next, prev [2]allreduce.Link) {
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
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	for w := range 2 {
		out, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		in, err := l.Accept()
		if err != nil {
			b.Fatal(err)
		}
		p.lines[w] = newLine(out)
		next[w] = allreduce.NewNetLink(tls.Client(p.lines[w], creds.Client()), "next", allreduce.DefaultMaxPayload)
		prev[1-w] = allreduce.NewNetLink(tls.Server(in, creds.Server()), "previous", allreduce.DefaultMaxPayload)
	}
	return next, prev
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
		t.params.ZeroGrads()
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
		for _, bucket := range t.buckets {
			if err := t.send(p.groups[w], p.step, bucket); err != nil {
				return err
			}
		}
		return t.awaitBuckets()
	})
}

// train is both, as a step does it. blocked is how long the first worker had
// nothing left to do but wait.
func (p *pair) train(b *testing.B) (whole, blocked time.Duration) {
	p.step++
	whole = p.both(b, func(w int) error {
		var spent stepTime
		if err := p.trainers[w].differentiate(p.groups[w], p.step, &spent); err != nil {
			return err
		}
		at := time.Now()
		err := p.trainers[w].awaitBuckets()
		if w == 0 {
			blocked = time.Since(at)
		}
		return err
	})
	return whole, blocked
}

// BenchmarkOverlapTLS measures, with TLS and by the clock alone, how much of the
// communication is hidden behind the backward pass when that is as long:
// 1 − (both − compute)/communication, each
// the least of interleaved rounds, as whatever else the machine does only adds.
// The line's rate is chosen so that sums alone take as long as backward alone.
// ms-blocked is what is left of the ring when backward has ended; the rest of
// what both take on top is the processor time of the ring itself.
func BenchmarkOverlapTLS(b *testing.B) {
	old := runtime.GOMAXPROCS(4) // a worker has one more than it has threads
	defer runtime.GOMAXPROCS(old)
	for _, c := range []struct {
		name string
		file *runfile.File
	}{
		{"lstm-8x256", smallFile(b, "model.dropout=0", "data.valid=", "model.layers=8", "model.hidden=256", "model.embed=64", "batch.length=64")},
		{"resnet18-64px-128", imageFile(b, "resnet18", "data.train=generated:train?count=128", "data.valid=", "model.image=64", "batch.global=128", "batch.lanes=8")},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := newPair(b, c.file)
			p.compute(b)
			_, backward := p.compute(b)
			before := p.groups[0].Stats().BytesSent
			p.communicate(b)
			rate := float64(p.groups[0].Stats().BytesSent-before) / backward.Seconds()
			for _, l := range p.lines {
				l.rate.Store(int64(rate))
			}
			var compute, back, communicate, both, wait []float64
			for b.Loop() {
				whole, backward := p.compute(b)
				compute, back = append(compute, whole.Seconds()), append(back, backward.Seconds())
				communicate = append(communicate, p.communicate(b).Seconds())
				together, blocked := p.train(b)
				both, wait = append(both, together.Seconds()), append(wait, blocked.Seconds())
			}
			t, c := slices.Min(both)-slices.Min(compute), slices.Min(communicate)
			b.ReportMetric(100*(1-t/c), "%hidden")
			b.ReportMetric(1000*slices.Min(compute), "ms-compute")
			b.ReportMetric(1000*slices.Min(back), "ms-backward")
			b.ReportMetric(1000*c, "ms-ring")
			b.ReportMetric(1000*slices.Min(both), "ms-both")
			b.ReportMetric(1000*slices.Min(wait), "ms-blocked")
			b.ReportMetric(0, "ns/op")
		})
	}
}
