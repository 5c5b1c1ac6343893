package augment

import "github.com/rondo-ml/rondo/data/picture"

// What many operations share.
var (
	sizeOf    = Param{"size", "", "height and width in pixels: 64, or 48x64"}
	filterOf  = Param{"filter", "bilinear", "nearest, bilinear or bicubic; the latter two avoid aliasing"}
	borderBy  = Param{"fill", "0", "what lies outside: a value from 0 to 255, reflect or edge"}
	valueBy   = Param{"fill", "0", "the value of pixels that come from outside, 0 to 255"}
	chanceOf  = Param{"p", "0.5", "how probable it is"}
	seldom    = Param{"p", "0.1", "how probable it is"}
	always    = Param{"p", "1", "how probable it is"}
	strongest = 30
)

func filter(a *args) picture.Filter {
	return picture.Filter(a.choice("filter", string(picture.Bilinear), string(picture.Nearest), string(picture.Bicubic)))
}

func probability(a *args) float64 { return a.number("p", 0, 1) }

func fillOf(a *args) byte { return byte(a.whole("fill", 0, 255)) }

// specs are the operations, in the order of help.
var specs = []spec{
	{Op{Name: "random-resized-crop", Kind: Images, Doc: "a part of random area and proportions, resized",
		Params: []Param{sizeOf, {"scale", "0.08..1", "the part's area"}, {"ratio", "0.75..1.3333333333333333", "its width by its height"}, filterOf}},
		func(a *args) action {
			return cropResize{a.size("size"), a.span("scale", 1e-4, 1), a.span("ratio", 0.01, 100), filter(a)}
		}},
	{Op{Name: "crop", Kind: Images, Doc: "a random part, after padding",
		Params: []Param{sizeOf, {"pad", "0", "pixels added on each side first"}, borderBy}},
		func(a *args) action { return crop{a.size("size"), a.whole("pad", 0, maxSide), borderOf(a, "fill")} }},
	{Op{Name: "center-crop", Kind: Images, Doc: "the middle, padded where the picture is smaller", Params: []Param{sizeOf, borderBy}},
		func(a *args) action { return middle{a.size("size"), borderOf(a, "fill")} }},
	{Op{Name: "resize", Kind: Images, Doc: "another size, whatever the proportions were", Params: []Param{sizeOf, filterOf}},
		func(a *args) action { return resize{a.size("size"), filter(a)} }},
	{Op{Name: "short", Kind: Images, Doc: "resize so that the short side has so many pixels, in proportion",
		Params: []Param{{"side", "", "pixels"}, filterOf}},
		func(a *args) action { return short{a.whole("side", 1, 4*maxSide/3), filter(a)} }},
	{Op{Name: "pad", Kind: Images, Doc: "fill up smaller pictures on all sides", Params: []Param{sizeOf, borderBy}},
		func(a *args) action { return padTo{middle{a.size("size"), borderOf(a, "fill")}} }},
	{Op{Name: "flip", Kind: Images, Doc: "mirror left and right", Params: []Param{chanceOf}},
		func(a *args) action { return flip{probability(a), false} }},
	{Op{Name: "flip-vertical", Kind: Images, Doc: "mirror top and bottom", Params: []Param{chanceOf}},
		func(a *args) action { return flip{probability(a), true} }},
	{Op{Name: "turn", Kind: Images, Doc: "turn by 0, 90, 180 or 270 degrees"}, func(*args) action { return quarter{} }},
	{Op{Name: "rotate", Kind: Images, Doc: "turn by a random angle, nearest pixels",
		Params: []Param{{"degrees", "", "at most, either way"}, valueBy}},
		func(a *args) action { return rotate{a.number("degrees", 0, 180), fillOf(a)} }},
	{Op{Name: "color", Kind: Images, Doc: "brightness, contrast, saturation and hue, in random order",
		Params: []Param{{"brightness", "0", "a factor of up to so much from 1"}, {"contrast", "0", "likewise"},
			{"saturation", "0", "likewise"}, {"hue", "0", "at most, either way, as a part of the color wheel"}}},
		func(a *args) action {
			return jitter{a.number("brightness", 0, 10), a.number("contrast", 0, 10), a.number("saturation", 0, 10), a.number("hue", 0, 0.5)}
		}},
	{Op{Name: "lighting", Kind: Images, Doc: "shift colors along their principal components",
		Params: []Param{{"deviation", "0.1", "standard deviation of the multiples"},
			{"values", "0.2175/0.0188/0.0045", "the components' standard deviations, with white 1; ImageNet's"},
			{"vectors", "-0.5675/0.7192/0.4009/-0.5808/-0.0045/-0.814/-0.5836/-0.6948/0.4203", "the components, of red, of green, of blue"}}},
		func(a *args) action {
			return lighting{a.number("deviation", 0, 10), a.numbers("values", 3), a.numbers("vectors", 9)}
		}},
	{Op{Name: "gray", Kind: Images, Doc: "take the color out", Params: []Param{seldom}},
		func(a *args) action { return tone{probability(a), (*runner).gray} }},
	{Op{Name: "equalize", Kind: Images, Doc: "make all values about as frequent", Params: []Param{chanceOf}},
		func(a *args) action { return tone{probability(a), (*runner).equalize} }},
	{Op{Name: "autocontrast", Kind: Images, Doc: "stretch values to the whole range", Params: []Param{chanceOf}},
		func(a *args) action { return tone{probability(a), (*runner).autoContrast} }},
	{Op{Name: "invert", Kind: Images, Doc: "make light dark", Params: []Param{chanceOf}},
		func(a *args) action { return tone{probability(a), (*runner).invert} }},
	{Op{Name: "randaugment", Kind: Images, Doc: "some of fourteen operations at one strength",
		Params: []Param{{"n", "2", "operations"}, {"m", "9", "strength, 0 to 30"}, valueBy}},
		func(a *args) action { return randAugment{a.whole("n", 0, 16), a.whole("m", 0, strongest), fillOf(a)} }},
	{Op{Name: "trivialaugment", Kind: Images, Doc: "one of the fourteen operations at a random strength", Params: []Param{valueBy}},
		func(a *args) action { return trivialAugment{fillOf(a)} }},
	{Op{Name: "channels", Kind: Images, Doc: "make pictures gray or colored", Params: []Param{{"n", "", "1 or 3"}}},
		func(a *args) action {
			if a.choice("n", "1", "3") == "3" {
				return channels{3}
			}
			return channels{1}
		}},
	{Op{Name: "erase", Kind: Images, phase: onValues, Doc: "overwrite a random part of the normalized values",
		Params: []Param{{"p", "0.25", "how probable it is"}, {"scale", "0.02..0.3333333333333333", "the part's area"},
			{"ratio", "0.3..3.3", "its height by its width"}, {"fill", "zero", "zero (the mean color) or noise"}}},
		func(a *args) action {
			return erase{probability(a), a.span("scale", 1e-4, 1), a.span("ratio", 0.01, 100), a.choice("fill", "zero", "noise") == "noise"}
		}},
	{Op{Name: "speed", Kind: Sounds, Doc: "play faster or slower", Params: []Param{{"factor", "0.9..1.1", "0.25 to 4"}}},
		func(a *args) action { return speed{a.span("factor", 0.25, 4)} }},
	{Op{Name: "noise", Kind: Sounds, Doc: "add white noise",
		Params: []Param{{"snr", "10..30", "decibels by which the sound is stronger"}, always}},
		func(a *args) action { return hiss{a.span("snr", -100, 200), probability(a)} }},
	{Op{Name: "gain", Kind: Sounds, Doc: "make louder or softer", Params: []Param{{"decibels", "6", "at most, either way"}}},
		func(a *args) action { return gain{a.number("decibels", 0, 100)} }},
	{Op{Name: "shift", Kind: Sounds, Doc: "move in time; silence comes in", Params: []Param{{"part", "0.1", "of the length, at most, either way"}}},
		func(a *args) action { return delay{a.number("part", 0, 1)} }},
	{Op{Name: "length", Kind: Sounds, Doc: "one length: a part of longer sounds, silence around shorter ones",
		Params: []Param{{"samples", "", "the length"}, {"place", "random", "where the part or the sound begins: random, start or center"}}},
		func(a *args) action {
			o := length{a.whole("samples", 1, maxSound), a.choice("place", "random", "start", "center")}
			if o.place != "random" {
				return placed{o}
			}
			return o
		}},
	{Op{Name: "mixup", phase: onLane, Doc: "the weighted mean with another row of the lane, targets alike",
		Params: []Param{{"alpha", "0.2", "of the distribution Beta(alpha, alpha) of weights"}, always}},
		func(a *args) action { return mixup{a.number("alpha", 1e-3, 1e3), probability(a)} }},
	{Op{Name: "cutmix", phase: onLane, Doc: "a part of another row of the lane, targets by area",
		Params: []Param{{"alpha", "1", "of the distribution Beta(alpha, alpha) of areas"}, always}},
		func(a *args) action { return cutmix{a.number("alpha", 1e-3, 1e3), probability(a)} }},
}
