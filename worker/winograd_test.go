package worker

import (
	"math"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// With Winograd's convolutions too, who computes what leaves no trace.
func TestWinogradDoesNotDependOnTheSplit(t *testing.T) {
	sets := []string{"model.image=32", "batch.global=8", "batch.lanes=4", "optimizer.clip=0", "steps=2"}
	direct := runInProcess(t, imageFile(t, "resnet18", sets...), 1, 2, 1)
	f := imageFile(t, "resnet18", append(sets, "convolution=winograd")...)
	want := runInProcess(t, f, 1, 1, 1)
	for _, c := range []struct{ workers, threads, passes int }{{1, 3, 2}, {2, 2, 1}, {4, 1, 1}} {
		if testing.Short() && c.workers != 2 { // first values of 11 million weights, again and again
			continue
		}
		if got := runInProcess(t, f, c.workers, c.threads, c.passes); got.sum != want.sum {
			t.Errorf("%+v: digest %s, alone %s", c, got.sum, want.sum)
		}
	}
	if want.sum == direct.sum {
		t.Error("the method shows in no bits")
	}
}

// Rounding otherwise sends training another way, and soon a visible one. Winograd does that no more than a nudge to
// the last bit of every other weight: over thirty steps the losses stray from those of direct convolutions by no more
// than twice as much.
func TestWinogradLosses(t *testing.T) {
	if testing.Short() { // ninety steps of a ResNet-18, of one worker
		t.Skip("long")
	}
	const steps = 30
	sets := []string{"model.image=32", "model.classes=10", "batch.global=16", "batch.lanes=1", "optimizer.clip=0",
		"optimizer.lr=0.0005", "data.train=generated:train?count=1024", "steps=30"}
	direct := imageFile(t, "resnet18", sets...)
	exact := imageLosses(t, direct, steps, false)
	nudged := imageLosses(t, direct, steps, true)
	got := imageLosses(t, imageFile(t, "resnet18", append(sets, "convolution=winograd")...), steps, false)
	var byNudge, byWinograd float64
	for i, v := range exact {
		byNudge += (nudged[i] - v) * (nudged[i] - v)
		byWinograd += (got[i] - v) * (got[i] - v)
	}
	byNudge, byWinograd = math.Sqrt(byNudge/steps), math.Sqrt(byWinograd/steps)
	t.Logf("losses from %.3f to %.3f; nudged they stray by %.2g, by Winograd %.2g", exact[0], exact[steps-1], byNudge, byWinograd)
	if !(byWinograd > 0 && byWinograd <= 2*byNudge) {
		t.Errorf("losses stray by %.2g, those of nudged weights by %.2g", byWinograd, byNudge)
	}
}

// imageLosses trains alone and returns the loss of every step.
func imageLosses(t *testing.T, f *runfile.File, steps int, nudge bool) (losses []float64) {
	t.Helper()
	train, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	group := aloneGroup(t, f)
	tr, err := newTrainer(Config{File: f, Threads: 2, Passes: 1}, laneRange{0, f.Batch.Lanes}, train, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	tr.params.Initialize(f.Seed)
	for i := 0; nudge && i < len(tr.params.Values); i += 2 {
		tr.params.Values[i] = math.Float32frombits(math.Float32bits(tr.params.Values[i]) ^ 1)
	}
	tr.params.Changed()
	for step := range uint64(steps) {
		r, err := tr.step(group, step, wish{})
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, r.loss)
	}
	return losses
}
