package web

import "encoding/json"

// keptFalls is what a report has of where the time of steps went.
type keptFalls struct {
	Steps []uint64            `json:"steps"`
	List  [][]json.RawMessage `json:"list"` // for each step an api.WorkerWaterfall of each worker that told
}

// leastFalls is of how many steps a report has all workers' waterfalls; where there is no room for so many it has one worker's.
const leastFalls = 4

// keepFalls is what a source has recorded, in about so many bytes, and how many it takes: all, or every second, fourth, …
// of the steps, the newest always; nil where there is nothing, or even the newest does not fit. It says where workers are left out.
func keepFalls(src Source, room int) (k *keptFalls, size int, left []string) {
	of, knows := src.(KeptWaterfalls)
	if !knows {
		return nil, 0, nil
	}
	steps, many := of.WaterfallSteps(), false
	all := &keptFalls{Steps: steps}
	for _, step := range steps {
		var texts []json.RawMessage // none, and so null, of a step that went meanwhile
		for _, text := range of.WaterfallsAt(step) {
			texts = append(texts, text)
		}
		many = many || len(texts) > 1
		all.List = append(all.List, texts)
	}
	least := 1
	if many {
		least = min(leastFalls, len(steps))
	}
	if k, size = all.within(room, least); k != nil || !many {
		return k, size, nil
	}
	for i, texts := range all.List {
		all.List[i] = texts[:min(1, len(texts))]
	}
	if k, size = all.within(room, 1); k != nil {
		left = append(left, "the report has no room for the waterfalls of all workers: it has those of the first")
	}
	return k, size, left
}

// within is what fits into so many bytes; nil where that would be of fewer steps than least.
func (k *keptFalls) within(room, least int) (*keptFalls, int) {
	for steps, list := k.Steps, k.List; len(steps) > 0 && len(steps) >= least; steps, list = thinned(steps, 2), thinned(list, 2) {
		size := 0
		for _, texts := range list {
			for _, text := range texts {
				size += len(text)
			}
		}
		if size <= room {
			return &keptFalls{steps, list}, size
		}
		if len(steps) == 1 {
			break
		}
	}
	return nil, 0
}
