package tensor

import "testing"

func TestDropMask(t *testing.T) {
	eachTier(t, func(t *testing.T) {
		u := make([]float32, 1300)
		Uniforms(u, [2]uint32{1, 2}, [4]uint32{3, 4, 5, 6})
		for _, rate := range []float32{0, 0.25, u[7], 0.999} {
			mask := make([]float32, len(u))
			DropMask(mask, u, rate, 1.5)
			place := copyOf(Of(u, 1, len(u))).Data
			DropMask(place, place, rate, 1.5)
			for i, v := range u {
				want := float32(0)
				if v >= rate {
					want = 1.5
				}
				if mask[i] != want || place[i] != want {
					t.Fatalf("rate %v: %v gives %v, and in its place %v; want %v", rate, v, mask[i], place[i], want)
				}
			}
		}
	})
}
