package optim

import (
	"math"
	"strings"
	"testing"
)

// scheduleReference is what testdata/make_schedules.py wrote.
type scheduleReference struct {
	Torch   string
	Cases   map[string][]float64
	Plateau struct {
		Losses []*float64 // nil: NaN
		Rates  []float64
	}
}

func TestSchedulesAgainstPyTorch(t *testing.T) {
	var ref scheduleReference
	readReference(t, "testdata/schedules.json", &ref)
	ours := map[string]Schedule{
		"constant":              {Kind: "constant"},
		"linear":                {Kind: "linear", Floor: 0.03},
		"cosine":                {Kind: "cosine", Floor: 0.03},
		"polynomial":            {Kind: "polynomial", Power: 0.9},
		"step":                  {Kind: "step", Every: 7, Factor: 0.5},
		"multistep":             {Kind: "multistep", At: []uint64{10, 11, 40}, Factor: 0.1},
		"exponential":           {Kind: "exponential", Factor: 0.93},
		"cosine-restarts":       {Kind: "cosine-restarts", Every: 6, Growth: 2, Floor: 0.03},
		"cosine-restarts alike": {Kind: "cosine-restarts", Every: 6, Growth: 1},
		"one-cycle":             {Kind: "one-cycle", Start: 0.3 / 25, Floor: 0.3 / 25 / 1e4, Rise: 0.3},
		"warmup cosine":         {Kind: "cosine", Warmup: 5},
		"warmup step":           {Kind: "step", Warmup: 5, Every: 9, Factor: 0.5},
		"warmup restarts":       {Kind: "cosine-restarts", Warmup: 5, Every: 6, Growth: 2},
		"warmup constant":       {Kind: "constant", Warmup: 7},
		"warmup linear":         {Kind: "linear", Warmup: 7, Floor: 0.03},
		"warmup polynomial":     {Kind: "polynomial", Warmup: 7, Power: 0.9},
		"warmup multistep":      {Kind: "multistep", Warmup: 7, At: []uint64{10, 11, 40}, Factor: 0.1},
		"warmup exponential":    {Kind: "exponential", Warmup: 7, Factor: 0.93},
	}
	for name, want := range ref.Cases {
		s, ok := ours[name]
		if !ok {
			t.Errorf("%s: no such schedule here", name)
			continue
		}
		s.Peak, s.Steps = 0.3, uint64(len(want))
		if err := s.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for step, rate := range want {
			// PyTorch forms some rates from the last ones, so errors add up over the steps.
			if got := s.LR(uint64(step)); math.Abs(got-rate) > 1e-14*float64(len(want))*0.3 {
				t.Errorf("%s: step %d has rate %v, PyTorch %s has %v", name, step, got, ref.Torch, rate)
			}
		}
	}
	if len(ref.Cases) != len(ours) {
		t.Errorf("%d cases for %d schedules", len(ref.Cases), len(ours))
	}
}

func TestPlateauAgainstPyTorch(t *testing.T) {
	var ref scheduleReference
	readReference(t, "testdata/schedules.json", &ref)
	cfg := PlateauConfig{Factor: 0.5, Patience: 2, Threshold: 1e-3, Cooldown: 1}
	p := NewPlateau(cfg)
	for i, loss := range ref.Plateau.Losses {
		if loss == nil {
			p.Observe(math.NaN())
		} else {
			p.Observe(*loss)
		}
		if got, want := p.LR(0.3, 0.02), ref.Plateau.Rates[i]; math.Abs(got-want) > 1e-15 {
			t.Errorf("after loss %d the rate is %v, PyTorch %s has %v", i, got, ref.Torch, want)
		}
		again := NewPlateau(cfg) // a restored one goes on alike
		again.Restore(p.State())
		p = again
	}
	if p.State().Falls < 4 {
		t.Errorf("the losses make only %d falls", p.State().Falls)
	}
}

func TestScheduleAtItsEnds(t *testing.T) {
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
		{Schedule{Kind: "step", Peak: 2, Floor: 1, Every: 1, Factor: 0.1, Steps: 9}, 5, 1},
		{Schedule{Kind: "exponential", Peak: 2, Factor: 0.5, Steps: 9}, 1 << 40, 0},
		{Schedule{Kind: "cosine-restarts", Peak: 2, Every: 1, Growth: 1 << 63, Steps: 9}, 1 + 1<<62, 1},
		{Schedule{Kind: "one-cycle", Peak: 2, Rise: 0.01, Steps: 1}, 0, 2},
		{Schedule{Kind: "one-cycle", Peak: 2, Rise: 0.5, Steps: 10}, 99, 0},
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
		{Schedule{Kind: "stairs", Peak: 1}, `kind "stairs"`},
		{Schedule{Kind: "linear"}, "peak is 0"},
		{Schedule{Kind: "linear", Peak: math.NaN()}, "peak is NaN"},
		{Schedule{Kind: "linear", Peak: 1, Floor: 2}, "floor is 2"},
		{Schedule{Kind: "linear", Peak: 1, Warmup: 2, Steps: 1}, "warmup is 2"},
		{Schedule{Kind: "polynomial", Peak: 1}, "power is 0"},
		{Schedule{Kind: "step", Peak: 1, Factor: 0.5}, "every is 0"},
		{Schedule{Kind: "step", Peak: 1, Every: 1, Factor: 2}, "factor is 2"},
		{Schedule{Kind: "multistep", Peak: 1, Factor: 0.5}, "at names no step"},
		{Schedule{Kind: "multistep", Peak: 1, Factor: 0.5, At: []uint64{3, 3}}, "3 after 3"},
		{Schedule{Kind: "multistep", Peak: 1, Factor: 0.5, At: []uint64{3}, Warmup: 4, Steps: 9}, "in the midst"},
		{Schedule{Kind: "exponential", Peak: 1}, "factor is 0"},
		{Schedule{Kind: "cosine-restarts", Peak: 1, Every: 2}, "growth is 0"},
		{Schedule{Kind: "cosine-restarts", Peak: 1, Growth: 1}, "every is 0"},
		{Schedule{Kind: "one-cycle", Peak: 1, Rise: 1}, "rise is 1"},
		{Schedule{Kind: "one-cycle", Peak: 1, Rise: 0.5, Start: 2}, "start is 2"},
		{Schedule{Kind: "one-cycle", Peak: 1, Rise: 0.5, Warmup: 1, Steps: 2}, "warmup is 1"},
	} {
		if err := c.s.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want one with %q", c.s, err, c.want)
		}
	}
}
