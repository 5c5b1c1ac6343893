package history

import (
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/layers"
)

// What a frame of layers holds.
const (
	layersNetwork = 'N'
	layersHealth  = 'H'

	layersHead = 3       // bytes before those of the message: what it is, which part this is, and of how many
	maxLayers  = 8 << 20 // bytes of a message, as a coordinator takes it
)

// AppendNetwork appends what a run trains.
func AppendNetwork(dst []byte, n *api.Network) []byte { return appendLayers(dst, layersNetwork, n) }

// AppendHealth appends how the layers of that network fared in a step.
func AppendHealth(dst []byte, h *api.Health) []byte { return appendLayers(dst, layersHealth, h) }

// appendLayers leaves out what a reader would not take.
func appendLayers(dst []byte, what byte, m proto.Message) []byte {
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil || len(text) > maxLayers {
		return dst
	}
	return appendMessage(dst, what, text)
}

// appendMessage appends a message in parts.
func appendMessage(dst []byte, what byte, text []byte) []byte {
	parts := slices.Collect(slices.Chunk(pack(text), maxFrame-layersHead))
	if len(parts) > 255 {
		return dst
	}
	for i, part := range parts {
		dst = appendFrame(dst, kindLayers, append([]byte{what, byte(i), byte(len(parts))}, part...))
	}
	return dst
}

// layer takes a part of a network, or of how its layers fared.
func (l *Loader) layer(payload []byte) {
	if len(payload) < layersHead {
		return
	}
	packed, complete := l.layers.take(int(payload[1]), int(payload[2]), payload[layersHead:])
	if !complete {
		return
	}
	text, err := unpack(packed, maxLayers)
	if err != nil || len(text) > maxLayers {
		return
	}
	switch payload[0] {
	case layersNetwork:
		if n, err := layers.DecodeNetwork(text); err == nil {
			l.Layers.Describe(n)
		}
	case layersHealth:
		if h, err := layers.DecodeHealth(text); err == nil {
			l.Layers.Add(h) // of another network it is let go
		}
	}
}
