package nn

import (
	"fmt"
	"math"
)

// MelOptions say how a sound becomes a spectrogram. The zero values are
// torchaudio's MelSpectrogram; librosa's has Slaney and Area.
type MelOptions struct {
	Rate      int     // samples a second
	FFT       int     // N: samples of a frame, a multiple of 4 to 4096; 0 stands for 400
	Window    int     // W: samples under Hann's window, in the middle of the frame; 0 stands for FFT
	Hop       int     // samples from frame to frame; 0 stands for Window/2
	Bands     int     // mel bands; 0 stands for 128
	Low, High float64 // of all bands, in Hz; a High of 0 stands for Rate/2

	Slaney    bool // the mel scale of Slaney's toolbox instead of HTK's
	Area      bool // bands of equal area ("slaney" norm) instead of equal height
	Amplitude bool // of |X| instead of the power |X|²

	// Cut lets frames lie within the sound, the first from sample 0 on. Otherwise
	// frame t has sample t·Hop in its middle, and the sound is reflected at both
	// ends (center and reflect of torch.stft).
	Cut bool

	Log   MelLog
	Floor float64 // least value before a logarithm; 0 stands for 1e-10
}

// MelLog says on which scale a spectrogram is.
type MelLog string

// The scales of spectrograms.
const (
	MelLinear  MelLog = ""        // m
	MelNatural MelLog = "natural" // ln(max(m, floor))
	MelDecibel MelLog = "decibel" // 10·log₁₀(max(m, floor)), or 20· with Amplitude
)

// maxFFT keeps the matrix of the transform small.
const maxFFT = 4096

// fill replaces what is 0 by its standard.
func (o *MelOptions) fill() {
	standard := func(x *int, value int) {
		if *x == 0 {
			*x = value
		}
	}
	standard(&o.FFT, 400)
	standard(&o.Window, o.FFT)
	standard(&o.Hop, max(o.Window/2, 1))
	standard(&o.Bands, 128)
	if o.High == 0 {
		o.High = float64(o.Rate) / 2
	}
	if o.Floor == 0 {
		o.Floor = 1e-10
	}
}

// MelError says which option of a spectrogram is wrong.
type MelError struct {
	Option string // the field of [MelOptions]
	What   string
}

func (e *MelError) Error() string { return e.What }

// check returns a *MelError unless options that are filled in fit together.
func (o *MelOptions) check() error {
	wrong := func(option, what string, args ...any) error { return &MelError{option, fmt.Sprintf(what, args...)} }
	switch {
	case o.Rate < 1 || o.Rate > 1<<20:
		return wrong("Rate", "%d samples a second; use 1 to %d", o.Rate, 1<<20)
	case o.FFT < 8 || o.FFT > maxFFT || o.FFT%4 != 0:
		return wrong("FFT", "frames of %d samples; use a multiple of 4 from 8 to %d", o.FFT, maxFFT)
	case o.Window < 1 || o.Window > o.FFT:
		return wrong("Window", "a window of %d samples in frames of %d", o.Window, o.FFT)
	case o.Hop < 1:
		return wrong("Hop", "%d samples from frame to frame; use 1 or more", o.Hop)
	case o.Bands < 1 || o.Bands > o.bins():
		return wrong("Bands", "%d bands; use 1 to %d, the bins of %d samples", o.Bands, o.bins(), o.FFT)
	case !(o.Low >= 0 && o.Low < o.High && o.High <= float64(o.Rate)/2):
		return wrong("Low", "bands from %g to %g Hz; use 0 to %g, half of the samples a second", o.Low, o.High, float64(o.Rate)/2)
	case o.Log != MelLinear && o.Log != MelNatural && o.Log != MelDecibel:
		return wrong("Log", "the logarithm %q; use %q, %q or none", o.Log, MelNatural, MelDecibel)
	case !(o.Floor >= 1e-45) || math.IsInf(o.Floor, 0):
		return wrong("Floor", "a floor of %g; use a number from 1e-45 on", o.Floor)
	}
	return nil
}

func (o *MelOptions) bins() int { return o.FFT/2 + 1 }
