package zoo

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Published is what is known of a kind's network, as its defaults make it, from
// elsewhere.
type Published struct {
	Paper        string
	As           string  // whose names and shapes its weights have: "torchvision resnet50"
	Parameters   int     // without those of auxiliary heads
	MultiplyAdds float64 // of convolutions and linear layers for one image, in units of 10⁹
	Weights      []Pretrained
}

// Top1 is the best accuracy on ImageNet of the published weights, in percent; 0:
// none is known.
func (p *Published) Top1() float64 {
	best := 0.0
	for _, w := range p.Weights {
		best = max(best, w.Top1)
	}
	return best
}

// Pretrained is a set of weights that somebody publishes.
type Pretrained struct {
	Name string  // "torchvision IMAGENET1K_V2"
	Top1 float64 // on ImageNet, in percent; 0: not known
	Preset
}

// Preset is what is done with a picture before a network sees it: its shorter side
// is made Resize pixels, Crop by Crop pixels are cut from the middle, and every
// channel, from 0 to 1, becomes (pixel - Mean)/Deviation.
type Preset struct {
	Resize, Crop    int
	By              string // "bilinear", "bicubic"
	Mean, Deviation [3]float64
	BlueFirst       bool // channels are turned round then; Mean and Deviation are of red, green, blue
}

// Preset finds the preset of published weights by their name, or by its last word.
// Letters may be large or small.
func (p *Published) Preset(name string) (Preset, error) {
	var names []string
	if p != nil {
		for _, w := range p.Weights {
			if _, last, _ := strings.Cut(w.Name, " "); strings.EqualFold(w.Name, name) || strings.EqualFold(last, name) {
				return w.Preset, nil
			}
			names = append(names, strconv.Quote(w.Name))
		}
	}
	if names == nil {
		return Preset{}, errors.New("no weights of the kind are published with a preset; data.mean and data.deviation say what pixels become")
	}
	return Preset{}, fmt.Errorf("%q is no preset of the kind; there is %s", name, strings.Join(names, ", "))
}

// imageNetPreset has the mean and deviation of ImageNet.
func imageNetPreset(resize, crop int, by string) Preset {
	return Preset{Resize: resize, Crop: crop, By: by, Mean: [3]float64{0.485, 0.456, 0.406}, Deviation: [3]float64{0.229, 0.224, 0.225}}
}

// torchvisionV1 and torchvisionV2 are torchvision's first and second weights of
// networks for 224 pixels.
func torchvisionV1(top1 float64) Pretrained {
	return Pretrained{"torchvision IMAGENET1K_V1", top1, imageNetPreset(256, 224, "bilinear")}
}

func torchvisionV2(top1 float64) Pretrained {
	return Pretrained{"torchvision IMAGENET1K_V2", top1, imageNetPreset(232, 224, "bilinear")}
}
