package checkpoint

import "fmt"

// Owners checks that each lane of each of the first steps had one worker, as the journal tells of the views that count:
// those that no later view has superseded. It returns the step from which the journal knows, and how many views those
// are; none when it knows of none.
func Owners(journal []JournalLine, lanes int, steps uint64) (from uint64, views int, err error) {
	var list []JournalLine
	for _, l := range journal {
		if l.View == nil || l.Step > steps {
			continue
		}
		for len(list) > 0 && list[len(list)-1].Step >= l.Step {
			list = list[:len(list)-1]
		}
		list = append(list, l)
	}
	for _, l := range list {
		if err := l.View.check(lanes); err != nil {
			return 0, 0, fmt.Errorf("%s: the view of generation %d, from step %d on: %w", JournalName, l.View.Generation, l.Step, err)
		}
	}
	if len(list) > 0 {
		from = list[0].Step
	}
	return from, len(list), nil
}

// check returns an error unless each lane has one worker.
func (v *JournalView) check(lanes int) error {
	if v.Lanes != lanes {
		return fmt.Errorf("%d lanes, and the run has %d", v.Lanes, lanes)
	}
	next := 0
	for _, w := range v.Workers {
		if w.First != next || w.End <= w.First {
			return fmt.Errorf("%s has the lanes from %d to before %d, where lane %d is the next without a worker", w.Name, w.First, w.End, next)
		}
		next = w.End
	}
	if next != lanes {
		return fmt.Errorf("lane %d has no worker", next)
	}
	return nil
}
