package web

import "encoding/json"

// keptFalls is what a report has of where the time of steps went.
type keptFalls struct {
	Steps []uint64            `json:"steps"`
	List  [][]json.RawMessage `json:"list"` // for each an api.WorkerWaterfall of every worker that told
}

// keepFalls is what a source has recorded, in about so many bytes, and how many it takes: all, or every second, fourth, …
// of the steps, the newest always, and of that the first worker alone where the others do not fit; nil where there is nothing,
// or even that one does not fit.
func keepFalls(src Source, room int) (k *keptFalls, size int) {
	of, knows := src.(KeptWaterfalls)
	if !knows {
		return nil, 0
	}
	for steps := of.WaterfallSteps(); len(steps) > 0; steps = thinned(steps, 2) {
		k, size = &keptFalls{Steps: steps, List: [][]json.RawMessage{}}, 0
		for _, step := range steps {
			var all []json.RawMessage
			for i, text := range of.WaterfallsAt(step) {
				if i > 0 && len(steps) == 1 && size+len(text) > room {
					break
				}
				all, size = append(all, text), size+len(text)
			}
			k.List = append(k.List, all)
		}
		if size <= room {
			return k, size
		}
		if len(steps) == 1 {
			break
		}
	}
	return nil, 0
}
