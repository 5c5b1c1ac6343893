package tensor

import (
	"sync"

	"github.com/rondo-ml/rondo/tensor/internal/kernel"
)

// imageScratch is buffers for the kernels of images. Each kernel says what it keeps in them; none finds anything there.
type imageScratch struct {
	x     []float32 // inputs: packed, transposed, or one image in a frame of zeros
	dy    []float32 // packed gradients, or strips
	sums  []float32 // results under way
	line  []float32 // something short: the weights of one channel, what the chains of a row start from
	norms []float32 // sums of batch norm, maxima of a row and their taps

	taps  []weightTap
	tapAt []int
}

// imageScratches are those that nobody uses. There are never more than calls that ran at once, and none is ever freed.
var imageScratches struct {
	sync.Mutex
	free []*imageScratch
}

func takeImageScratch() *imageScratch {
	imageScratches.Lock()
	defer imageScratches.Unlock()
	if n := len(imageScratches.free); n > 0 {
		s := imageScratches.free[n-1]
		imageScratches.free = imageScratches.free[:n-1]
		return s
	}
	return &imageScratch{}
}

// release lets others take s.
func (s *imageScratch) release() {
	imageScratches.Lock()
	defer imageScratches.Unlock()
	imageScratches.free = append(imageScratches.free, s)
}

// sized is x with room for n values, of any content.
func sized(x []float32, n int) []float32 {
	if cap(x) < n {
		return kernel.AlignedSlice(n)
	}
	return x[:n]
}

// addTaps computes dw[i*taps + t] += sums[t*step + i], or sets it.
func (s *imageScratch) addTaps(dw, sums []float32, taps, step int, set bool) {
	if set {
		kernel.Transpose(dw, sums, taps, step, taps, len(dw)/taps)
		return
	}
	s.line = sized(s.line, len(dw))
	kernel.Transpose(s.line, sums, taps, step, taps, len(dw)/taps)
	kernel.Add(dw, dw, s.line[:len(dw)])
}
