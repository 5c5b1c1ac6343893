package allreduce

import (
	"hash/crc32"
	"math"
	"math/rand/v2"
	"testing"
)

// The kernel adds as the loop does, takes both sums as hash/crc32 does, carries
// sums on, and writes nothing beside its result.
func TestTallyAdd(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, inPlace := range []bool{false, true} {
		var sums tally
		sums.start(true, true)
		var read, written []byte
		for range 3 {
			s, _ := guarded(rng, tallyBlock)
			copy(s, randomFloats(rng, tallyBlock))
			a := randomFloats(rng, tallyBlock)
			for i := range a { // which NaN a sum is may differ, and its bytes with it
				if a[i] != a[i] || s[i] != s[i] || math.IsInf(float64(s[i]), 0) {
					a[i], s[i] = 1, float32(i)
				}
			}
			read = append(read, bytes32(s)...)
			got, intact := guarded(rng, tallyBlock)
			from := s
			if inPlace {
				copy(got, s)
				from = got
			}
			want := make([]float32, tallyBlock)
			add1Go(want, s, a)
			sums.add(got, from, a)
			checkKernel(t, "tallyAdd", got, want)
			if !intact() {
				t.Error("tallyAdd writes beside its result")
			}
			written = append(written, bytes32(want)...)
		}
		if got, want := sums.read, crc32.Checksum(read, castagnoli); got != want {
			t.Errorf("sum of what was read %08x, want %08x", got, want)
		}
		if got, want := sums.written, crc32.Checksum(written, castagnoli); got != want {
			t.Errorf("sum of what was written %08x, want %08x", got, want)
		}
	}
}

// The kernel's sums are its twin's, stretch by stretch.
func TestTallyAddTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	s, a := make([]float32, tallyBlock), make([]float32, tallyBlock)
	for i := range s {
		s[i], a[i] = float32(rng.NormFloat64()), float32(rng.NormFloat64())
	}
	var got, want [6]uint32
	for i := range got {
		got[i] = rng.Uint32()
	}
	want = got
	tallyAdd(make([]float32, tallyBlock), s, a, &got)
	tallyAddGo(make([]float32, tallyBlock), s, a, &want)
	if got != want {
		t.Errorf("sums %08x, want %08x", got, want)
	}
}

// tallied is a worker of two whose frames carry sums.
func tallied(t *testing.T, self int, lanes [][]float32) *Reduction {
	t.Helper()
	view, _ := EvenView(1, len(lanes), 2)
	lo, hi := view.LanesOf(self)
	m := &Reduction{sums: true}
	if err := m.Reset(view, self, 1, 0, lanes[lo:hi], make([]float32, len(lanes[0]))); err != nil {
		t.Fatal(err)
	}
	return m
}

// The sums that a machine takes along with its folds are those of the payloads,
// whatever the lengths, with one lane and with two.
func TestReductionTakesSums(t *testing.T) {
	for _, l := range []int{2, 4} {
		for _, n := range []int{5, 4 * tallyBlock, 150_000} {
			lanes := randomLanes(rand.New(rand.NewPCG(9, uint64(n))), l, n)
			machines := [2]*Reduction{tallied(t, 0, lanes), tallied(t, 1, lanes)}
			var flying [2][]Frame
			for w, m := range machines {
				for more := true; more; {
					flying[w], more = m.Start(flying[w])
				}
			}
			for w := 0; len(flying[0])+len(flying[1]) > 0; w = 1 - w {
				frames := flying[w]
				flying[w] = nil
				for _, f := range frames {
					if want := crc32.Checksum(f.Payload, castagnoli); !f.summed || f.sum != want {
						t.Fatalf("%d lanes of %d numbers: %v of chunk %d segment %d has the sum %08x, want %08x", l, n, f.Kind, f.Chunk, f.Segment, f.sum, want)
					}
					f.unchecked = true
					var err error
					if flying[1-w], err = machines[1-w].Receive(f, flying[1-w]); err != nil {
						t.Fatal(err)
					}
				}
			}
			if !machines[0].Done() || !machines[1].Done() {
				t.Errorf("%d lanes of %d numbers: not done", l, n)
			}
		}
	}
}

// A partial and a sum of which one bit changed on their way are refused with the
// field, wherever that bit is.
func TestReductionRefusesSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	lanes := randomLanes(rng, 2, 2*3*tallyBlock+100)
	spoil := func(f *Frame) {
		f.unchecked = true
		f.Payload[rng.IntN(len(f.Payload))] ^= 1 << rng.IntN(8)
	}
	for range 50 {
		zero, one := tallied(t, 0, lanes), tallied(t, 1, lanes)
		partial, _ := zero.Start(nil)
		spoil(&partial[0])
		_, err := one.Receive(partial[0], nil)
		wantField(t, err, "payload checksum")

		one = tallied(t, 1, lanes)
		partial, _ = tallied(t, 0, lanes).Start(nil)
		sum, err := one.Receive(partial[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		back, _ := one.Start(nil)
		if _, err = zero.Receive(back[0], nil); err != nil {
			t.Fatal(err)
		}
		spoil(&sum[0])
		_, err = zero.Receive(sum[0], nil)
		wantField(t, err, "payload checksum")
	}
}
