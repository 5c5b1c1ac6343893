package cutting

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/wav"
)

// SoundsOptions say how folders of sounds become shards.
type SoundsOptions struct {
	Options
	FolderOptions

	// Rate is the rate of all sounds in Hz: those of another one are resampled. 0 means that of most files, and that those
	// of another one cannot be read.
	Rate int
}

// NotSound is the reason to leave a file out of a folder of sounds.
const NotSound files.Reason = "not a WAV file"

// Sounds cuts WAV files. Each folder within a path is a class, or Class finds it in the file's path. Sounds become mono,
// the mean of their channels, and then get one rate; see [wav.Resampler]. They are stored as int16 where no file has more
// than 16 bits, and else as float32.
func Sounds(opts SoundsOptions, paths []string) (Summary, error) {
	if err := opts.Options.check(paths); err != nil {
		return Summary{}, err
	}
	set, err := opts.folders(opts.Options, paths)
	if err != nil {
		return Summary{}, err
	}
	form, err := opts.form(set.files)
	if err != nil {
		return Summary{}, err
	}
	schema := samples.Schema{Parts: []samples.Part{
		{Name: "sound", Element: form.element, Shape: []int{samples.Varies}, Rate: form.rate},
		classPart(set.classes.names),
		{Name: "name", Element: samples.UTF8, Shape: []int{samples.Varies}},
	}}
	sources := func(yield func(source, error) bool) {
		for _, f := range set.files {
			load := func() ([]samples.Sample, error) { return form.sample(f) }
			if !yield(source{path: f.Path, key: f.Key, held: f.held, class: f.class, load: load}, nil) {
				return
			}
		}
	}
	return set.cut(opts.Options, schema, sources, plan{Kind: "sounds", Options: opts})
}

// soundForm is how the sounds of a set are stored.
type soundForm struct {
	rate    int
	element samples.Element
	from    map[int]*wav.Resampler // by the rate of a file; nil if none are resampled
}

// form looks at the beginnings of all files: the rate of most of them, and whether any has more than 16 bits. Files that
// cannot be read are found out later.
func (o SoundsOptions) form(list []folderFile) (soundForm, error) {
	form := soundForm{element: samples.Int16}
	rates := map[int]int{}
	for _, f := range list {
		format, err := readFormat(f.Path)
		if err != nil {
			continue
		}
		rates[format.Rate]++
		if n := rates[format.Rate]; n > rates[form.rate] || n == rates[form.rate] && format.Rate < form.rate {
			form.rate = format.Rate
		}
		if format.Float || format.Bits > 16 {
			form.element = samples.Float32
		}
	}
	if o.Rate == 0 {
		return form, nil
	}
	form.rate, form.from = o.Rate, map[int]*wav.Resampler{}
	for rate := range rates {
		r, err := wav.NewResampler(rate, o.Rate)
		if err != nil {
			return form, fmt.Errorf("--rate: %w", err)
		}
		form.from[rate] = r
	}
	return form, nil
}

func readFormat(path string) (wav.Format, error) {
	f, err := os.Open(path)
	if err != nil {
		return wav.Format{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return wav.Format{}, err
	}
	return wav.ReadFormat(f, info.Size())
}

// sample decodes a sound.
func (s soundForm) sample(f folderFile) ([]samples.Sample, error) {
	if f.Size > maxFile {
		return nil, fmt.Errorf("larger than %d bytes", maxFile)
	}
	b, err := os.ReadFile(f.Path)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(string(b[:min(4, len(b))]), "RIFF") && !strings.EqualFold(filepath.Ext(f.Path), ".wav") {
		return nil, notOurs{NotSound}
	}
	sound, err := wav.Decode(b)
	if err != nil {
		return nil, err
	}
	mono := sound.Mono()
	if sound.Rate != s.rate {
		r := s.from[sound.Rate]
		if r == nil {
			return nil, fmt.Errorf("%d Hz, and most other files have %d; --rate gives all the same", sound.Rate, s.rate)
		}
		if n := r.Length(len(mono)); n > maxFile/4 {
			return nil, fmt.Errorf("%d samples at %d Hz, more than %d", n, s.rate, maxFile/4)
		}
		mono = r.Resample(mono)
	}
	return []samples.Sample{{{Shape: []int{len(mono)}, Data: s.encode(mono)}, samples.Class(f.class), samples.Text(f.Key)}}, nil
}

// encode stores samples in [-1, 1) as elements. A value between two integers goes to the nearest, one in the middle to the
// even one, and one beyond the range, as resampling makes them, to its end.
func (s soundForm) encode(mono []float32) []byte {
	if s.element == samples.Float32 {
		b := make([]byte, 0, 4*len(mono))
		for _, v := range mono {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
		return b
	}
	b := make([]byte, 0, 2*len(mono))
	for _, v := range mono {
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(max(math.MinInt16, min(math.MaxInt16, math.RoundToEven(float64(v)*(1<<15)))))))
	}
	return b
}
