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
	}
	return ps
}

// TestPartsCoverEveryElementOnce: buckets hold whole parameters, parts lie in one
// bucket each, and both leave nothing out.
func TestPartsCoverEveryElementOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ps, atLeast := drawParams(t), rapid.IntRange(1, 1<<18).Draw(t, "at least")
		buckets := cutBuckets(ps, atLeast)
		end := ps.Size()
		for i, b := range buckets {
			if b.end != end || b.end-b.begin < atLeast && i < len(buckets)-1 {
				t.Fatalf("bucket %d is [%d, %d), want one of at least %d that ends at %d", i, b.begin, b.end, atLeast, end)
			}
			if !slices.ContainsFunc(ps.List, func(p *nn.Param) bool { return p.Offset == b.begin }) {
				t.Fatalf("bucket %d begins at %d, in the midst of a parameter", i, b.begin)
			}
			end = b.begin
		}
		at, parts := 0, cutParts(buckets, atLeast)
		for i, p := range parts {
			b := buckets[slices.IndexFunc(buckets, func(b bucket) bool { return b.begin <= p.begin && p.begin < b.end })]
			if p.number != uint32(i) || p.begin != at || p.end > b.end || p.of.First != p.begin-b.begin || p.of.Of != b.end-b.begin {
				t.Fatalf("part %d is %+v, in the bucket [%d, %d), after one that ends at %d", i, p, b.begin, b.end, at)
			}
			if p.end-p.begin < atLeast && p.end-p.begin < b.end-b.begin {
				t.Fatalf("part %d has %d elements, want at least %d", i, p.end-p.begin, atLeast)
			}
			at = p.end
		}
		if end != 0 || at != ps.Size() {
			t.Fatalf("elements [0, %d) are in no bucket, [%d, %d) in no part", end, at, ps.Size())
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
	model, err := NewModel(runfile.Model{Kind: "charlm", Cell: "lstm", Hidden: 256, Layers: 1, Embed: 64, Vocab: 256})
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
	model, err := NewModel(runfile.Model{Kind: "charlm", Cell: "lstm", Hidden: 512, Layers: 1, Embed: 64, Vocab: 256})
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
