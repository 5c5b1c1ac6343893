package worker

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
)

// drawParams is a set of parameters, some of them matrices of several stages.
func drawParams(t *rapid.T) *nn.Params {
	ps := nn.NewParams()
	for i := range rapid.IntRange(1, 8).Draw(t, "parameters") {
		rows, cols := rapid.IntRange(1, 3000).Draw(t, "rows"), rapid.SampledFrom([]int{1, 7, 300, 512, 1000}).Draw(t, "columns")
		if cols == 1 {
			ps.Add(string(rune('a'+i)), nn.ConstantInit(0), rows)
		} else {
			ps.Add(string(rune('a'+i)), nn.ConstantInit(0), rows, cols)
		}
		ps.List[i].Frozen = rapid.IntRange(0, 3).Draw(t, "frozen") == 0
	}
	return ps
}

// TestPartsCoverEveryElementOnce: buckets hold whole parameters, parts lie in one
// bucket each, and both leave nothing out but what is frozen.
func TestPartsCoverEveryElementOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ps, atLeast := drawParams(t), rapid.IntRange(1, 1<<18).Draw(t, "at least")
		buckets := cutBuckets(ps, atLeast)
		at := func(end int) int { // the parameter that ends there
			return slices.IndexFunc(ps.List, func(p *nn.Param) bool { return p.Offset+p.Size() == end })
		}
		next := len(ps.List) - 1 // the parameter that a bucket must hold
		for i, b := range buckets {
			for next >= 0 && ps.List[next].Frozen {
				next--
			}
			if next < 0 || at(b.end) != next {
				t.Fatalf("bucket %d is [%d, %d), want one that ends with parameter %d", i, b.begin, b.end, next)
			}
			for end := b.end; end > b.begin; next-- {
				if p := ps.List[next]; p.Frozen {
					t.Fatalf("bucket %d holds %s, which is frozen", i, p.Name)
				}
				end = ps.List[next].Offset
			}
			if small := b.end-b.begin < atLeast; small && next >= 0 && !ps.List[next].Frozen {
				t.Fatalf("bucket %d has %d elements, want at least %d", i, b.end-b.begin, atLeast)
			}
		}
		covered := make([]int, ps.Size())
		end := 0
		for i, p := range cutParts(buckets, atLeast) {
			b := buckets[slices.IndexFunc(buckets, func(b bucket) bool { return b.begin <= p.begin && p.begin < b.end })]
			if p.number != uint32(i) || p.begin < end || p.end > b.end || p.of.First != p.begin-b.begin || p.of.Of != b.end-b.begin {
				t.Fatalf("part %d is %+v, in the bucket [%d, %d), after one that ends at %d", i, p, b.begin, b.end, end)
			}
			if p.end-p.begin < atLeast && p.end-p.begin < b.end-b.begin {
				t.Fatalf("part %d has %d elements, want at least %d", i, p.end-p.begin, atLeast)
			}
			for k := p.begin; k < p.end; k++ {
				covered[k]++
			}
			end = p.end
		}
		for _, p := range ps.List {
			for _, times := range covered[p.Offset : p.Offset+p.Size()] {
				if (times == 1) == p.Frozen {
					t.Fatalf("%s is in parts %d times, frozen: %v", p.Name, times, p.Frozen)
				}
			}
		}
	})
}

// TestPartsLeaveWhenComplete completes elements in ranges of any order: each part
// leaves once, with the last of its elements.
func TestPartsLeaveWhenComplete(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ps := drawParams(t)
		parts := cutParts(cutBuckets(ps, 1<<14), 1<<14)
		for i := range parts {
			parts[i].missing = parts[i].end - parts[i].begin
		}
		cuts := append(rapid.SliceOfN(rapid.IntRange(0, ps.Size()), 0, 30).Draw(t, "cuts"), 0, ps.Size())
		for _, p := range ps.List { // what is told of never goes over a frozen parameter
			cuts = append(cuts, p.Offset)
		}
		slices.Sort(cuts)
		cuts = slices.Compact(cuts)
		order := make([]int, len(cuts)-1)
		for i := range order {
			order[i] = i
		}
		done, left := make([]bool, ps.Size()), map[*part]bool{}
		whole := func(p *part) bool { return !slices.Contains(done[p.begin:p.end], false) }
		for _, i := range rapid.Permutation(order).Draw(t, "order") {
			for at := cuts[i]; at < cuts[i+1]; at++ {
				done[at] = true
			}
			if slices.ContainsFunc(ps.List, func(p *nn.Param) bool { return p.Frozen && p.Offset <= cuts[i] && cuts[i] < p.Offset+p.Size() }) {
				continue
			}
			complete(parts, cuts[i], cuts[i+1], func(p *part) {
				if left[p] || !whole(p) {
					t.Fatalf("part %d leaves again, or too early", p.number)
				}
				left[p] = true
			})
			for i := range parts {
				if p := &parts[i]; whole(p) && !left[p] {
					t.Fatalf("part %d is complete and has not left", p.number)
				}
			}
		}
	})
}

// TestOutputLayerLeavesFirst is why buckets are cut from the end: the output
// layer's gradient is whole before the recurrent layer has been differentiated.
func TestOutputLayerLeavesFirst(t *testing.T) {
	model, err := NewModel(runfile.Default("x").Model)
	if err != nil {
		t.Fatal(err)
	}
	buckets := cutBuckets(model.Params(), bucketElements)
	var first []string
	for _, p := range slices.Backward(buckets[0].params) {
		first = append(first, p.Name)
	}
	if want := []string{"decoder.weight", "decoder.bias"}; !slices.Equal(first, want) {
		t.Errorf("the first bucket holds %v, want %v", first, want)
	}
}

// TestLargeMatrixLeavesInParts: of a recurrent layer the first rows' gradients
// leave before the last are computed.
func TestLargeMatrixLeavesInParts(t *testing.T) {
	m := runfile.Default("x").Model
	m.Set("hidden", "512")
	model, err := NewModel(m)
	if err != nil {
		t.Fatal(err)
	}
	p := model.Params().Get("rnn.weight_hh_l0")
	n := 0
	for _, part := range cutParts(cutBuckets(model.Params(), bucketElements), partElements) {
		if p.Offset < part.end && part.begin < p.Offset+p.Size() {
			n++
		}
	}
	if n < 4 {
		t.Errorf("%s leaves in %d parts, want at least 4", p.Name, n)
	}
}
