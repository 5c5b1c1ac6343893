package inside

import (
	"context"
	"fmt"

	"github.com/rondo-ml/rondo/nn/look"
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
	for _, l := range a.Layers[:min(keptStates, len(a.Layers))] {
		if a.Samples == 0 {
			break
		}
		channels, err := safely(k.ctx, func(context.Context) ([]int, error) { return k.liveliestOf(l) })
		if err != nil {
			k.missing(fmt.Sprintf("channels of %s: %v", l.Name, err))
		}
		for _, channel := range channels {
			if k.keep("track of "+l.Name, 4, "sample", "0", "layer", l.Name, "channel", fmt.Sprint(channel)) {
				l.Kept = append(l.Kept, channel)
			}
		}
		if len(l.Kept) > 0 {
			layers = append(layers, l)
		}
	}
	a.Layers = layers
}

// liveliestOf are the channels of a layer that differ most from their mean over the first text.
func (k *keeper) liveliestOf(l layer) ([]int, error) {
	_, _, c, err := k.courseOver(queryOf("sample", "0", "layer", l.Name))
	if err != nil {
		return nil, err
	}
	return liveliest(c.Channels, func(channel int) ([]float32, error) { return channelOf(c, channel), nil })
}

// channelOf is one channel of a course.
func channelOf(c look.Course, channel int) []float32 {
	values := make([]float32, c.Steps)
	for t := range values {
		values[t] = c.Values[t*c.Channels+channel]
	}
	return values
}
