package allreduce

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// tester is what *testing.T and *rapid.T have in common.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// flight is a frame on its way to a worker.
type flight struct {
	to    int
	frame Frame
}

// firstOf is the first frame on its way to the same worker as frame i that
// belongs to the same chunk: those do not overtake one another.
func firstOf(air []flight, i int) int {
	return slices.IndexFunc(air, func(f flight) bool { return f.to == air[i].to && f.frame.Chunk == air[i].frame.Chunk })
}

// playReduction lets all workers of a view sum one bucket, with frames delivered
// in an order that rng picks, and checks every result and the bytes sent.
func playReduction(t tester, rng *rand.Rand, view View, lanes [][]float32, length int) {
	wire := Wire(rng.IntN(2))
	sent := playParts(t, rng, view, wire, lanes, []int{0, length})
	checkCost(t, view, length, sent*4/wire.width())
}

// playParts is playReduction of a bucket that travels in parts, and returns the
// bytes sent.
func playParts(t tester, rng *rand.Rand, view View, wire Wire, lanes [][]float32, cuts []int) (sent int) {
	length := cuts[len(cuts)-1]
	outs := make([][]float32, view.Workers())
	for w := range outs {
		outs[w] = make([]float32, length)
	}
	for i, lo := range cuts[:len(cuts)-1] {
		sent += playPart(t, rng, view, wire, Part{lo, length}, cut(lanes, lo, cuts[i+1]), cut(outs, lo, cuts[i+1]))
	}
	want := make([]float32, length)
	fold(wire)(want, lanes)
	for w := range outs {
		sameBits(t, outs[w], want)
	}
	return sent
}

// cut is elements [lo, hi) of every slice.
func cut(all [][]float32, lo, hi int) [][]float32 {
	parts := make([][]float32, len(all))
	for i := range all {
		parts[i] = all[i][lo:hi]
	}
	return parts
}

func playPart(t tester, rng *rand.Rand, view View, wire Wire, part Part, lanes, outs [][]float32) (sent int) {
	segment := 1 + rng.IntN(9)
	window := segment * rng.IntN(4)
	if rng.IntN(4) == 0 {
		segment = 0 // the one in use
	}
	machines := make([]Reduction, view.Workers())
	var air []flight
	send := func(from int, frames []Frame) {
		for _, f := range frames {
			sent += len(f.Payload)
			air = append(air, flight{view.Next(from), f})
		}
	}
	for _, w := range rng.Perm(view.Workers()) {
		lo, hi := view.LanesOf(w)
		machines[w].folder.wire, machines[w].segment, machines[w].window = wire, segment, window
		if err := machines[w].ResetPart(view, w, 3, 5, part, lanes[lo:hi], outs[w]); err != nil {
			t.Fatal(err)
		}
		for more := true; more; {
			var frames []Frame
			frames, more = machines[w].Start(nil)
			send(w, frames)
		}
	}
	for len(air) > 0 {
		i := firstOf(air, rng.IntN(len(air)))
		fl := air[i]
		air = slices.Delete(air, i, i+1)
		frames, err := machines[fl.to].Receive(fl.frame, nil)
		if err != nil {
			t.Fatalf("%v: worker %d: %v", view, fl.to, err)
		}
		send(fl.to, frames)
	}
	for w := range machines {
		if !machines[w].Done() {
			t.Fatalf("%v: worker %d still awaits %s", view, w, machines[w].Awaiting())
		}
	}
	return sent
}

// fold is the plain loop for a wire.
func fold(w Wire) func(out []float32, lanes [][]float32) {
	if w == BFloat16 {
		return FoldBFloat16
	}
	return Fold
}

// checkCost holds the bytes that all workers sent together against the formula
// of the package documentation.
func checkCost(t tester, view View, length, sent int) {
	n, size := view.Workers(), 4*length
	want := 0
	if n > 1 {
		// Every worker sends all chunks but the one that ends with it, and n−1
		// workers send each finished chunk.
		want = n*size + (n-1)*size
		for w := range n {
			_, hi := view.LanesOf(w)
			a, b := chunkRange(length, view.Lanes, hi%view.Lanes)
			want -= 4 * (b - a)
		}
	}
	if sent != want {
		t.Fatalf("%v, %d numbers: %d bytes sent, want %d", view, length, sent, want)
	}
}

// product calls f for the views and lengths that every test of sums goes through.
func product(t *testing.T, f func(t *testing.T, rng *rand.Rand, view View, length int)) {
	maxWorkers, maxLanes := 9, 16
	if testing.Short() || raceEnabled {
		maxWorkers, maxLanes = 5, 8
	}
	for workers := 1; workers <= maxWorkers; workers++ {
		t.Run(fmt.Sprintf("workers=%d", workers), func(t *testing.T) {
			for lanes := workers; lanes <= maxLanes; lanes++ {
				rng := rand.New(rand.NewPCG(uint64(workers), uint64(lanes)))
				for _, length := range []int{0, 1, lanes - 1, lanes, lanes + 1, 1000} {
					f(t, rng, randomView(rng, lanes, workers), length)
				}
			}
		})
	}
}

func TestReductionAnyOrder(t *testing.T) {
	product(t, func(t *testing.T, rng *rand.Rand, view View, length int) {
		playReduction(t, rng, view, randomLanes(rng, view.Lanes, length), length)
	})
}

func TestReductionMillion(t *testing.T) {
	length := 1_000_000
	if testing.Short() || raceEnabled {
		length = 100_000
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for _, p := range [][2]int{{1, 8}, {2, 3}, {3, 16}, {7, 7}, {9, 16}} {
		lanes := randomLanes(rng, p[1], length)
		playReduction(t, rng, randomView(rng, p[1], p[0]), lanes, length)
	}
}

func TestReductionProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lanes := rapid.IntRange(1, 24).Draw(t, "lanes")
		workers := rapid.IntRange(1, lanes).Draw(t, "workers")
		length := rapid.IntRange(0, 200).Draw(t, "length")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		playReduction(t, rng, randomView(rng, lanes, workers), randomLanes(rng, lanes, length), length)
	})
}

// A bucket that travels in parts has the bits of one that travels whole, and as
// many bytes.
func TestPartsAreTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lanes := rapid.IntRange(1, 12).Draw(t, "lanes")
		workers := rapid.IntRange(1, lanes).Draw(t, "workers")
		length := rapid.IntRange(0, 200).Draw(t, "length")
		cuts := append(rapid.SliceOfN(rapid.IntRange(0, length), 0, 6).Draw(t, "cuts"), 0, length)
		slices.Sort(cuts)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		view, wire := randomView(rng, lanes, workers), Wire(rng.IntN(2))
		sent := playParts(t, rng, view, wire, randomLanes(rng, lanes, length), cuts)
		checkCost(t, view, length, sent*4/wire.width())
	})
}

func TestPartBeyondItsBucket(t *testing.T) {
	view, _ := EvenView(1, 2, 1)
	for _, part := range []Part{{-1, 9}, {1, 3}, {0, 2}} {
		var r Reduction
		if err := r.ResetPart(view, 0, 3, 5, part, make2(2, 3), make([]float32, 3)); err == nil || !strings.Contains(err.Error(), "a part of 3 numbers") {
			t.Errorf("%+v: %v", part, err)
		}
	}
}

// The oracle itself: three lanes whose sum depends on the order.
func TestFoldOrder(t *testing.T) {
	lanes := [][]float32{{1e8, 1e8, 1e8}, {-1e8, -1e8, -1e8}, {1, 1, 1}}
	out := make([]float32, 3)
	Fold(out, lanes)
	// 0: (1e8−1e8)+1; 1: (−1e8+1)+1e8; 2: (1+1e8)−1e8
	if want := []float32{1, 0, 0}; !slices.Equal(out, want) {
		t.Fatalf("%v, want %v", out, want)
	}
}

func TestReductionReset(t *testing.T) {
	view, _ := EvenView(1, 4, 2)
	var r Reduction
	if err := r.Reset(view, 1, 3, 5, [][]float32{{1}}, make([]float32, 1)); err == nil || !strings.Contains(err.Error(), "lanes [2, 4)") {
		t.Errorf("too few lanes: %v", err)
	}
	if err := r.Reset(view, 1, 3, 5, [][]float32{{1}, {1, 2}}, make([]float32, 1)); err == nil || !strings.Contains(err.Error(), "lane 3") {
		t.Errorf("a long lane: %v", err)
	}
}

func TestReductionRefuses(t *testing.T) {
	view, _ := EvenView(7, 4, 2)
	good := func() Frame {
		return Frame{Kind: KindPartial, Generation: 7, Step: 3, Tag: 5, Chunk: 2, Payload: newFrame(8).Payload}
	}
	for _, tc := range []struct {
		field string
		spoil func(*Frame)
	}{
		{"kind", func(f *Frame) { f.Kind = KindGather }},
		{"kind", func(f *Frame) { f.Kind, f.Chunk = KindSum, 3 }}, // before its partial
		{"generation", func(f *Frame) { f.Generation = 6 }},
		{"step", func(f *Frame) { f.Step = 2 }},
		{"bucket", func(f *Frame) { f.Tag = 6 }},
		{"chunk", func(f *Frame) { f.Chunk = 4 }},
		{"chunk", func(f *Frame) { f.Chunk = 1 << 31 }},
		{"chunk", func(f *Frame) { f.Chunk = 0 }}, // begins here, is never awaited
		{"length", func(f *Frame) { f.Payload = f.Payload[:4] }},
	} {
		var r Reduction
		if err := r.Reset(view, 0, 3, 5, make2(2, 8), make([]float32, 8)); err != nil {
			t.Fatal(err)
		}
		r.Start(nil)
		f := good()
		tc.spoil(&f)
		_, err := r.Receive(f, nil)
		wantField(t, err, tc.field)
		if _, err := r.Receive(good(), nil); err != nil {
			t.Errorf("%s: the right frame afterwards: %v", tc.field, err)
		}
		_, err = r.Receive(good(), nil)
		wantField(t, err, "chunk") // twice
	}
}

// Segments of a chunk come in order, each once, and a sum's after its partial's.
func TestReductionRefusesSegments(t *testing.T) {
	view, _ := EvenView(7, 3, 3)
	var r Reduction
	r.segment, r.window = 2, 2
	if err := r.Reset(view, 0, 3, 5, make2(1, 15), make([]float32, 15)); err != nil {
		t.Fatal(err)
	}
	r.Start(nil)
	frame := func(kind Kind, chunk, segment uint32, bytes int) Frame {
		return Frame{Kind: kind, Generation: 7, Step: 3, Tag: 5, Chunk: chunk, Segment: segment, Payload: newFrame(bytes).Payload}
	}
	for _, tc := range []struct {
		field string // empty: it is taken
		frame Frame
	}{
		{"segment", frame(KindPartial, 2, 1, 8)},
		{"segment", frame(KindPartial, 2, 1<<31, 8)},
		{"kind", frame(KindSum, 2, 0, 8)},
		{"kind", frame(KindPartialHalf, 2, 0, 4)},
		{"", frame(KindPartial, 2, 0, 8)},
		{"segment", frame(KindPartial, 2, 0, 8)},
		{"", frame(KindSum, 2, 0, 8)},
		{"kind", frame(KindSum, 2, 1, 8)},
		{"", frame(KindPartial, 2, 1, 8)},
		{"length", frame(KindPartial, 2, 2, 8)}, // the last, one number
		{"", frame(KindPartial, 2, 2, 4)},
		{"chunk", frame(KindPartial, 2, 3, 4)},
	} {
		_, err := r.Receive(tc.frame, nil)
		if tc.field == "" && err != nil {
			t.Errorf("%v of chunk %d segment %d: %v", tc.frame.Kind, tc.frame.Chunk, tc.frame.Segment, err)
		}
		if tc.field != "" {
			wantField(t, err, tc.field)
		}
	}
}

// No more than the window is sent before the first of it is back.
func TestReductionWindow(t *testing.T) {
	view, _ := EvenView(7, 2, 2)
	var r Reduction
	r.segment, r.window = 2, 5
	if err := r.Reset(view, 0, 3, 5, make2(1, 40), make([]float32, 40)); err != nil {
		t.Fatal(err)
	}
	begun := func(frames []Frame) (n int) {
		for _, f := range frames {
			if f.Kind == KindPartial && f.Chunk == 0 {
				n++
			}
		}
		return n
	}
	sent := 0
	for more := true; more; {
		var frames []Frame
		frames, more = r.Start(nil)
		sent += begun(frames)
	}
	if sent != 2 {
		t.Errorf("%d segments of two numbers within a window of five", sent)
	}
	for s := range uint32(10) {
		f := Frame{Kind: KindSum, Generation: 7, Step: 3, Tag: 5, Chunk: 0, Segment: s, Payload: newFrame(8).Payload}
		frames, err := r.Receive(f, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := begun(frames), min(1, 8-int(s)); got != max(want, 0) {
			t.Errorf("segment %d is back: %d more were sent, want %d", s, got, want)
		}
	}
}

// A payload that lies at an odd address is taken too.
func TestReductionUnaligned(t *testing.T) {
	view, _ := EvenView(7, 4, 2)
	var r Reduction
	if err := r.Reset(view, 0, 3, 5, make2(2, 8), make([]float32, 8)); err != nil {
		t.Fatal(err)
	}
	f := Frame{Kind: KindPartial, Generation: 7, Step: 3, Tag: 5, Chunk: 2, Payload: newFrame(16).Payload[1:9]}
	if _, err := r.Receive(f, nil); err != nil {
		t.Fatal(err)
	}
	var g gathering
	own, all := [][]float64{{1}, {2}}, [][]float64{{0}, {0}, {0}, {0}}
	if err := g.reset(view, 0, KindGather, 3, 5, own, all); err != nil {
		t.Fatal(err)
	}
	f = Frame{Kind: KindGather, Generation: 7, Step: 3, Tag: 5, Chunk: 1, Payload: newFrame(32).Payload[1:17]}
	if _, err := g.Receive(f, nil); err != nil {
		t.Fatal(err)
	}
}

func newFrame(n int) Frame {
	var f Frame
	f.alloc(n)
	clear(f.Payload)
	return f
}

func make2(lanes, length int) [][]float32 {
	all := make([][]float32, lanes)
	for i := range all {
		all[i] = make([]float32, length)
	}
	return all
}

func wantField(t tester, err error, field string) {
	t.Helper()
	var f *FieldError
	if !errors.As(err, &f) || f.Field != field {
		t.Errorf("error %v, want one that names the field %s", err, field)
	}
}
