package web

import (
	"encoding/json"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// keptOutcomes is what a report has of what evaluations show.
type keptOutcomes struct {
	Steps    []uint64          `json:"steps"`
	List     []json.RawMessage `json:"list"`
	Pictures map[int][]byte    `json:"pictures"` // PNG of samples, those of the newest evaluation's guesses and worst mistakes
}

// outcomeSteps are those of which a source can say what an evaluation shows.
func outcomeSteps(src Source) (steps []uint64) {
	if of, knows := src.(Outcomes); knows {
		_, steps = of.Outcome(0)
	}
	return steps
}

// keepOutcomes is what a source's evaluations show, in about so many bytes: all, or every second, fourth, … of them, the newest
// always; nil where there is nothing, or even that one does not fit.
func keepOutcomes(src Source, steps []uint64, room, pictures int) *keptOutcomes {
	for ; len(steps) > 0; steps = thinned(steps, 2) {
		k, size := &keptOutcomes{Steps: steps, List: []json.RawMessage{}, Pictures: map[int][]byte{}}, 0
		for _, step := range steps {
			text, _ := src.(Outcomes).Outcome(step)
			k.List = append(k.List, text)
			size += len(text)
		}
		if size <= room {
			k.keepPictures(src, pictures)
			return k
		}
		if len(steps) == 1 {
			break
		}
	}
	return nil
}

// keepPictures has as many pictures as fit.
func (k *keptOutcomes) keepPictures(src Source, room int) {
	of, knows := src.(Pictures)
	newest, err := api.DecodeOutcome(k.List[len(k.List)-1])
	if !knows || !of.Draws() || err != nil {
		return
	}
	for _, sample := range shownSamples(newest) {
		if k.Pictures[sample] != nil {
			continue
		}
		png, err := of.Pictures([]int{sample})
		if err != nil || len(png) > room {
			return
		}
		room -= len(png)
		k.Pictures[sample] = png
	}
}

// shownSamples are those of an outcome: its guesses, then the worst of each pair, then the second worst, and on.
func shownSamples(o *api.Outcome) (list []int) {
	for _, g := range o.Guesses {
		list = append(list, g.Sample)
	}
	if o.Classes == nil {
		return list
	}
	for k := range api.MaxSeen {
		for _, p := range o.Classes.Pairs {
			if k < len(p.Samples) {
				list = append(list, p.Samples[k])
			}
		}
	}
	return list
}
