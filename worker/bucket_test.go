package worker

import (
	"slices"
	"testing"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
)

func TestBucketsCoverEveryParameterOnce(t *testing.T) {
	ps := nn.NewParams()
	for _, n := range []int{5, 7, 100, 1, 1, 30} {
		ps.Add(string(rune('a'+len(ps.List))), nn.ConstantInit(0), n)
	}
	buckets, of := cutBuckets(ps, 40)
	end := ps.Size()
	for i, b := range buckets {
		if b.end != end || b.number != uint32(i) {
			t.Errorf("bucket %d ends at %d, want %d", i, b.end, end)
		}
		if last := i == len(buckets)-1; b.end-b.begin < 40 && !last {
			t.Errorf("bucket %d has %d elements, want at least 40", i, b.end-b.begin)
		}
		end = b.begin
	}
	if end != 0 {
		t.Errorf("elements [0, %d) are in no bucket", end)
	}
	for _, p := range ps.List {
		b := of[p.Index]
		if p.Offset < b.begin || p.Offset+p.Size() > b.end {
			t.Errorf("parameter %s [%d, %d) is not in its bucket [%d, %d)", p.Name, p.Offset, p.Offset+p.Size(), b.begin, b.end)
		}
	}
}

// TestOutputLayerLeavesFirst is why buckets are cut from the end: the output
// layer's gradient is whole before the recurrent layer has been differentiated.
func TestOutputLayerLeavesFirst(t *testing.T) {
	model, err := NewModel(runfile.Model{Kind: "charlm", Cell: "lstm", Hidden: 256, Layers: 1, Embed: 64, Vocab: 256})
	if err != nil {
		t.Fatal(err)
	}
	buckets, of := cutBuckets(model.Params(), bucketElements)
	var first []string
	for _, p := range model.Params().List {
		if of[p.Index] == buckets[0] {
			first = append(first, p.Name)
		}
	}
	if want := []string{"decoder.weight", "decoder.bias"}; !slices.Equal(first, want) {
		t.Errorf("the first bucket holds %v, want %v", first, want)
	}
}
