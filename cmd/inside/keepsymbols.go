package inside

import (
	"context"
	"fmt"
)

// symbols keeps the first texts with what their words do to what they are taken for, and how the channels of layers that change
// most over the first of them go through it.
func (k *keeper) symbols(a *about) {
	a.Samples = min(a.Samples, keptSamples)
	for i := range a.Samples {
		k.keep("input", 4, "sample", fmt.Sprint(i))
		k.keep("matters", 4, "sample", fmt.Sprint(i))
	}
	var layers []layer
	var all []lively
	for _, l := range a.Layers[:min(keptStates, len(a.Layers))] {
		if a.Samples == 0 {
			break
		}
		cells, err := safely(k.ctx, func(context.Context) (lively, error) { return k.channelsOver(l) })
		if err != nil {
			k.missing(fmt.Sprintf("channels of %s: %v", l.Name, err))
		}
		for _, channel := range cells.first() {
			if k.keep("track of "+l.Name, 4, "sample", "0", "layer", l.Name, "channel", fmt.Sprint(channel)) {
				l.Kept = append(l.Kept, channel)
			}
		}
		if len(l.Kept) > 0 {
			layers, all = append(layers, l), append(all, cells)
		}
	}
	for i, cells := range all {
		layers[i].Kept = k.held(cells, layers[i].Kept, "sample", "0", "layer", layers[i].Name)
	}
	a.Layers = layers
}

// channelsOver are the channels of a layer over the first text.
func (k *keeper) channelsOver(l layer) (lively, error) {
	_, _, c, err := k.courseOver(queryOf("sample", "0", "layer", l.Name))
	if err != nil {
		return lively{}, err
	}
	return livelyOf(c.Cells(l.Name))
}
