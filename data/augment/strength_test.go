package augment

import "testing"

// Strengths are torchvision's for pictures of 64×80, at bins 0, 9, 17 and 30.
func TestStrengths(t *testing.T) {
	r := &runner{}
	r.start(pattern(64, 80, 3), nil, 0)
	for _, c := range []struct {
		name   string
		ranges *ranges
		kind   strength
		want   [4]float64
	}{
		{"shear", narrow, shear, [4]float64{0, 0.09, 0.17, 0.3}},
		{"across", narrow, across, [4]float64{0, 10.876133, 20.543806, 36.253777}},
		{"down", narrow, down, [4]float64{0, 8.700907, 16.435045, 29.003021}},
		{"degrees", narrow, degrees, [4]float64{0, 9, 17, 30}},
		{"change", narrow, change, [4]float64{0, 0.27, 0.51, 0.9}},
		{"bits", narrow, bitsKept, [4]float64{8, 7, 6, 4}},
		{"limit", narrow, limit, [4]float64{255, 178.5, 110.5, 0}},
		{"wide shear", wide, shear, [4]float64{0, 0.297, 0.561, 0.99}},
		{"wide across", wide, across, [4]float64{0, 9.6, 18.133333, 32}},
		{"wide down", wide, down, [4]float64{0, 9.6, 18.133333, 32}},
		{"wide degrees", wide, degrees, [4]float64{0, 40.5, 76.5, 135}},
		{"wide change", wide, change, [4]float64{0, 0.297, 0.561, 0.99}},
		{"wide bits", wide, bitsKept, [4]float64{8, 6, 5, 2}},
		{"wide limit", wide, limit, [4]float64{255, 178.5, 110.5, 0}},
	} {
		for i, bin := range []int{0, 9, 17, 30} {
			near(t, c.name, c.ranges.of(c.kind, bin, r, false), c.want[i], 1e-6)
			want := -c.want[i]
			if c.kind == bitsKept || c.kind == limit { // these have no sign
				want = c.want[i]
			}
			near(t, c.name+" with a sign", c.ranges.of(c.kind, bin, r, true), want, 1e-6)
		}
	}
}
