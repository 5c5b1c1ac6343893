package zoo

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
}

// imageNetPreset has the mean and deviation of ImageNet.
func imageNetPreset(resize, crop int, by string) Preset {
	return Preset{resize, crop, by, [3]float64{0.485, 0.456, 0.406}, [3]float64{0.229, 0.224, 0.225}}
}

// torchvisionV1 and torchvisionV2 are torchvision's first and second weights of
// networks for 224 pixels.
func torchvisionV1(top1 float64) Pretrained {
	return Pretrained{"torchvision IMAGENET1K_V1", top1, imageNetPreset(256, 224, "bilinear")}
}

func torchvisionV2(top1 float64) Pretrained {
	return Pretrained{"torchvision IMAGENET1K_V2", top1, imageNetPreset(232, 224, "bilinear")}
}
