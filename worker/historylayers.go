package worker

import (
	"google.golang.org/protobuf/proto"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/history"
)

// What the history has of layers: about so many measured steps in equal distances, or fewer where a step takes many bytes. At
// the beginning of a run, where most happens, they lie closer, which may double their number.
const (
	mostMeasured  = 256
	leastMeasured = 16
	layersBytes   = 8 << 20
)

// layersKept says what of the layers the history has.
type layersKept struct {
	network *api.Network // that was written
	any     bool         // a measured step was, and
	step    uint64       // which was the last
	wait    *api.Health  // the newest, if it was not written
}

// described writes what the run trains, where the history does not say it yet.
func (c *chronicle) described(n *api.Network) {
	if !proto.Equal(c.layers.network, n) {
		c.layers = layersKept{network: n}
		c.put(history.AppendNetwork(nil, n))
	}
}

// measured takes how the layers fared in a step of a run of so many.
func (c *chronicle) measured(h *api.Health, steps uint64) {
	if !c.saver.first.Load() {
		return
	}
	k := &c.layers
	k.wait = h
	if !k.any || h.Step < k.step || h.Step-k.step >= measuredGap(h.Step, steps, proto.Size(h)) {
		c.endLayers()
	}
}

// endLayers writes what waits, behind the network once more where that may have been lost.
func (c *chronicle) endLayers() {
	k := &c.layers
	if k.wait == nil {
		return
	}
	c.mu.Lock()
	again := c.lost && k.network != nil
	c.lost = false
	c.mu.Unlock()
	var frames []byte
	if again {
		frames = history.AppendNetwork(nil, k.network)
	}
	c.put(history.AppendHealth(frames, k.wait))
	k.any, k.step, k.wait = true, k.wait.Step, nil
}

// measuredGap is how many steps lie between two that are written, behind a step of a run of so many.
func measuredGap(step, steps uint64, size int) uint64 {
	most := uint64(min(max(layersBytes/max(size, 1), leastMeasured), mostMeasured))
	return max(1, min(step*leastMeasured/most, steps/most))
}

// spoiledNote says which layer was the first that was not finite; nil where that is not known.
func spoiledNote(step uint64, bad *NonFiniteError) []byte {
	if bad.Where == "" {
		return nil
	}
	note, _ := history.AppendNote(nil, history.Note{Spoiled: &history.Spoiled{Step: step, Where: bad.Where}})
	return note
}
