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
	steps int // after which it begins again; 0: never

	under map[laneRange]*reading
}

// reading is one batch that is being read, or was.
type reading struct {
	step  int
	parts []nn.Part
	done  chan error
}

// newReadAhead reads ahead of training, or of the measurements of a held-out set, which begins again after its last
// batch.
func newReadAhead(rows *sampleRows) *readAhead {
	a := &readAhead{sampleRows: rows, under: map[laneRange]*reading{}}
	if !rows.training {
		a.steps = rows.batches()
	}
	return a
}

func (a *readAhead) fill(rec *zoo.Recording, step int, lanes laneRange) error {
	r := a.under[lanes]
	if r == nil {
		r = &reading{step: -1, parts: cloneParts(rec.Parts()), done: make(chan error, 1)}
		r.done <- nil
		a.under[lanes] = r
	}
	err := <-r.done
	if r.step != step {
		err = a.read(rec.Parts(), step, lanes, a.pool)
	} else if err == nil {
		copyParts(rec.Parts(), r.parts)
	}
	if r.step = step + 1; a.steps > 0 {
		r.step %= a.steps
	}
	next := r.step
	go func() { r.done <- a.read(r.parts, next, lanes, nil) }()
	return err
}

// close waits for what is being read.
func (a *readAhead) close() {
	for _, r := range a.under {
		<-r.done
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
		case *nn.Targets:
			c := *p
			c.Target, c.Other, c.Share = slices.Clone(p.Target), slices.Clone(p.Other), slices.Clone(p.Share)
			list[i].Holds = &c
		case *nn.TargetValues:
			c := *p
			c.Value, c.Absent = slices.Clone(p.Value), slices.Clone(p.Absent)
			list[i].Holds = &c
		case *nn.Transcripts:
			c := *p
			c.Symbol, c.Length = slices.Clone(p.Symbol), slices.Clone(p.Length)
			list[i].Holds = &c
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
			f := from[i].Holds.(*nn.Transcripts)
			p.Count = f.Count
			copy(p.Symbol, f.Symbol)
			copy(p.Length, f.Length)
		}
	}
}
