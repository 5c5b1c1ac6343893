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
	MultiplyAdds float64 // of convolutions and linear layers for one image, in units of 10⁹; 0: not told
	Weights      []Pretrained
}

// Top1 is the best accuracy on ImageNet, in percent, of the weights that are
// published for images of the kind's size by default; 0: none is known.
func (i Info) Top1() float64 {
	image := i.Field("image")
	if i.Published == nil || image == nil {
		return 0
	}
	best, side := 0.0, *image.At(i.Config()).(*int)
	for _, w := range i.Published.Weights {
		if w.Crop == side {
			best = max(best, w.Top1)
		}
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
	Same            bool // the weights want TensorFlow's padding and norms: model.padding and model.norm
}

// String says it in a line: "resize 256 bilinear, crop 224, mean 0.485 0.456 0.406, deviation 0.229 0.224 0.225".
func (p Preset) String() string {
	text := fmt.Sprintf("resize %d %s, crop %d, mean %.4g %.4g %.4g, deviation %.4g %.4g %.4g", p.Resize, p.By, p.Crop,
		p.Mean[0], p.Mean[1], p.Mean[2], p.Deviation[0], p.Deviation[1], p.Deviation[2])
	if p.BlueFirst {
		text += ", blue first"
	}
	if p.Same {
		text += ", TensorFlow's padding"
	}
	return text
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
