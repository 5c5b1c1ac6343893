package zoo

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/rondo-ml/rondo/nn"
)

// Of every kind of images the least size that it takes is recorded to its end, and all smaller ones are refused: one pixel, half of
// the least and one less with that size and with a layer, but for sizes that all layers could work on and that make no sense.
func TestLeastImages(t *testing.T) {
	senseless := map[string]int{"cells": 3, "resnet-small": 3, "densenet121": 31, "densenet161": 31, "densenet169": 31, "densenet201": 31}
	layer := regexp.MustCompile(`(more|allowed)(;|:) .*(is left a map of|makes? maps of|is left behind|the head takes a map of)`)
	for _, info := range Kinds() {
		field := info.Field("image")
		if field == nil {
			continue
		}
		of := func(side int) (*Network, error) {
			config := info.Config()
			*field.At(config).(*int) = side
			if sides := info.Field("sides"); sides != nil {
				*sides.At(config).(*bool) = false
			}
			return New(info.Kind, config)
		}
		least := 1
		for ; least < 400; least++ {
			if _, err := of(least); err == nil {
				break
			}
		}
		m, err := of(least)
		if err != nil {
			t.Fatalf("%s: none of the first sizes is taken: %v", info.Kind, err)
		}
		tape := nn.NewTape(m.Params(), nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
		m.Forward(tape, tape.NewBatch(nil))
		if err := tape.Err(); err != nil {
			t.Errorf("%s of %d pixels: %v", info.Kind, least, err)
		}
		for _, side := range []int{1, least / 2, least - 1} {
			if side < 1 || side >= least {
				continue
			}
			_, err := of(side)
			switch {
			case err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("model.image: %d is not allowed", side)):
				t.Errorf("%s of %d pixels: %v", info.Kind, side, err)
			case !strings.Contains(err.Error(), fmt.Sprintf(" %d pixels", least)):
				t.Errorf("%s of %d pixels, where %d are the least: %v", info.Kind, side, least, err)
			case !layer.MatchString(err.Error()) && senseless[info.Kind] != side && !strings.Contains(err.Error(), "which is left"):
				t.Errorf("%s of %d pixels names no layer: %v", info.Kind, side, err)
			}
		}
	}
}
