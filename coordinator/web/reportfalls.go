package web

import "encoding/json"

// keptFalls is what a report has of where the time of steps went.
type keptFalls struct {
	Steps []uint64          `json:"steps"`
	List  []json.RawMessage `json:"list"` // for each an api.WorkerWaterfall
}

// keepFalls is what a source has recorded, in about so many bytes, and how many it takes: all, or every second, fourth, …
// of the steps, the newest always; nil where there is nothing, or even the newest does not fit.
func keepFalls(src Source, room int) (k *keptFalls, size int) {
	of, knows := src.(KeptWaterfalls)
	if !knows {
		return nil, 0
	}
	for steps := of.WaterfallSteps(); len(steps) > 0; steps = thinned(steps, 2) {
		k, size = &keptFalls{Steps: steps}, 0
		for _, step := range steps {
			text := of.WaterfallAt(step) // nil, and so null, of one that went meanwhile
			k.List, size = append(k.List, text), size+len(text)
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
