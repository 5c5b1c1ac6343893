package allreduce

// check refuses a frame that this machine does not wait for.
func (r *Reduction) check(f *Frame) error {
	partial, sum := r.folder.wire.partial(), r.folder.wire.sum()
	switch {
	case f.Kind != partial && f.Kind != sum:
		return fieldError("kind", "%v within a reduction in %v", f.Kind, r.folder.wire)
	case f.Generation != r.view.Generation:
		return fieldError("generation", "%d, want %d", f.Generation, r.view.Generation)
	case f.Step != r.step:
		return fieldError("step", "%d, want %d", f.Step, r.step)
	case f.Tag != r.bucket:
		return fieldError("bucket", "%d, want %d", f.Tag, r.bucket)
	case int64(f.Chunk) >= int64(len(r.chunks)):
		return fieldError("chunk", "%d of %d (step %d bucket %d)", f.Chunk, len(r.chunks), r.step, r.bucket)
	}
	p := &r.chunks[f.Chunk]
	waits := p.partials
	if f.Kind == sum {
		waits = p.sums
	}
	// Segments of a chunk come in order, partials and sums each.
	want := p.segments - waits
	switch {
	case waits == 0:
		return fieldError("chunk", "%v of chunk %d is not awaited, or came twice (step %d bucket %d)", f.Kind, f.Chunk, r.step, r.bucket)
	case int64(f.Segment) != int64(want):
		return fieldError("segment", "%d of the %v of chunk %d, want %d (step %d bucket %d)", f.Segment, f.Kind, f.Chunk, want, r.step, r.bucket)
	case f.Kind == sum && p.partials >= waits:
		return fieldError("kind", "sum of chunk %d segment %d before its partial (step %d bucket %d)", f.Chunk, f.Segment, r.step, r.bucket)
	}
	a, b := r.extent(int(f.Chunk), want)
	if size := (b - a) * r.folder.wire.width(); len(f.Payload) != size {
		return fieldError("length", "%d bytes in chunk %d segment %d, want %d: the workers disagree on the size of step %d bucket %d",
			len(f.Payload), f.Chunk, f.Segment, size, r.step, r.bucket)
	}
	f.align(4)
	return nil
}
