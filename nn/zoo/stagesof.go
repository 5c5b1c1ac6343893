package zoo

import (
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/nn"
)

// backboneNames are the kinds that have stages.
func backboneNames() (names []string) {
	for _, info := range Kinds() {
		if info.backbone != nil {
			names = append(names, info.Kind)
		}
	}
	return names
}

// stagesOf registers the stages of a kind for images of any height and width.
func stagesOf(ps *nn.Params, prefix, kind string, c Segmenter, width, depth float64, outputStride int) ([]Stage, error) {
	info, ok := Lookup(kind)
	if !ok || info.backbone == nil {
		return nil, fmt.Errorf("model.backbone: %q is no kind with stages that maps can be taken from; there are %s", kind, among(kind, backboneNames()))
	}
	of := func(ps *nn.Params, side int) ([]Stage, error) {
		config := info.Config()
		for name, n := range map[string]int{"image": sizedAs(side), "channels": c.Channels, "output_stride": outputStride} {
			if f := info.Field(name); f != nil {
				*f.At(config).(*int) = n
			}
		}
		for name, by := range map[string]float64{"width": width, "depth": depth} {
			if f := info.Field(name); f != nil {
				*f.At(config).(*float64) *= by
			}
		}
		stages, err := info.Backbone(ps, prefix, config)
		if err != nil {
			text := "its " + strings.TrimPrefix(err.Error(), "model.")
			if side > sizedAs(side) { // the number is that of a smaller image
				text = strings.TrimPrefix(text, fmt.Sprintf("its image: %d is not allowed: ", sizedAs(side)))
			}
			return nil, fmt.Errorf("model: the backbone %s for images of %dx%d pixels: %s", kind, c.Height, c.Width, text)
		}
		return stages, nil
	}
	if c.Width != c.Height { // square images are what a backbone judges
		if _, err := of(nn.NewParams(), c.Width); err != nil {
			return nil, err
		}
	}
	return of(ps, c.Height)
}

// sizedAs is a side that backbones allow. Their strides divide 32, so whether
// branches make maps of one size is the same for sides that differ by it.
func sizedAs(side int) int {
	if side <= 1024 {
		return side
	}
	return 1024 - 32 + side%32
}
