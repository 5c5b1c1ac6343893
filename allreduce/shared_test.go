package allreduce

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// pretendRegion is a region of so many payload bytes that no other process sees.
func pretendRegion(bytes int) *region {
	words := make([]uint64, (sharedHead+bytes)/8)
	return newRegion(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(words))), 8*len(words)))
}

func sharedPair(bytes int) (*sharedOut, *sharedIn) {
	r := pretendRegion(bytes)
	return &sharedOut{region: r}, &sharedIn{region: r}
}

// Payloads of any size, released in any order, are never written over before
// their release, and room comes back.
func TestSharedMemory(t *testing.T) {
	out, in := sharedPair(64 << 10)
	rng := rand.New(rand.NewPCG(1, 1))
	type payload struct {
		frame Frame
		want  []byte
	}
	var held []payload
	lent, full := 0, 0
	for range 20_000 {
		n := sharedLeast + rng.IntN(9000)
		f, ok := out.lend(n)
		if !ok {
			full++
			if len(held) == 0 {
				t.Fatal("no room in memory that is free")
			}
			i := rng.IntN(len(held))
			if !bytes.Equal(held[i].frame.Payload, held[i].want) {
				t.Fatal("a payload was written over before its release")
			}
			held[i].frame.Release()
			held = append(held[:i], held[i+1:]...)
			continue
		}
		lent++
		for i := range f.Payload {
			f.Payload[i] = byte(lent * (i + 1))
		}
		got := Frame{place: f.place}
		if err := in.take(&got, n); err != nil {
			t.Fatal(err)
		}
		held = append(held, payload{got, bytes.Clone(f.Payload)})
	}
	if lent < 1000 || full < 1000 {
		t.Errorf("%d lent, %d times full", lent, full)
	}
	for _, p := range held {
		p.frame.Release()
	}
	if now := in.region.word.Load(); now != out.head {
		t.Errorf("the receiver is at %d, the sender at %d", now, out.head)
	}
}

// A place that was not to be expected is refused, and so is one on a link that
// shares nothing.
func TestSharedRefusesPlaces(t *testing.T) {
	for _, tc := range []struct {
		name  string
		place uint32
		n     int
	}{
		{"not the next", 2 + 4096/lineSize, 4096}, {"the one before", 4096 / lineSize, 4096}, {"far outside", 1 << 31, 4096},
		{"the last", 1<<32 - 1, 4096}, {"too long", 1 + 4096/lineSize, 1 << 30}, {"over the end", 1 + 4096/lineSize, 61 << 10},
		{"over what is held", 1, 4096}, {"nothing", 1 + 4096/lineSize, 0},
	} {
		_, in := sharedPair(64 << 10)
		first := Frame{place: 1}
		if err := in.take(&first, 4096); err != nil {
			t.Fatal(err)
		}
		f := Frame{place: tc.place}
		wantField(t, in.take(&f, tc.n), "place")
		if f.Payload != nil || f.mem != nil {
			t.Errorf("%s: the frame has a payload", tc.name)
		}
	}
	f := Frame{place: 1}
	wantField(t, (*sharedIn)(nil).take(&f, 4096), "place")
}

// Whatever the other process writes where the receiver tells how far it is, what
// is lent lies within the region.
func TestSharedNonsense(t *testing.T) {
	out, _ := sharedPair(64 << 10)
	rng := rand.New(rand.NewPCG(1, 1))
	for range 10_000 {
		out.region.word.Store(rng.Uint64() >> rng.IntN(64))
		f, ok := out.lend(1 + rng.IntN(70<<10))
		if !ok {
			continue
		}
		f.Payload[0], f.Payload[len(f.Payload)-1] = 1, 1
		if cap(f.Payload) != len(f.Payload) {
			t.Fatal("a payload that can grow")
		}
	}
}

// FuzzPlace takes whatever places a neighbour may name: no panic, nothing
// outside the region, nothing that is held still.
func FuzzPlace(f *testing.F) {
	f.Add([]byte{1, 0, 64, 65, 0, 32, 1, 0, 16})
	f.Fuzz(func(t *testing.T, b []byte) {
		_, in := sharedPair(32 << 10)
		var held []Frame
		for ; len(b) >= 3; b = b[3:] {
			frame := Frame{place: uint32(b[0])<<24>>uint(b[1]%25) | 1}
			if err := in.take(&frame, int(b[2])<<7); err != nil {
				if b[1]&1 == 1 && len(held) > 0 {
					held[0].Release()
					held = held[1:]
				}
				continue
			}
			for i := range frame.Payload {
				frame.Payload[i] = 1
			}
			held = append(held, frame)
		}
	})
}
