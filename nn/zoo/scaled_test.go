package zoo

import (
	"slices"
	"testing"
)

// Width and depth change the size of every kind of images, or are no fields of it.
func TestWidthAndDepth(t *testing.T) {
	own := map[string][]string{ // what changes the size of kinds that have not both
		"lenet5": {}, "lenet5-1998": {}, // are of one size
		"scheme": {}, // has its size in its layers
		"fcn":    {"filters", "halvings"}, "resnet-small": {"width", "blocks"}, "cells": {"width", "cells"},
		"fcn8s": {"filters", "depth"}, "fcn16s": {"filters", "depth"}, "fcn32s": {"filters", "depth"},
	}
	for _, info := range Kinds() {
		if info.Sample != "image" {
			continue
		}
		scales, listed := own[info.Kind]
		if !listed {
			scales = []string{"width", "depth"}
			if info.Field("backbone_width") != nil {
				scales = []string{"backbone_width", "backbone_depth"}
			}
		}
		usual := parametersOf(t, info, "")
		for _, scale := range scales {
			if twice := parametersOf(t, info, scale); twice <= usual {
				t.Errorf("%s: %d parameters with twice the %s, %d without", info.Kind, twice, scale, usual)
			}
		}
		for _, scale := range []string{"width", "depth"} {
			f := info.Field(scale)
			if f == nil || slices.Contains(scales, scale) {
				continue
			}
			if _, factor := f.At(info.Config()).(*float64); factor {
				t.Errorf("%s has the field %s, and %v are said to change its size", info.Kind, scale, scales)
			}
		}
	}
}

// parametersOf counts the parameters of a kind by default, but for one field that is twice as much.
func parametersOf(t *testing.T, info Info, twice string) int {
	t.Helper()
	config := info.Config()
	if twice != "" {
		switch at := info.Field(twice).At(config).(type) {
		case *float64:
			*at *= 2
		case *int:
			*at *= 2
		}
	}
	m, err := New(info.Kind, config)
	if err != nil {
		t.Fatalf("%s with twice the %s: %v", info.Kind, twice, err)
	}
	return m.Params().Size()
}

// Layers beyond the tables of AlexNets are of 3x3, and leave names as far as the tables go what they were.
func TestDeeperAlexNets(t *testing.T) {
	for kind, c := range map[string]struct {
		deep, shallow []string // names of convolutions at twice and a third of the layers
	}{
		"alexnet": {[]string{"features.0", "features.2", "features.5", "features.7", "features.10", "features.12", "features.14", "features.16", "features.18", "features.20"},
			[]string{"features.0", "features.3", "features.6"}},
		"alexnet-caffe": {[]string{"conv1", "conv2", "conv3", "conv4", "conv5", "conv6", "conv7", "conv8", "conv9", "conv10"}, []string{"conv1", "conv2", "conv3"}},
	} {
		for depth, want := range map[float64][]string{2: c.deep, 1. / 3: c.shallow} {
			m, err := New(kind, changed(kind, func(d *DenseHeaded) { d.Depth, d.Width = depth, 0.125 }))
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, p := range m.Params().List {
				if len(p.Shape) == 4 {
					names = append(names, p.Name[:len(p.Name)-len(".weight")])
				}
			}
			if !slices.Equal(names, want) {
				t.Errorf("%s: convolutions %v, want %v", kind, names, want)
			}
			if second := m.Params().Get(want[1] + ".weight").Shape; depth == 2 && second[2] != 3 {
				t.Errorf("%s: the second convolution has the shape %v", kind, second)
			}
		}
	}
}
