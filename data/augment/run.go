package augment

import (
	"fmt"

	"github.com/rondo-ml/rondo/data/picture"
)

// Image fills dst, [height, width, channels], with a picture after all operations of its own, normalized. An error says
// that the picture's size then is not dst's; [Pipeline.Size] tells beforehand.
func (p *Pipeline) Image(key Key, dst []float32, height, width int, from *picture.Picture, n *Normalization) error {
	return p.pair(key, dst, height, width, from, nil, nil, 0, n)
}

// Pair is [Pipeline.Image] for a picture with a mask, which is of one channel and of the same size. Labels, [height,
// width], are the mask after the same geometry, and ignore where nothing of the mask lies.
func (p *Pipeline) Pair(key Key, dst []float32, labels []byte, height, width int, from, mask *picture.Picture, ignore byte, n *Normalization) error {
	if mask.Channels != 1 || mask.Height != from.Height || mask.Width != from.Width {
		return fmt.Errorf("augment: a mask of %dx%d with %d channels for a picture of %dx%d; it needs the same size and one channel",
			mask.Height, mask.Width, mask.Channels, from.Height, from.Width)
	}
	if len(labels) != height*width {
		return fmt.Errorf("augment: %d labels for %dx%d pixels", len(labels), height, width)
	}
	return p.pair(key, dst, height, width, from, mask, labels, ignore, n)
}

func (p *Pipeline) pair(key Key, dst []float32, height, width int, from, mask *picture.Picture, labels []byte, ignore byte, n *Normalization) error {
	if err := p.accepts(from); err != nil {
		return err
	}
	r := p.take()
	defer p.give(r)
	r.start(from, mask, ignore)
	p.runPhase(key, r, onSample)
	now := &r.image.now
	c := n.Channels(now.Channels)
	if now.Height != height || now.Width != width || len(dst) != height*width*c {
		return fmt.Errorf("augment: sample %d became %dx%d with %d channels, the network takes %d values of %dx%d; "+
			"end with a crop or a resize to its size", key.Sample, now.Height, now.Width, c, len(dst), height, width)
	}
	n.Apply(dst, now)
	r.values = tensor3{data: dst, height: height, width: width, channels: c}
	p.runPhase(key, r, onValues)
	if labels != nil {
		copy(labels, r.mask.now.Pixels)
	}
	return nil
}

// Picture is a picture after the operations on its pixels, for people to look at.
func (p *Pipeline) Picture(key Key, from *picture.Picture) (*picture.Picture, error) {
	if err := p.accepts(from); err != nil {
		return nil, err
	}
	r := p.take()
	defer p.give(r)
	r.start(from, nil, 0)
	p.runPhase(key, r, onSample)
	q := r.image.now
	q.Pixels = append([]byte(nil), q.Pixels...)
	return &q, nil
}

func (p *Pipeline) accepts(from *picture.Picture) error {
	switch {
	case p.kind == Sounds:
		return fmt.Errorf("augment: %q works on sounds, not on images", p)
	case from.Height < 1 || from.Width < 1 || from.Channels != 1 && from.Channels != 3 || len(from.Pixels) != from.Height*from.Width*from.Channels:
		return fmt.Errorf("augment: a picture of %dx%d with %d channels and %d bytes, want one or three channels and a byte for each",
			from.Height, from.Width, from.Channels, len(from.Pixels))
	}
	return nil
}

// Sound fills dst with a sound after all operations of its own and returns its new length; what does not fit dst is cut
// off, and what is left of dst is silence.
func (p *Pipeline) Sound(key Key, dst, from []float32) (int, error) {
	if p.kind == Images {
		return 0, fmt.Errorf("augment: %q works on images, not on sounds", p)
	}
	r := p.take()
	defer p.give(r)
	r.sound[0] = append(r.sound[0][:0], from...)
	p.runPhase(key, r, onSample)
	n := copy(dst, r.sound[0])
	clear(dst[n:])
	return n, nil
}

// Length bounds what the length of a sound of n values becomes.
func (p *Pipeline) Length(n int) int {
	for _, s := range p.stages {
		switch a := s.act.(type) {
		case speed:
			n = min(maxSound, int(float64(n)/a.factor.lo)+1)
		case length:
			n = a.n
		case placed:
			n = a.n
		}
	}
	return n
}

// FromInt16 makes a sound of [-1, 1) of 16-bit values.
func FromInt16(dst []float32, x []int16) {
	for i, v := range x {
		dst[i] = float32(v) * (1.0 / 32768)
	}
}

func (r *runner) start(from, mask *picture.Picture, ignore byte) {
	r.image.now, r.masked = *from, mask != nil
	if mask != nil {
		r.mask.now, r.mask.fill, r.mask.filled = *mask, ignore, true
	}
}

func (p *Pipeline) runPhase(key Key, r *runner, now phase) {
	for i, s := range p.stages {
		if s.spec.phase == now {
			r.draws = key.draws(i)
			s.act.run(r, &r.draws)
		}
	}
}

// Evaluation is the pipeline without chance, for held-out samples: what makes one size of samples stays, and takes the
// middle.
func (p *Pipeline) Evaluation() *Pipeline {
	q := &Pipeline{}
	for _, s := range p.stages {
		text := s.text
		if a, ok := s.act.(interface{ settled() string }); ok {
			text = a.settled()
		}
		if text == "" {
			continue
		}
		part, err := Parse(text)
		if err != nil {
			panic(err) // its own text
		}
		for _, s := range part.stages {
			if err := q.add(s); err != nil {
				panic(err)
			}
		}
	}
	q.kind = p.kind
	return q
}
