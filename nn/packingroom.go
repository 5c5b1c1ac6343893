package nn

import "github.com/rondo-ml/rondo/tensor"

// Kernels read weights in a layout of their own. On a tape that learns, weights change before every step, and those that serve
// one operation are read once in either direction; of lanes in several passes, once in each. So they are packed where they are
// read, in memory that all such operations share; those of a product a stage at a time. Weights that serve several operations or
// that a recurrent layer reads at every time step, and those of a tape that does not learn, are packed once and stay: see [packed]
// and [readyConv].

// packingRoom is the memory that operations pack into by turns.
type packingRoom struct {
	memory  []float32
	product tensor.Panels
	conv    tensor.ConvPanels
}

// reserve makes room for n values at once: growing by and by would leave pieces behind.
func (r *packingRoom) reserve(n int) {
	if n > len(r.memory) {
		r.memory = tensor.AlignedSlice(n)
		r.product.Use(r.memory)
		r.conv.Use(r.memory)
	}
}

// stageElements is about how many weights of a product are packed at a time for each goroutine, and stageColumns how many
// columns of the packed operand at least and a multiple of it: whole panels of every tile.
const (
	stageElements = 1 << 19
	stageColumns  = 64
)

// packedByTurns says that the weight is packed by whoever reads it, and not kept.
func (w *Weight) packedByTurns() bool { return w.uses == 1 && w.tape.learns() && !w.tape.again }

// packedStage is how many columns of a packed operand of so many rows are packed at a time.
func (w *Weight) packedStage(rows int) int {
	n := w.tape.pool.Size() * stageElements / rows
	return max(1, n/stageColumns) * stageColumns
}

// multiply computes y = x·Wᵀ and adds the bias, which may be nil.
func (w *Weight) multiply(y, x tensor.Matrix, bias []float32) {
	pool := w.tape.pool
	if !w.packedByTurns() {
		pool.MatMulBias(y, x, w.Forward(), bias)
		return
	}
	panels, stage := &w.tape.params.room.product, w.packedStage(w.Cols)
	for lo := 0; lo < w.Rows; lo += stage {
		hi := min(lo+stage, w.Rows)
		panels.PackTransposed(pool, w.Value().Slice(lo, hi))
		if bias == nil {
			pool.MatMulBias(y.Columns(lo, hi), x, panels, nil)
		} else {
			pool.MatMulBias(y.Columns(lo, hi), x, panels, bias[lo:hi])
		}
	}
}

// multiplyBack adds dy·W to the gradient of x, or sets it when it is fresh.
func (w *Weight) multiplyBack(x *Node, dy tensor.Matrix) {
	if !w.packedByTurns() {
		w.addInput(x, dy)
		return
	}
	dx, fresh := x.TakeGrad()
	pool, panels, stage := w.tape.pool, &w.tape.params.room.product, w.packedStage(w.Rows)
	for lo := 0; lo < w.Cols; lo += stage {
		hi := min(lo+stage, w.Cols)
		panels.Pack(pool, w.Value().Columns(lo, hi))
		if fresh {
			pool.MatMulBias(dx.Columns(lo, hi), dy, panels, nil)
		} else {
			pool.MatMulAdd(dx.Columns(lo, hi), dy, panels)
		}
	}
}

// forwardOf returns the weights packed for the convolution, to be read before anything else is packed.
func (r *readyConv) forwardOf(w *Weight) *tensor.ConvPanels {
	if !w.packedByTurns() {
		return r.readyForward(w.tape, w.Value())
	}
	panels := &w.tape.params.room.conv
	panels.Pack(w.tape.pool, r.Conv, w.Value().Data)
	return panels
}

// backwardOf returns the weights packed for the convolution's gradient of the input, in the same way.
func (r *readyConv) backwardOf(w *Weight) *tensor.ConvPanels {
	if !w.packedByTurns() {
		return r.readyBackward(w.tape, w.Value())
	}
	panels := &w.tape.params.room.conv
	panels.PackBackward(w.tape.pool, r.Conv, w.Value().Data)
	return panels
}

// packer is an operation that packs weights as Weight.multiply or a readyConv does.
type packer interface {
	// packing returns the weights and how many values they are packed to, for either direction; 0: it does not need it. c is the
	// convolution, or nil.
	packing() (w *Weight, c *readyConv, forward, backward int)
}

// packedSizes returns how many values the convolution's weights are packed to, in the directions that are wanted.
func (r *readyConv) packedSizes(pool *tensor.Pool, wantForward, wantBackward bool) (forward, backward int) {
	forward, backward = pool.PackedConv(r.Conv)
	if !wantForward {
		forward = 0
	}
	if !wantBackward {
		backward = 0
	}
	return forward, backward
}

// Packed returns how many values of memory the weights take in the layouts that the kernels read while the tape is replayed, and
// how many more where they are read unchanged again and again, for inference. Those that are kept count twice, for either
// direction, but those of convolutions as the pool packs them.
func (t *Tape) Packed() (learning, inference int) {
	learning = 2 * t.params.Size()
	room, weights, convs := 0, map[*Weight]bool{}, map[*readyConv]bool{}
	for _, op := range t.ops {
		o, ok := op.(packer)
		if !ok {
			continue
		}
		w, c, forward, backward := o.packing()
		switch {
		case w.packedByTurns():
			learning -= 2 * w.Rows * w.Cols
			room = max(room, w.stageSize(c, forward, backward))
			inference += forward
		case c != nil && !convs[c]:
			if convs[c] = true; !weights[w] {
				learning -= 2 * c.Weights()
			}
			weights[w] = true
			learning += forward + backward
		}
	}
	return learning + room, inference
}

// stageSize is how many values of the packing room an operation needs that packs w to so many.
func (w *Weight) stageSize(c *readyConv, forward, backward int) int {
	if c == nil {
		pool := w.tape.pool
		forward = min(forward, pool.PackedProduct(w.Cols, w.packedStage(w.Cols)))
		backward = min(backward, pool.PackedProduct(w.Rows, w.packedStage(w.Rows)))
	}
	return max(forward, backward)
}

// reserveRoom makes room for whatever operation needs most of it.
func (t *Tape) reserveRoom() {
	most := 0
	for _, op := range t.ops {
		if o, ok := op.(packer); ok {
			if w, c, forward, backward := o.packing(); w.packedByTurns() {
				most = max(most, w.stageSize(c, forward, backward))
			}
		}
	}
	t.params.room.reserve(most)
}
