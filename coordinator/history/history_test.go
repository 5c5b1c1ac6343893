package history

import (
	"encoding/json"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// when is the time of a step in these tests.
func when(step uint64) time.Time { return time.Unix(1e9, 0).Add(time.Duration(step) * time.Second) }

// One spike and one NaN among a million steps are seen at every zoom, and a
// million steps take the memory that is said.
func TestNothingIsHidden(t *testing.T) {
	steps, spike, nan := uint64(1_000_000), uint64(456_789), uint64(654_321)
	if testing.Short() {
		steps, spike, nan = steps/10, spike/10, nan/10
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	h := New(StepColumns()...)
	values := []float32{2, 1, 0.1, 1000, 1, 1, 1, 1}
	for s := uint64(1); s <= steps; s++ {
		values[0], values[1] = 2, 1
		if s == spike {
			values[0] = 77
		}
		if s == nan {
			values[1] = Value(math.NaN())
		}
		h.Add(s, when(s), values)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if used := int64(after.HeapAlloc) - int64(before.HeapAlloc); used > 72*int64(steps) {
		t.Errorf("%d bytes of %d steps", used, steps)
	}
	for width := uint64(100); width <= steps; width *= 10 {
		for _, at := range []uint64{spike, nan} {
			for _, points := range []int{1, 7, 100, 1000, MaxPoints} {
				s := h.Series(Query{From: at - min(at-1, width/3), To: at + width/2, Points: points})
				most, bad := slices.Max(s.Columns["loss"].Max), slices.Max(s.Columns["norm"].Bad)
				if at == spike && most != 77 || at == nan && bad != 1 || len(s.Steps) > points {
					t.Errorf("%d steps around %d in %d points: greatest %v, not finite %d, %d buckets", width, at, points, most, bad, len(s.Steps))
				}
			}
		}
	}
	runtime.KeepAlive(h)
}

// However many steps a run has, its history is bounded, and what was dropped in
// one level is answered from the one above.
func TestOldStepsInWiderBuckets(t *testing.T) {
	h := New("loss")
	for k := range h.levels {
		h.levels[k].most = 4
	}
	const steps = 4*1024*3 + 17
	for s := uint64(1); s <= steps; s++ {
		h.Add(s, when(s), []float32{float32(s)})
	}
	for k := range h.levels {
		if n := len(h.levels[k].blocks); n > 4 {
			t.Errorf("level %d has %d blocks", k, n)
		}
	}
	s := h.Series(Query{From: 100, To: 110})
	if c := s.Columns["loss"]; s.Width != 16 || c.Min[0] != 97 || c.Max[0] != 112 || c.Last[0] != 112 || c.Mean[0] != 104.5 || s.Steps[0] != 112 {
		t.Errorf("of old steps: %+v, loss %+v", s, s.Columns["loss"])
	}
	if s := h.Series(Query{From: steps - 9}); s.Width != 1 || len(s.Steps) != 10 {
		t.Errorf("of new steps: %+v", s)
	}
	h.Cut(100)
	if got := h.Last(); got != 96 { // what is known of steps 97 to 112 lies in one bucket, which was cut
		t.Errorf("after the cut it ends with step %d", got)
	}
}

// point is one of the plain slice that a history is compared with.
type point struct {
	step   uint64
	values []float32
}

func points(t *rapid.T, from uint64) (list []point) {
	value := rapid.OneOf(rapid.Float32Range(-1e30, 1e30), rapid.SampledFrom([]float32{None(), Value(math.NaN()), float32(math.Inf(1)), 0}))
	for range rapid.IntRange(0, 400).Draw(t, "points") {
		from += rapid.Uint64Range(1, 40).Draw(t, "gap")
		list = append(list, point{from, []float32{value.Draw(t, "a"), value.Draw(t, "b")}})
	}
	return list
}

// Whatever was added, cut and added again, an answer says of each of its
// buckets what a look at all points says.
func TestSeriesAgainstAllPoints(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := New("a", "b")
		var all []point
		for range rapid.IntRange(1, 3).Draw(t, "lives") {
			cut := rapid.Uint64Range(0, h.Last()+5).Draw(t, "cut")
			h.Cut(cut)
			all = slices.DeleteFunc(all, func(p point) bool { return p.step > cut })
			for _, p := range points(t, h.Last()) {
				h.Add(p.step, when(p.step), p.values)
				all = append(all, p)
			}
		}
		q := Query{From: rapid.Uint64Range(0, 9000).Draw(t, "from"), Points: rapid.IntRange(1, 300).Draw(t, "n")}
		q.To = q.From + rapid.Uint64Range(0, 9000).Draw(t, "length")
		s := h.Series(q)
		if n := len(all); n > 0 && s.End != all[n-1].step || n == 0 && s.End != 0 {
			t.Fatalf("it ends with step %d", s.End)
		}
		if len(s.Steps) > q.Points {
			t.Fatalf("%d buckets, %d at most were asked for", len(s.Steps), q.Points)
		}
		compare(t, s, all)
	})
}

func compare(t *rapid.T, s Series, all []point) {
	buckets := map[uint64][]point{}
	var order []uint64
	if s.To >= s.From {
		for _, p := range all {
			if b := (p.step - 1) / s.Width; b >= (s.From-1)/s.Width && b <= (s.To-1)/s.Width {
				if buckets[b] == nil {
					order = append(order, b)
				}
				buckets[b] = append(buckets[b], p)
			}
		}
	}
	if len(order) != len(s.Steps) {
		t.Fatalf("%d buckets, want %d", len(s.Steps), len(order))
	}
	for i, b := range order {
		last := buckets[b][len(buckets[b])-1].step
		if s.Steps[i] != last || s.Seconds[i] < 0 {
			t.Fatalf("bucket %d ends with step %d after %v s, want step %d", i, s.Steps[i], s.Seconds[i], last)
		}
		for k, name := range []string{"a", "b"} {
			least, most, mean, lastValue, bad := plain(buckets[b], k)
			c := s.Columns[name]
			if !same(c.Min[i], least) || !same(c.Max[i], most) || !same(c.Last[i], lastValue) || c.Bad[i] != bad ||
				!same(c.Mean[i], mean) && math.Abs(float64(c.Mean[i]-mean)) > 1e-5*max(math.Abs(float64(least)), math.Abs(float64(most))) {
				t.Fatalf("bucket %d column %s: %v %v %v %v %d, want %v %v %v %v %d", i, name, c.Min[i], c.Max[i], c.Mean[i], c.Last[i], c.Bad[i], least, most, mean, lastValue, bad)
			}
		}
	}
}

func plain(points []point, k int) (least, most, mean, last float32, bad uint64) {
	least, most, mean, last = Value(math.NaN()), Value(math.NaN()), Value(math.NaN()), Value(math.NaN())
	sum, n := 0.0, 0
	for _, p := range points {
		v := p.values[k]
		if IsNone(v) {
			continue
		}
		last = v
		if !finite(v) {
			bad++
			continue
		}
		if n == 0 {
			least, most = v, v
		}
		least, most = min(least, v), max(most, v)
		sum += float64(v)
		n++
		mean = float32(sum / float64(n))
	}
	return least, most, mean, last, bad
}

func same(a, b float32) bool { return a == b || a != a && b != b }

// A step that was there before is not added, nor one with other columns.
func TestAddRefuses(t *testing.T) {
	h := New("loss")
	if !h.Add(5, when(5), []float32{1}) || h.Add(5, when(5), []float32{2}) || h.Add(4, when(4), []float32{2}) ||
		h.Add(6, when(6), []float32{1, 2}) || h.Add(MaxStep+1, when(6), []float32{1}) ||
		h.Add(6, time.Unix(-1, 0), []float32{1}) || h.Add(6, time.Unix(maxSeconds+1, 0), []float32{1}) || h.Last() != 5 {
		t.Error("a point was added that cannot be, or one was not that can")
	}
}

// JSON says null of what is not finite, and has the digits of a float32.
func TestSeriesInJSON(t *testing.T) {
	h := New("loss", "lr", "rare")
	h.Add(1, when(1), []float32{2, 1e-4, None()})
	h.Add(2, when(2).Add(500*time.Millisecond), []float32{Value(math.Inf(-1)), 1e-4, None()})
	text, err := json.Marshal(h.Series(Query{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, has := range []string{`"from":1,"to":2,"end":2,"width":1`, `"steps":[1,2]`, `"seconds":[0,1.5]`, `"loss":{"min":[2,null]`, `"bad":[0,1]`,
		`"lr":{"min":[0.0001,0.0001]`, `"rare":{"min":[null,null],"max":[null,null],"mean":[null,null],"last":[null,null],"bad":[0,0]}`} {
		if !strings.Contains(string(text), has) {
			t.Errorf("%s lacks %s", text, has)
		}
	}
	text, err = json.Marshal(New("loss").Series(Query{From: 3}))
	if err != nil || !strings.Contains(string(text), `"steps":[],"seconds":[],"columns":{"loss":{"min":[],`) {
		t.Errorf("of no steps: %s %v", text, err)
	}
}

func TestQueryValidate(t *testing.T) {
	for _, q := range []Query{{From: 5, To: 4}, {Points: -1}, {Points: MaxPoints + 1}, {Columns: make([]string, MaxColumns+1)}} {
		if q.Validate() == nil {
			t.Errorf("%+v is valid", q)
		}
	}
	if err := (&Query{From: 4, To: 4, Points: MaxPoints}).Validate(); err != nil {
		t.Error(err)
	}
}

// Each gives the points that are kept one by one.
func TestEach(t *testing.T) {
	h := New("loss")
	for s := uint64(2); s <= 3000; s += 2 {
		h.Add(s, when(s), []float32{float32(s)})
	}
	var got []uint64
	h.Each(2990, func(step uint64, at time.Time, values []float32) bool {
		if !at.Equal(when(step)) || values[0] != float32(step) {
			t.Errorf("step %d at %v: %v", step, at, values)
		}
		got = append(got, step)
		return step < 2996
	})
	if !slices.Equal(got, []uint64{2992, 2994, 2996}) {
		t.Error(got)
	}
}

func BenchmarkAdd(b *testing.B) {
	h := New("loss", "norm", "lr", "rate", "compute", "ring", "wait")
	values := make([]float32, 7)
	s := uint64(0)
	for b.Loop() {
		s++
		h.Add(s, when(s), values)
	}
}

func BenchmarkSeriesOfAMillion(b *testing.B) {
	h := New("loss", "norm", "lr", "rate", "compute", "ring", "wait")
	values := make([]float32, 7)
	for s := uint64(1); s <= 1e6; s++ {
		h.Add(s, when(s), values)
	}
	for b.Loop() {
		h.Series(Query{})
	}
}
