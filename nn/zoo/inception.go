package zoo

import (
	"fmt"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// torchvisionKit is that of torchvision's GoogLeNet and Inception v3: batch norms of
// eps 1e-3, weights that start as N(0, deviation²).
func torchvisionKit(c Scaled, deviation float32) *kit {
	k := slimKit(c)
	k.init = func(tensor.ConvShape) nn.Init { return nn.NormalInit(deviation) }
	k.dense = func(int) nn.Init { return nn.NormalInit(deviation) }
	return k
}

// slimKit is that of the networks that were ported from TensorFlow's slim: batch
// norms of eps 1e-3, convolutions that start as PyTorch's.
func slimKit(c Scaled) *kit {
	return &kit{Scaled: c, style: style{norm: batchNorm(nn.BatchNormOptions{Eps: 1e-3})}, conv: ".conv", norm: ".bn", joint: "."}
}

// Transformed describes a network whose published weights were learnt from pixels
// between -1 and 1.
type Transformed struct {
	TransformInput bool `field:"transform_input" about:"takes pixels with ImageNet's mean and deviation, as those who publish the weights do, to a mean and deviation of 0.5"`
}

// first is the stage that transforms, where it is wanted.
func (c Transformed) first(k *kit) []part {
	if !c.TransformInput {
		return nil
	}
	if k.Channels != 3 {
		k.err = fmt.Errorf("model.transform_input: images of %d channels are not allowed; the mean and deviation are those of 3 colours", k.Channels)
	}
	from, scale, shift := imageNetPreset(0, 0, ""), make([]float32, 3), make([]float32, 3)
	for i := range scale {
		scale[i], shift[i] = float32(from.Deviation[i]/0.5), float32((from.Mean[i]-0.5)/0.5)
	}
	return []part{{"transform_input", same(func(name string) layer {
		return layerFunc(func(t *nn.Tape, x *nn.Node) *nn.Node { return t.Affine(name, x, scale, shift) })
	})}}
}

// halfPreset has a mean and a deviation of 0.5: pixels between -1 and 1.
func halfPreset(resize, crop int, by string) Preset {
	return Preset{resize, crop, by, [3]float64{0.5, 0.5, 0.5}, [3]float64{0.5, 0.5, 0.5}, false, false}
}
