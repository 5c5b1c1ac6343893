package look

import "fmt"

// Unit is one value of a layer for one row of the batch.
type Unit struct {
	Row     int // of the batch
	Y, X    int // its pixel; 0 of what is no images
	Channel int
}

// Check returns an error when a layer has no such unit.
func (u Unit) Check(l Layer) error {
	height, width := max(1, l.Layout.Height), max(1, l.Layout.Width)
	switch {
	case u.Row < 0 || u.Row >= l.Layout.Lanes*l.Layout.Rows:
		return fmt.Errorf("row %d: the batch has %d", u.Row, l.Layout.Lanes*l.Layout.Rows)
	case u.Channel < 0 || u.Channel >= l.Cols:
		return fmt.Errorf("channel %d: %s has %d, from 0 on", u.Channel, l.Name, l.Cols)
	case u.Y < 0 || u.Y >= height || u.X < 0 || u.X >= width:
		return fmt.Errorf("pixel %d,%d: %s has %dx%d, from 0,0 on", u.Y, u.X, l.Name, height, width)
	}
	return nil
}

// Project returns what of the row's picture makes a unit of layer i as strong as it is, in the shape of the picture: the
// unit's value, alone in its layer, goes the way back. With Passing nn.Deconvolution that is the projection of Zeiler and
// Fergus; with nn.Gradient it is the gradient times the value. It is called after Forward,
// and does that again where it is called once more for the same batch.
func (l *Lens) Project(i int, u Unit) (Maps, error) {
	if err := u.Check(l.layers[i]); err != nil {
		return Maps{}, err
	}
	value := l.Maps(i, u.Row).At(u.Y, u.X, u.Channel)
	return l.back(i, func(begin Maps) { begin.Values[(u.Y*begin.Width+u.X)*begin.Channels+u.Channel] = value }, u.Row)
}

// back differentiates from what fill leaves in the gradient of layer i for a row, and returns the gradient of that row of
// the first input.
func (l *Lens) back(i int, fill func(begin Maps), row int) (Maps, error) {
	inputs := l.tape.Inputs()
	if len(inputs) == 0 {
		return Maps{}, fmt.Errorf("the network reads neither images nor values, so there is nothing to project on")
	}
	for _, m := range l.begin {
		clear(m.Data)
	}
	y, to := l.layers[i], l.begin[i]
	pixels := y.Layout.Pixels()
	fill(Maps{Height: max(1, y.Layout.Height), Width: max(1, y.Layout.Width), Channels: y.Cols,
		Values: to.Data[row*pixels*to.Cols : (row+1)*pixels*to.Cols]})
	if l.spent {
		l.Forward()
	}
	l.tape.Backward(nil)
	l.spent = true
	sum := rowOf(inputs[0].Layout, inputs[0].Grad(), row)
	for _, again := range inputs[1:] { // the part asked for once more
		if inputs[0].Layout != again.Layout || &inputs[0].Value().Data[0] != &again.Value().Data[0] {
			continue
		}
		for k, v := range rowOf(again.Layout, again.Grad(), row).Values {
			sum.Values[k] += v
		}
	}
	return sum, nil
}
