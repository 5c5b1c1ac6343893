package worker

import (
	"math"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// Whether anybody looks shows in no bit, on any number of workers, in any number of passes.
func TestLooksShowInNoBits(t *testing.T) {
	files := map[string][]string{"lstm": {"model.cell=lstm"}, "gru": {"model.cell=gru", "optimizer.l1=1e-4", "optimizer.clip=0.1"}}
	for name, sets := range files {
		if testing.Short() && name != "lstm" {
			continue
		}
		sets = append(sets, "steps=4")
		plain, watched := smallFile(t, sets...), smallFile(t, append(sets, "watch.layers=1")...)
		compareLooks(t, name, plain, watched)
	}
	sets := []string{"model.image=16", "model.width=8", "model.dropout=0.1", "steps=2"}
	if !testing.Short() {
		compareLooks(t, "resnet-small", imageFile(t, "resnet-small", sets...), imageFile(t, "resnet-small", append(sets, "watch.layers=1")...))
	}
	sets = append(sets, "sync_batchnorm=true")
	compareLooks(t, "synchronized", imageFile(t, "resnet-small", sets...), imageFile(t, "resnet-small", append(sets, "watch.layers=1")...))
	compareLooks(t, "lenet5", imageFile(t, "lenet5"), imageFile(t, "lenet5", "watch.layers=2"))
}

func compareLooks(t *testing.T, name string, plain, watched *runfile.File) {
	t.Helper()
	want := runInProcess(t, plain, 1, 1, 1)
	cases := []struct{ workers, threads, passes int }{{1, 1, 3}, {3, 2, 1}, {1, 2, 1}, {2, 1, 1}}
	if testing.Short() {
		cases = cases[:2] // passes, and workers with threads
	}
	for _, c := range cases {
		if plain.SyncBatchNorm && c.passes > 1 {
			continue
		}
		if got := runInProcess(t, watched, c.workers, c.threads, c.passes); got.sum != want.sum || !slices.Equal(got.losses, want.losses) {
			t.Errorf("%s, %+v: with looks the parameters or the losses %v differ from %v", name, c, got.losses, want.losses)
		}
	}
}

// lookAt takes two steps and measures the second.
func lookAt(t *testing.T, f *runfile.File) (tr *trainer, before []float32, r stepResult, found *api.Health) {
	t.Helper()
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	tr, err = newTrainer(Config{File: f, Threads: 2, Passes: 1}, laneRange{0, f.Batch.Lanes}, train, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.close)
	if _, err := tr.initialize(t.Context()); err != nil {
		t.Fatal(err)
	}
	group := aloneGroup(t, f)
	for step := range uint64(2) {
		before = slices.Clone(tr.params.Values)
		if tr.probe = nil; step == 1 {
			tr.probe = tr.newProbe(nil)
		}
		if r, err = tr.step(group, step, wish{}); err != nil {
			t.Fatal(err)
		}
	}
	return tr, before, r, tr.probe.found
}

// What is measured is what the step had: the norm of its gradient before clipping, the weights, what changed.
func TestProbe(t *testing.T) {
	for name, f := range map[string]*runfile.File{
		"lstm":   smallFile(t, "optimizer.clip=0.01"),
		"lenet5": imageFile(t, "lenet5", "optimizer.clip=0.01"),
	} {
		tr, before, r, found := lookAt(t, f)
		network := describeNetwork(tr.probe.tape)
		if len(network.Layers) != len(found.Layers) || len(network.Layers) == 0 || tr.probe.spent <= 0 {
			t.Fatalf("%s: %d layers of %d, in %v", name, len(found.Layers), len(network.Layers), tr.probe.spent)
		}
		squares, params, gates, steps, dead := 0.0, map[string]bool{}, 0, 0, int64(0)
		for i, h := range found.Layers {
			l := network.Layers[i]
			if h.Output == nil && len(l.Shape) > 0 || h.Output.GetBad() > 0 {
				t.Errorf("%s: the output of %s is %v", name, l.Name, h.Output)
			}
			if h.ForwardNs <= 0 && len(l.Shape) > 0 || h.BackwardNs < 0 {
				t.Errorf("%s: %s took %d and %d ns", name, l.Name, h.ForwardNs, h.BackwardNs)
			}
			gates, steps, dead = gates+len(h.Gates), steps+len(h.ByStep), dead+h.Units
			for k, q := range h.Parameters {
				p := tr.params.Get(l.Parameters[k].Name)
				if params[p.Name] {
					continue
				}
				params[p.Name] = true
				squares += q.Gradient.Norm * q.Gradient.Norm
				now, was := tr.params.Values[p.Offset:p.Offset+p.Size()], before[p.Offset:p.Offset+p.Size()]
				weight, update := 0.0, 0.0
				for j := range now {
					weight += float64(now[j]) * float64(now[j])
					d := float64(now[j] - was[j])
					update += d * d
				}
				if math.Abs(q.Weight.Norm-math.Sqrt(weight)) > 1e-9 || math.Abs(q.Update.Norm-math.Sqrt(update)) > 1e-9 || update == 0 {
					t.Errorf("%s: %s: weight %v, want %v; update %v, want %v", name, p.Name, q.Weight.Norm, math.Sqrt(weight), q.Update.Norm, math.Sqrt(update))
				}
			}
		}
		if len(params) != len(tr.params.List) || math.Abs(math.Sqrt(squares)-r.norm) > 1e-6*r.norm || !r.clipped {
			t.Errorf("%s: %d of %d parameters, whose gradients have the norm %v; the step's was %v", name, len(params), len(tr.params.List), math.Sqrt(squares), r.norm)
		}
		if recurrent := name == "lstm"; recurrent != (gates == 6) || recurrent != (steps == 2*f.Batch.Length) || recurrent == (dead > 0) {
			t.Errorf("%s: %d gates, gradients of %d time steps, %d units behind rectifiers", name, gates, steps, dead)
		}
	}
}

// A network whose rectifiers get nothing above zero has dead units.
func TestDeadUnits(t *testing.T) {
	f := imageFile(t, "lenet5")
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	tr, err := newTrainer(Config{File: f, Threads: 1, Passes: 1}, laneRange{0, f.Batch.Lanes}, train, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	if _, err := tr.initialize(t.Context()); err != nil {
		t.Fatal(err)
	}
	bias := tr.params.List[1]
	for i := range bias.Size() / 2 {
		bias.Value().Data[i] = -1e6
	}
	tr.params.Changed()
	tr.probe = tr.newProbe(nil)
	if _, err := tr.step(aloneGroup(t, f), 0, wish{}); err != nil {
		t.Fatal(err)
	}
	for _, h := range tr.probe.found.Layers {
		if h.Units > 0 {
			if h.Units != int64(bias.Size()) || h.Dead != h.Units/2 {
				t.Errorf("%d of %d units are dead, want half of %d", h.Dead, h.Units, bias.Size())
			}
			return
		}
	}
	t.Error("no layer rectifies")
}

// Looks that nobody wrote into the run file take a hundredth of the time at most.
func TestLooksRest(t *testing.T) {
	var l looks
	now := time.Unix(0, 0)
	if n, h := l.take(now); n || h {
		t.Error("a look that nobody asked for")
	}
	l.ask(&api.Look{Network: true})
	l.ask(&api.Look{Health: true})
	if n, h := l.take(now); !n || !h {
		t.Errorf("asked for both, got %v and %v", n, h)
	}
	l.took(now, time.Second, nil)
	l.ask(&api.Look{Network: true, Health: true})
	if n, h := l.take(now.Add(98 * time.Second)); !n || h {
		t.Errorf("before the time: network %v, health %v", n, h)
	}
	if n, h := l.take(now.Add(99 * time.Second)); n || !h {
		t.Errorf("at the time: network %v, health %v", n, h)
	}
}

// A step that fails leaves no inspector behind.
func TestProbeOfAStepThatFails(t *testing.T) {
	f := smallFile(t)
	tr, _, _, _ := lookAt(t, f)
	tr.probe = tr.newProbe(nil)
	group := aloneGroup(t, f)
	group.Close()
	seen := tr.probe
	if _, err := tr.step(group, 2, wish{}); err == nil {
		t.Fatal("a closed ring did a step")
	}
	tr.probe, seen.found = nil, nil // an inspector that is still called panics
	if _, err := tr.step(aloneGroup(t, f), 2, wish{}); err != nil {
		t.Error(err)
	}
}

// BenchmarkLook is what a measured step costs beside one that is not: the share of all time at every hundredth step.
func BenchmarkLook(b *testing.B) {
	for _, c := range []struct {
		name string
		file *runfile.File
	}{
		{"lstm-512x32", smallFile(b, "model.hidden=512", "model.embed=64", "model.layers=1", "model.dropout=0", "batch.global=32", "batch.length=64", "data.valid=")},
		{"resnet18-64x32", imageFile(b, "resnet18", "model.classes=1000", "model.image=64", "batch.global=32", "batch.lanes=1", "data.train=generated:train?count=64", "data.valid=")},
	} {
		b.Run(c.name, func(b *testing.B) {
			train, err := OpenData(c.file, c.file.Data.Train)
			if err != nil {
				b.Fatal(err)
			}
			tr, err := newTrainer(Config{File: c.file, Threads: runtime.GOMAXPROCS(0), Passes: 1}, laneRange{0, c.file.Batch.Lanes}, train, nil)
			if err != nil {
				b.Fatal(err)
			}
			defer tr.close()
			if _, err := tr.initialize(b.Context()); err != nil {
				b.Fatal(err)
			}
			group, step, memory := aloneGroup(b, c.file), uint64(0), []float32(nil)
			run := func(look bool) time.Duration {
				if tr.probe = nil; look {
					tr.probe = tr.newProbe(memory)
				}
				r, err := tr.step(group, step, wish{})
				if err != nil {
					b.Fatal(err)
				}
				if look {
					memory = tr.probe.before
				}
				step++
				return r.time.total
			}
			run(true)
			var plain, looked []time.Duration
			for b.Loop() {
				plain, looked = append(plain, run(false)), append(looked, run(true))
			}
			slices.Sort(plain)
			slices.Sort(looked)
			p, l := plain[len(plain)/2], looked[len(looked)/2]
			b.ReportMetric(float64(p)/1e6, "ms/step")
			b.ReportMetric(float64(l-p)/1e6, "ms/look")
			b.ReportMetric(float64(l-p)/float64(p), "%at100")
		})
	}
}
