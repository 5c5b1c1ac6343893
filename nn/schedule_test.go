package nn

import (
	"math"
	"strings"
	"testing"
)

func TestSchedule(t *testing.T) {
	constant := Schedule{Kind: "constant", Peak: 2, Steps: 10}
	warm := Schedule{Kind: "constant", Peak: 2, Warmup: 4, Steps: 10}
	linear := Schedule{Kind: "linear", Peak: 2, Steps: 10}
	floor := Schedule{Kind: "linear", Peak: 2, Floor: 1, Warmup: 2, Steps: 10}
	cosine := Schedule{Kind: "cosine", Peak: 2, Floor: 1, Warmup: 2, Steps: 10}
	for _, c := range []struct {
		s    Schedule
		step uint64
		want float64
	}{
		{constant, 0, 2}, {constant, 9, 2}, {constant, 1000, 2},
		{warm, 0, 0.5}, {warm, 2, 1.5}, {warm, 3, 2}, {warm, 4, 2},
		{linear, 0, 2}, {linear, 5, 1}, {linear, 9, 0.2}, {linear, 10, 0}, {linear, 99, 0},
		{floor, 0, 1}, {floor, 1, 2}, {floor, 2, 2}, {floor, 6, 1.5}, {floor, 9, 1.125}, {floor, 10, 1},
		{cosine, 1, 2}, {cosine, 2, 2}, {cosine, 4, 1.5 + math.Sqrt2/4}, {cosine, 6, 1.5}, {cosine, 10, 1}, {cosine, 99, 1},
		{Schedule{Kind: "linear", Peak: 2, Floor: 1, Warmup: 3, Steps: 3}, 2, 2},
		{Schedule{Kind: "linear", Peak: 2, Floor: 1, Warmup: 3, Steps: 3}, 3, 1},
	} {
		if err := c.s.Validate(); err != nil {
			t.Errorf("%+v: %v", c.s, err)
		}
		if got := c.s.LR(c.step); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%+v: step %d has rate %v, want %v", c.s, c.step, got, c.want)
		}
	}
}

func TestScheduleErrors(t *testing.T) {
	for _, c := range []struct {
		s    Schedule
		want string
	}{
		{Schedule{Kind: "step", Peak: 1}, `kind "step"`},
		{Schedule{Kind: "linear"}, "peak is 0"},
		{Schedule{Kind: "linear", Peak: math.NaN()}, "peak is NaN"},
		{Schedule{Kind: "linear", Peak: 1, Floor: 2}, "floor is 2"},
		{Schedule{Kind: "linear", Peak: 1, Warmup: 2, Steps: 1}, "warm-up is 2"},
	} {
		if err := c.s.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c.s, err, c.want)
		}
	}
}
