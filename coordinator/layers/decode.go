package layers

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Fields of messages whose elements are messages: each takes two bytes on the wire when it is empty, and more than a hundred
// in memory. So they are counted before a message is decoded.
const (
	networkLayers protowire.Number = 1
	healthLayers  protowire.Number = 2
	maxFields                      = maxParameters + 32*maxLayers // of all layers together
)

// DecodeNetwork reads a description of a network that came from outside.
func DecodeNetwork(text []byte) (*api.Network, error) {
	n := &api.Network{}
	if err := decode(text, networkLayers, n); err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	return n, CheckNetwork(n)
}

// DecodeHealth reads a measurement of layers that came from outside.
func DecodeHealth(text []byte) (*api.Health, error) {
	h := &api.Health{}
	if err := decode(text, healthLayers, h); err != nil {
		return nil, fmt.Errorf("health: %w", err)
	}
	return h, CheckHealth(h)
}

func decode(text []byte, layers protowire.Number, m proto.Message) error {
	fields, count := 0, 0
	err := eachPart(text, func(number protowire.Number, part []byte) error {
		if number != layers {
			return nil
		}
		if count++; count > maxLayers {
			return fmt.Errorf("more than %d layers", maxLayers)
		}
		return eachPart(part, func(protowire.Number, []byte) error {
			if fields++; fields > maxFields {
				return fmt.Errorf("more than %d fields of layers", maxFields)
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	return proto.Unmarshal(text, m)
}

// eachPart calls f for each field of a message that has a length: texts, lists and messages.
func eachPart(text []byte, f func(number protowire.Number, part []byte) error) error {
	for len(text) > 0 {
		number, kind, n := protowire.ConsumeTag(text)
		if n < 0 {
			return protowire.ParseError(n)
		}
		size := protowire.ConsumeFieldValue(number, kind, text[n:])
		if size < 0 {
			return protowire.ParseError(size)
		}
		if kind == protowire.BytesType {
			part, _ := protowire.ConsumeBytes(text[n:])
			if err := f(number, part); err != nil {
				return err
			}
		}
		text = text[n+size:]
	}
	return nil
}
