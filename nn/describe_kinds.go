package nn

func (o *conv2d) describe() any {
	return ConvOp{Shape: o.conv.ConvShape, Weight: o.w.param, Bias: paramOf(o.b)}
}

func (o *convTranspose2d) describe() any {
	return ConvOp{Shape: o.conv.ConvShape, Weight: o.w.param, Bias: paramOf(o.b), Transposed: true}
}

func (o *linear) describe() any { return DenseOp{o.w.param, paramOf(o.b)} }

func (o *maxPool) describe() any { return PoolOp{Max: true, Shape: o.shape.PoolShape} }

func (o *avgPool) describe() any { return PoolOp{Shape: o.shape.PoolShape, CountPad: o.countPad} }

func (o *maxBins) describe() any { return BinsOp{Max: true} }

func (o *activate) describe() any { return o.f.is }

func (o *byRows) describe() any { return o.is }

func (o *elements) describe() any { return o.is }

func (o *residual) describe() any { return SumOp{} }

func (o *batchNorm) describe() any { return o.BatchNorm }

func (o *layerNorm) describe() any {
	if !o.centred {
		return nil
	}
	return o.LayerNorm
}

func (o *groupNorm) describe() any { return o.GroupNorm }

func (o *localResponse) describe() any { return &o.LocalResponseNorm }

func (o *prelu) describe() any { return o.layer }

func (o *scaledRows) describe() any {
	if o.w != nil {
		return ScaleOp{o.w.param}
	}
	return GateOp{}
}

func (o *concat) describe() any { return JoinOp{} }

func (o *columnSlice) describe() any { return ColumnsOp{o.from, o.from + o.y.Cols} }

func (o *zeroPad) describe() any { return PadOp{o.margins} }

func (o *crop) describe() any {
	from, to := o.x.Layout, o.y.Layout
	return PadOp{Margins{-o.top, -o.left, to.Height + o.top - from.Height, to.Width + o.left - from.Width}}
}

func (o *maxout) describe() any { return MaxoutOp{o.k} }

func (o *flatten) describe() any { return ReshapeOp{} }

func (o *unflatten) describe() any { return ReshapeOp{} }

func (o *permute) describe() any { return TurnOp{} }

func (o *resample) describe() any {
	if o.options == nil {
		return BinsOp{}
	}
	return ResizeOp{*o.options}
}

func (o *embedding) describe() any { return LookupOp{o.tokens, o.w.param} }

func (o *oneHot) describe() any { return OneHotOp{o.tokens} }

func (o *reverse) describe() any { return ReverseOp{o.turn.lengths} }

func (o *joinDirections) describe() any { return BothWaysOp{o.lengths} }

func (o *overTime) describe() any { return StepsOp{o.take, o.split, o.lengths} }

// recurs describes a recurrent layer by its weights; of a normalized one those that it is made of.
func (s *sequence) recurs(cell string, c *State, weights ...*Weight) RecurrentOp {
	r := RecurrentOp{Cell: cell, Hidden: s.y.Cols, Lengths: s.lengths}
	for _, w := range weights {
		r.Scales = append(r.Scales, w.scale)
		if w.param == nil {
			w = &Weight{param: w.stages}
		}
		r.Params = append(r.Params, w.param)
	}
	for _, state := range []*State{s.h, c} {
		if state != nil {
			r.States = append(r.States, state)
		}
	}
	return r
}

func (o *rnnOp) describe() any {
	if o.relu {
		return o.recurs("rnn-relu", nil, o.wih, o.whh, o.bih, o.bhh)
	}
	return o.recurs("rnn", nil, o.wih, o.whh, o.bih, o.bhh)
}

func (o *gruOp) describe() any { return o.recurs("gru", nil, o.wih, o.whh, o.bih, o.bhh) }

func (o *gruTextbookOp) describe() any {
	return o.recurs("gru-textbook", nil, o.wih, o.whh, o.wrh, o.bias)
}

func (o *lstmOp) describe() any { return o.recurs("lstm", o.c, o.wih, o.whh, o.bih, o.bhh) }

func (o *lstmPeepholeOp) describe() any {
	return o.recurs("lstm-peephole", o.c, o.wih, o.whh, o.bih, o.bhh, o.wci, o.wcf, o.wco)
}

func (o *mlstmOp) describe() any {
	return o.recurs("mlstm", o.c, o.wih, o.wmh, o.wmih, o.wmhh, o.bias)
}
