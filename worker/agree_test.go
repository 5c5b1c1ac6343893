package worker

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"github.com/rondo-ml/rondo/allreduce"
)

// viewOf is a view of so many workers over lanes.
func viewOf(t testing.TB, workers, lanes int) allreduce.View {
	t.Helper()
	view, err := allreduce.EvenView(7, lanes, workers)
	if err != nil {
		t.Fatal(err)
	}
	return view
}

func TestAgree(t *testing.T) {
	at := func(applied uint64, lanes ...int) inventory {
		return inventory{Model: true, Applied: applied, Known: true, Settled: applied, Evaluated: applied, Lanes: lanes}
	}
	whole := func(s inventory) inventory { s.Whole = true; return s }
	unsettled := func(s inventory) inventory { s.Settled--; return s }
	back := func(origin uint64, s inventory) inventory { s.Origin = origin; return s }
	for _, c := range []struct {
		what string
		all  []inventory
		want agreement
	}{
		{"all as they were", []inventory{at(5, 0, 1, 2), at(5, 2, 0, 1)},
			agreement{step: 5, rolls: []bool{false, false}, donors: []int{0, 1}, fresh: []bool{false, false}, states: []int{0, 0, 1}}},
		{"one has applied, the other has the sums", []inventory{whole(at(4, 0, 1, 2)), at(5, 2, 0, 1)},
			agreement{step: 5, rolls: []bool{true, false}, teller: 1, donors: []int{0, 1}, fresh: []bool{false, false}, states: []int{0, 0, 1}, settles: true, evaluates: true}},
		{"one is new", []inventory{at(5, 0, 1, 2), {}},
			agreement{step: 5, rolls: []bool{false, false}, donors: []int{0}, fresh: []bool{false, true}, states: []int{0, 0, 0}}},
		{"one was left behind", []inventory{at(3, 0, 1, 2), at(5, 2, 0, 1)},
			agreement{step: 5, rolls: []bool{false, false}, teller: 1, donors: []int{1}, fresh: []bool{true, false}, states: []int{1, 1, 1}}},
		{"sums of an earlier step are of no use", []inventory{whole(at(3, 0, 1, 2)), at(5, 2, 0, 1)},
			agreement{step: 5, rolls: []bool{false, false}, teller: 1, donors: []int{1}, fresh: []bool{true, false}, states: []int{1, 1, 1}}},
		{"one has not heard that the run went back", []inventory{back(1, at(7, 0, 1, 2)), back(4, at(5, 2, 0, 1))},
			agreement{origin: 4, step: 5, rolls: []bool{false, false}, teller: 1, donors: []int{1}, fresh: []bool{true, false}, states: []int{1, 1, 1}}},
		{"nobody has applied: sums alone roll nobody", []inventory{whole(at(4, 0, 1, 2)), whole(at(4, 2, 0, 1))},
			agreement{step: 4, rolls: []bool{false, false}, donors: []int{0, 1}, fresh: []bool{false, false}, states: []int{0, 0, 1}}},
		{"what follows was not done by all", []inventory{unsettled(at(5, 0, 1)), at(5, 2)},
			agreement{step: 5, rolls: []bool{false, false}, donors: []int{0, 1}, fresh: []bool{false, false}, states: []int{0, 0, 1}, settles: true}},
		{"a lane is lost", []inventory{at(5, 0), at(5, 2)},
			agreement{step: 5, rolls: []bool{false, false}, donors: []int{0, 1}, fresh: []bool{false, false}, states: []int{0, -1, 1}}},
	} {
		got, err := agree(c.all, viewOf(t, 2, 3))
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v (%v), want %+v", c.what, got, err, c.want)
		}
	}
	if _, err := agree([]inventory{{}, {}}, viewOf(t, 2, 3)); err != errNobody {
		t.Errorf("all are new: %v", err)
	}
}

// What a peer cannot have is not taken.
func TestInventoryCheck(t *testing.T) {
	for _, bad := range []inventory{{Model: true, Applied: 11}, {Model: true, Lanes: make([]int, 7)}} {
		if bad.check(3, 10) == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
	if err := (&inventory{Model: true, Applied: 10, Lanes: make([]int, 6)}).check(3, 10); err != nil {
		t.Error(err)
	}
}

// FuzzInventory: what a peer tells of itself may be anything.
func FuzzInventory(f *testing.F) {
	for _, s := range []string{`{}`, `{"model":true,"applied":5,"whole":true,"known":true,"settled":4,"evaluated":5,"lanes":[0,1,2]}`,
		`{"model":true,"applied":18446744073709551615,"whole":true,"lanes":[-1,1000000,0,0,0]}`, `{"lanes":[`, `null`, `[]`, `{"applied":-1}`} {
		f.Add([]byte(s), []byte(`{"model":true,"applied":5,"known":true,"lanes":[1]}`))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		view := viewOf(t, 2, 3)
		all := make([]inventory, 2)
		for i, text := range [][]byte{a, b} {
			if json.Unmarshal(text, &all[i]) != nil || all[i].check(view.Lanes, 10) != nil {
				return
			}
		}
		got, err := agree(all, view)
		if err != nil {
			return
		}
		again, _ := agree(all, view)
		if fmt.Sprint(got) != fmt.Sprint(again) {
			t.Fatalf("twice: %+v and %+v", got, again)
		}
		if len(got.donors) == 0 {
			t.Fatalf("nobody has the weights: %+v", got)
		}
		for w := range all {
			if got.rolls[w] && (got.fresh[w] || all[w].Applied+1 != got.step) || !got.fresh[w] && !got.rolls[w] && all[w].Applied != got.step {
				t.Fatalf("worker %d: %+v of %+v", w, got, all[w])
			}
		}
		for l, holder := range got.states {
			if holder < -1 || holder >= 2 || holder >= 0 && got.fresh[holder] {
				t.Fatalf("lane %d is of worker %d: %+v", l, holder, got)
			}
		}
	})
}
