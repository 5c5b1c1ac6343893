package worker

import (
	"context"
	"fmt"
	"math/bits"

	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// use is what a row of the global batch takes of the data in a step: count
// items from the first on, in an epoch. An item is a sample; of a text, a byte
// and the one after it.
type use struct {
	epoch        int
	first, count int64
}

// ledger says which items a run uses. What reads the rows is one.
type ledger interface {
	uses(step, row int) use
	items() int64 // of an epoch
}

// Audit is what was found of the items that a run has used.
type Audit struct {
	Steps  int   // that were gone through
	Lanes  int   // in each of them
	Items  int64 // in an epoch
	Uses   int64 // of all steps
	Epochs int   // of which each item was used once
	Part   int64 // items that were used once in the epoch after them
}

// LedgerError says that an item was not used once in an epoch.
type LedgerError struct {
	Epoch int
	Item  int64
	Steps []int // that use it, and their rows: both empty when none does
	Rows  []int
}

func (e *LedgerError) Error() string {
	if len(e.Steps) == 0 {
		return fmt.Sprintf("epoch %d: item %d is used in no step", e.Epoch, e.Item)
	}
	text := fmt.Sprintf("epoch %d: item %d is used more than once:", e.Epoch, e.Item)
	for i, step := range e.Steps {
		text += fmt.Sprintf(" at step %d in row %d,", step, e.Rows[i])
	}
	return text[:len(text)-1]
}

// AuditData goes through the first steps of the run file's run on the data, as its lanes do, and counts which items
// they use. An error is a *LedgerError, or that of ctx.
func AuditData(ctx context.Context, f *runfile.File, data *Dataset, steps int) (Audit, error) {
	feed, err := data.feed(f, nil, true)
	if err != nil {
		return Audit{}, err
	}
	defer feed.close()
	a, err := audit(ctx, feed, steps, f.Batch.Global)
	a.Lanes = f.Batch.Lanes
	return a, err
}

// audit goes through steps of so many rows.
func audit(ctx context.Context, l ledger, steps, rows int) (Audit, error) {
	a := Audit{Items: l.items()}
	open := map[int]*usedItems{} // epochs under way: a batch may lie in several
	for step := range steps {
		if err := ctx.Err(); err != nil {
			return a, err
		}
		oldest := -1
		for row := range rows {
			u := l.uses(step, row)
			if u.count == 0 {
				continue
			}
			if oldest < 0 || u.epoch < oldest {
				oldest = u.epoch
			}
			if open[u.epoch] == nil {
				open[u.epoch] = newUsedItems(a.Items)
			}
			if item, twice := open[u.epoch].add(u.first, u.count); twice {
				return a, twiceUsed(l, u.epoch, item, step, rows)
			}
			a.Uses += u.count
		}
		a.Steps++
		for ; a.Epochs < oldest; a.Epochs++ { // no later step goes back to them
			if err := open[a.Epochs].whole(a.Epochs); err != nil {
				return a, err
			}
			delete(open, a.Epochs)
		}
	}
	for ; open[a.Epochs] != nil && open[a.Epochs].used == a.Items; a.Epochs++ {
	}
	if open[a.Epochs] != nil {
		a.Part = open[a.Epochs].used
	}
	return a, nil
}

// twiceUsed finds all uses of an item up to a step.
func twiceUsed(l ledger, epoch int, item int64, last, rows int) error {
	e := &LedgerError{Epoch: epoch, Item: item}
	for step := range last + 1 {
		for row := range rows {
			if u := l.uses(step, row); u.epoch == epoch && u.first <= item && item < u.first+u.count {
				e.Steps, e.Rows = append(e.Steps, step), append(e.Rows, row)
			}
		}
	}
	return e
}

// usedItems are the items that were used in an epoch, a bit for each.
type usedItems struct {
	bits        []uint64
	items, used int64
}

func newUsedItems(items int64) *usedItems {
	return &usedItems{bits: make([]uint64, (items+63)/64), items: items}
}

// add notes a use of items; of one that was used before, or that there is not,
// it says which.
func (s *usedItems) add(first, count int64) (item int64, twice bool) {
	if first < 0 || count < 0 || first > s.items-count {
		return max(first, s.items), true
	}
	s.used += count
	for end := first + count; first < end; {
		at, n := first%64, min(64-first%64, end-first)
		mask := (^uint64(0) >> (64 - n)) << at
		word := &s.bits[first/64]
		if again := *word & mask; again != 0 {
			return first/64*64 + int64(bits.TrailingZeros64(again)), true
		}
		*word |= mask
		first += n
	}
	return 0, false
}

// whole returns an error unless each item was used. s may be nil: none was.
func (s *usedItems) whole(epoch int) error {
	if s == nil {
		return &LedgerError{Epoch: epoch}
	}
	for i, word := range s.bits {
		if item := int64(i*64 + bits.TrailingZeros64(^word)); word != ^uint64(0) && item < s.items {
			return &LedgerError{Epoch: epoch, Item: item}
		}
	}
	return nil
}
