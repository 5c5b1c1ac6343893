package projector

import (
	"context"
	"fmt"

	"github.com/rondo-ml/rondo/nn/projection"
	"github.com/rondo-ml/rondo/tensor"
)

// Frame is the box that a layout fills, so that others can be shown at its scale.
type Frame struct {
	Middle []float32 `json:"middle"`
	Most   float32   `json:"most"` // half of the longest side
}

// Beside returns a layout on the axes of that of other points, each of which is the one of the same number here: the same
// network's, say, at another step. By PCA the points lie along the directions of the other ones; other layouts are
// moved, turned and mirrored until they lie on the other one as well as they can. nil: Get.
func (l *Layouts) Beside(ctx context.Context, s Settings, other *Layouts, progress func(done, all int)) (*Layout, error) {
	if other == nil {
		return l.Get(ctx, s, progress)
	}
	if x, y := l.Set.Points, other.Set.Points; x.Rows != y.Rows || x.Cols != y.Cols && s.Method == "pca" {
		return nil, fmt.Errorf("%d points of %d numbers cannot be laid on %d of %d: want the same ones", x.Rows, x.Cols, y.Rows, y.Cols)
	}
	there, err := other.Get(ctx, s, nil)
	if err != nil {
		return nil, err
	}
	out := &Layout{Settings: there.Settings}
	if s.Method == "pca" {
		out, err = l.along(other, there.Settings), nil
	} else {
		own, failed := l.Get(ctx, s, progress)
		if err = failed; err == nil {
			*out = *own
			out.Points = projection.Align(own.Points, there.Points)
		}
	}
	if err != nil {
		return nil, err
	}
	out.Frame = frameOf(there.Points)
	return out, nil
}

// along is the layout of points along the directions of others.
func (l *Layouts) along(other *Layouts, s Settings) *Layout {
	l.mu.Lock()
	defer l.mu.Unlock()
	x, y := l.Set.Points, other.Set.Points
	if s.Sphereize {
		x, y = projection.Sphereize(x), projection.Sphereize(y)
	}
	c := projection.PCA(l.pool, y, s.Dims)
	out := &Layout{Settings: s, Points: widen(c.Project(l.pool, x), s.Dims)}
	total := projection.Variance(x)
	for d := range s.Dims {
		column := tensor.Matrix{Data: out.Points.Data[d:], Rows: x.Rows, Cols: 1, Stride: out.Points.Stride}
		out.Shares = append(out.Shares, projection.Variance(column)/max(total, 1e-300))
	}
	l.judge(out, x)
	return out
}

func frameOf(x tensor.Matrix) *Frame {
	f := &Frame{Middle: make([]float32, x.Cols)}
	for d := range f.Middle {
		low, high := x.Row(0)[d], x.Row(0)[d]
		for i := range x.Rows {
			low, high = min(low, x.Row(i)[d]), max(high, x.Row(i)[d])
		}
		f.Middle[d], f.Most = (low+high)/2, max(f.Most, (high-low)/2)
	}
	return f
}
