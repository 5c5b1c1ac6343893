package worker

import (
	"fmt"
	"slices"

	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// readAhead is a feed that reads the rows of the next step while the network computes on those of this one, into
// memory of its own. What it gives is what the feed gives: a step that nobody foresaw is read when it is asked for.
type readAhead struct {
	*sampleRows
	under map[laneRange]*reading
}

// reading is one batch that is being read, or was: it stays until the next is asked for.
type reading struct {
	step  int // -1: none
	parts []nn.Part
	busy  chan struct{} // is closed once it is read
	err   error
}

func newReadAhead(rows *sampleRows) *readAhead {
	return &readAhead{sampleRows: rows, under: map[laneRange]*reading{}}
}

func (a *readAhead) fill(rec *zoo.Recording, step int, lanes laneRange) error {
	r := a.under[lanes]
	if r == nil {
		r = &reading{step: -1, parts: cloneParts(rec.Parts())}
		a.under[lanes] = r
	}
	r.wait()
	if r.step != step {
		a.foresee(step, 1, lanes)
		r.step, r.err = step, a.read(r.parts, step, lanes, a.pool)
	}
	if r.err != nil {
		return r.err
	}
	copyParts(rec.Parts(), r.parts)
	return nil
}

// ahead begins to read the rows that the lanes own in a step, which will be asked for next.
func (a *readAhead) ahead(step int, lanes laneRange) {
	r := a.under[lanes]
	if r == nil {
		return
	}
	r.wait()
	a.foresee(step, stepsForeseen, lanes)
	r.step, r.busy = step, make(chan struct{})
	go func() {
		defer close(r.busy)
		r.err = a.readAlone(r.parts, step, lanes)
	}()
}

// readAlone reads on the goroutine that it is called on, where nobody else would turn a panic into an error.
func (a *readAhead) readAlone(parts []nn.Part, step int, lanes laneRange) (err error) {
	defer zoo.Recover("", &err)
	return a.read(parts, step, lanes, nil)
}

func (r *reading) wait() {
	if r.busy != nil {
		<-r.busy
		r.busy = nil
	}
}

// close waits for what is being read.
func (a *readAhead) close() {
	for _, r := range a.under {
		r.wait()
	}
	clear(a.under)
}

// cloneParts makes room for parts like these.
func cloneParts(parts []nn.Part) []nn.Part {
	list := make([]nn.Part, len(parts))
	for i, part := range parts {
		list[i].Name = part.Name
		switch p := part.Holds.(type) {
		case *nn.Images:
			c := *p
			c.Pixels = slices.Clone(p.Pixels)
			list[i].Holds = &c
		case *nn.Values:
			c := *p
			c.Data = slices.Clone(p.Data)
			list[i].Holds = &c
		case *nn.Tokens:
			c := *p
			c.Input = slices.Clone(p.Input)
			list[i].Holds = &c
		case *nn.Lengths:
			c := *p
			c.Of = slices.Clone(p.Of)
			list[i].Holds = &c
		case *nn.Begins:
			list[i].Holds = &nn.Begins{Of: slices.Clone(p.Of)}
		case *nn.Targets:
			c := *p
			c.Target, c.Other, c.Share = slices.Clone(p.Target), slices.Clone(p.Other), slices.Clone(p.Share)
			list[i].Holds = &c
		case *nn.TargetValues:
			c := *p
			c.Value, c.Absent = slices.Clone(p.Value), slices.Clone(p.Absent)
			list[i].Holds = &c
		case *nn.Transcripts:
			list[i].Holds = p.Clone()
		default:
			panic(fmt.Sprintf("worker: the part %s is a %T, which no data fills", part.Name, p))
		}
	}
	return list
}

// copyParts brings what was read to the parts that a network reads.
func copyParts(to, from []nn.Part) {
	for i, part := range to {
		switch p := part.Holds.(type) {
		case *nn.Images:
			copy(p.Pixels, from[i].Holds.(*nn.Images).Pixels)
		case *nn.Values:
			copy(p.Data, from[i].Holds.(*nn.Values).Data)
		case *nn.Tokens:
			copy(p.Input, from[i].Holds.(*nn.Tokens).Input)
		case *nn.Lengths:
			copy(p.Of, from[i].Holds.(*nn.Lengths).Of)
		case *nn.Begins:
			copy(p.Of, from[i].Holds.(*nn.Begins).Of)
		case *nn.Targets:
			f := from[i].Holds.(*nn.Targets)
			p.Count = f.Count
			copy(p.Target, f.Target)
			if f.Other != nil {
				p.Mix()
				copy(p.Other, f.Other)
				copy(p.Share, f.Share)
			}
		case *nn.TargetValues:
			f := from[i].Holds.(*nn.TargetValues)
			p.Count = f.Count
			copy(p.Value, f.Value)
			copy(p.Absent, f.Absent)
		case *nn.Transcripts:
			p.CopyFrom(from[i].Holds.(*nn.Transcripts))
		}
	}
}
