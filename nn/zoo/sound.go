package zoo

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/tensor"
)

// Sound describes how a network hears waveforms: as the logarithm of a mel
// spectrogram, of which some bands and stretches of time are masked in training.
type Sound struct {
	Samples   int     `field:"samples" allowed:"[1, 16777216]" about:"room for a sound; what a longer one has beyond is cut off"`
	Rate      int     `field:"rate" allowed:"[1, 1048576]" about:"samples a second"`
	Mels      int     `field:"mels" allowed:"[1, 1024]" about:"bands of the spectrogram"`
	Window    int     `field:"window" allowed:"[0, 4096]" about:"samples under the window; default: 25 ms"`
	Hop       int     `field:"hop" allowed:"[0, 65536]" about:"samples from frame to frame; default: 10 ms"`
	FFT       int     `field:"fft" allowed:"[0, 4096]" about:"samples of a transform, a multiple of 4; default: the power of two from window on"`
	Low       float64 `field:"low" allowed:"[0, 1048576]" about:"where the lowest band begins, in Hz"`
	BandMasks int     `field:"band_masks" allowed:"[0, 8]" about:"SpecAugment: masks over bands"`
	BandWidth int     `field:"band_width" allowed:"[0, 1024]" about:"bands of a mask, at most"`
	TimeMasks int     `field:"time_masks" allowed:"[0, 8]" about:"SpecAugment: masks over time"`
	TimeWidth int     `field:"time_width" allowed:"[0, 65536]" about:"frames of a mask, at most"`
	TimeShare float64 `field:"time_share" allowed:"(0, 1]" about:"of a sound that one mask covers, at most"`
}

// hearing is a second of speech at 8 kHz.
var hearing = Sound{Samples: 8000, Rate: 8000, Mels: 32, Low: 60, BandWidth: 4, TimeWidth: 10, TimeShare: 0.2}

// derive fills in what follows from the rate.
func (c *Sound) derive() {
	if c.Window == 0 {
		c.Window = max(c.Rate/40, 2)
	}
	if c.Hop == 0 {
		c.Hop = max(c.Rate/100, 1)
	}
	if c.FFT == 0 {
		for c.FFT = 8; c.FFT < c.Window; {
			c.FFT *= 2
		}
	}
}

// ear is the first part of a network that hears:
//
//	x = ln(max(mel spectrogram, 1e-6))    [frames, mels]
//	y = masks(norm(x))                    a layer norm over the bands of a frame
//
// So neither the loudness of a frame nor its padding decides anything behind it.
type ear struct {
	Sound
	mel   *nn.MelSpectrogram
	norm  *nn.LayerNorm
	masks *nn.SpecAugment
}

func newEar(ps *nn.Params, c Sound) (*ear, error) {
	c.derive()
	mel, err := nn.NewMelSpectrogram("mel", nn.MelOptions{
		Rate: c.Rate, FFT: c.FFT, Window: c.Window, Hop: c.Hop, Bands: c.Mels, Low: c.Low, Log: nn.MelNatural, Floor: 1e-6,
	})
	if err != nil {
		return nil, melError(err)
	}
	masks, err := nn.NewSpecAugment("masks", nn.SpecAugmentOptions{
		BandMasks: c.BandMasks, BandWidth: c.BandWidth, TimeMasks: c.TimeMasks, TimeWidth: c.TimeWidth, TimeShare: c.TimeShare,
	}, siteMasks)
	if err != nil {
		return nil, fmt.Errorf("model.time_masks: %w", err)
	}
	return &ear{c, mel, nn.NewLayerNorm(ps, "norm", c.Mels, true), masks}, nil
}

// melError names the field of a model whose value a spectrogram does not take.
func melError(err error) error {
	var wrong *nn.MelError
	if !errors.As(err, &wrong) {
		return fmt.Errorf("model: %w", err)
	}
	field := strings.ToLower(wrong.Option)
	switch wrong.Option {
	case "Bands":
		field = "mels"
	case "Window": // either may be the mistake
		return fmt.Errorf("model.window: %w (model.fft); it must be as long as the window, or longer", wrong)
	}
	return fmt.Errorf("model.%s: %w", field, wrong)
}

// forward records what is heard of the part sound, [T*L*R, mels], and the frames
// of each row.
func (e *ear) forward(t *nn.Tape, b *nn.Batch) (*nn.Node, *nn.Lengths) {
	x, frames := e.mel.Forward(t, b.Vectors("sound", e.Samples), b.Lengths("sound", e.Samples))
	return e.masks.Forward(t, e.norm.Forward(t, x), frames), frames
}

// timeConv is a convolution over time with a rectifier behind it, for rows of
// different lengths: beyond a row's end it sees zeros, as beyond T.
type timeConv struct {
	*nn.Conv1d
	stride int
}

// newTimeConv takes an odd kernel; padding keeps the time steps, but for the stride.
func newTimeConv(ps *nn.Params, name string, in, out, kernel, stride int) timeConv {
	s := tensor.ConvShape{Cin: in, Cout: out, KW: kernel, StrideW: stride, PadW: kernel / 2}
	return timeConv{nn.NewConv1d(ps, name, s, true, nil), stride}
}

func (c timeConv) forward(t *nn.Tape, x *nn.Node, lengths *nn.Lengths) (*nn.Node, *nn.Lengths) {
	x = t.TimeToWidth(c.Name+".width", t.ZeroPadding(c.Name+".padding", x, lengths))
	x = t.WidthToTime(c.Name+".time", t.ReLU(c.Name+".relu", c.Forward(t, x)))
	return x, t.MapLengths(c.Name+".lengths", lengths, x.Layout.Steps, func(n int) int { return (n + c.stride - 1) / c.stride })
}

// checkKernel returns an error unless a kernel has a middle.
func checkKernel(kernel int) error {
	if kernel%2 == 0 {
		return fmt.Errorf("model.kernel: %d is not allowed; want an odd number, so that frames stay in their places", kernel)
	}
	return nil
}
