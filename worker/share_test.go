package worker

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// storedOfEpoch counts the stored samples that an epoch of training takes.
func storedOfEpoch(t *testing.T, set string, share string) map[int]int {
	t.Helper()
	f := imageFile(t, "lenet5", "data.train="+set, "data.share="+share)
	data, err := OpenData(f, set)
	if err != nil {
		t.Fatal(err)
	}
	r := newSampleRows(data, f, nil, true)
	taken := map[int]int{}
	for i := range r.length {
		sample, epoch := r.at(r.length + i) // the second epoch
		if epoch != 1 {
			t.Fatalf("place %d is of epoch %d", r.length+i, epoch)
		}
		taken[r.stored(sample)]++
	}
	if held := newSampleRows(data, f, nil, false); held.length != 40 || held.stored(39) != 39 {
		t.Errorf("held out: %d samples, the last is %d", held.length, held.stored(39))
	}
	return taken
}

// A share of a set has each of its samples once an epoch, and a smaller share is a part of a larger one.
func TestShareOfSamples(t *testing.T) {
	set := storedSet(t, 40, 28, nil)
	quarter, half := storedOfEpoch(t, set, "0.25"), storedOfEpoch(t, set, "0.5")
	for _, c := range []struct {
		taken map[int]int
		want  int
	}{{quarter, 10}, {half, 20}, {storedOfEpoch(t, set, "1"), 40}, {storedOfEpoch(t, set, "0.001"), 1}} {
		if len(c.taken) != c.want {
			t.Errorf("%d samples, want %d", len(c.taken), c.want)
		}
		for sample, n := range c.taken {
			if n != 1 || sample < 0 || sample >= 40 {
				t.Errorf("sample %d: %d times", sample, n)
			}
		}
	}
	for sample := range quarter {
		if half[sample] == 0 {
			t.Errorf("sample %d is in a quarter and not in a half", sample)
		}
	}
	if slices.Equal(slices.Sorted(maps.Keys(quarter)), []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
		t.Error("the quarter is the beginning of the set, which may be sorted by class")
	}
}

// A share has the same bits on any number of workers, and others than the whole.
func TestShareSameBits(t *testing.T) {
	set := storedSet(t, 40, 28, nil)
	file := func(share string) outcome {
		return runInProcess(t, imageFile(t, "lenet5", "steps=6", "data.train="+set, "data.valid="+set, "data.share="+share), 1, 1, 1)
	}
	want := file("0.5")
	if file("1").sum == want.sum || file("0.6").sum == want.sum {
		t.Error("the share does not show")
	}
	f := imageFile(t, "lenet5", "steps=6", "data.train="+set, "data.valid="+set, "data.share=0.5")
	for _, workers := range []int{2, 3} {
		if got := runInProcess(t, f, workers, 1, 1); got.sum != want.sum {
			t.Errorf("%d workers: %+v, one has %+v", workers, got, want)
		}
	}
}

// A share of a text is too short for a batch where the whole is not; a held-out text is whole.
func TestShareOfText(t *testing.T) {
	f := smallFile(t, "data.share=0.001")
	data, err := OpenData(f, f.Data.Train)
	if err != nil {
		t.Fatal(err)
	}
	if err := data.Check(f, true); err == nil || !strings.Contains(err.Error(), "in use (data.share)") {
		t.Errorf("a share too small: %v", err)
	}
	if err := data.Check(f, false); err != nil {
		t.Error(err)
	}
}
