package worker

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/rondo-ml/rondo/allreduce"
)

// simMoment is a process about to do what others can see: to send a frame or a message, or to touch the disk. What it does
// between two of them is its own, so a process that ends at each of them in turn has ended wherever it can.
type simMoment struct {
	proc *simProc
	what string // "ring: partial of step 3", "says: ready", "disk: create"
}

// notes tells of a process's moments.
func (c *simCluster) notes(p *simProc) func(what string) {
	if c.moment == nil {
		return func(string) {}
	}
	return func(what string) { c.moment(simMoment{p, what}) }
}

// simMessage is what a message of a stream says.
func simMessage(m any) string {
	about := "nothing"
	message := m.(proto.Message).ProtoReflect()
	if which := message.WhichOneof(message.Descriptor().Oneofs().Get(0)); which != nil {
		about = string(which.Name())
		inner := message.Get(which).Message()
		for _, field := range []string{"step", "generation"} {
			if f := inner.Descriptor().Fields().ByName(protoreflect.Name(field)); f != nil {
				about += fmt.Sprintf(" %s %d", field, inner.Get(f).Uint())
			}
		}
	}
	return "says: " + about
}

// simLink is a link whose sender is watched.
type simLink struct {
	allreduce.Link
	note func(what string)
}

func (l *simLink) Send(f *allreduce.Frame) error {
	l.note("ring: " + simFrame(f))
	return l.Link.Send(f)
}

// simFrame is what a frame is a part of: "sums of step 3", "barrier of step 3", "exchange of step 3", "view 2".
func simFrame(f *allreduce.Frame) string {
	kind := f.Kind.String()
	switch {
	case f.Kind == allreduce.KindLeave || f.Kind == allreduce.KindAbort:
		return kind
	case f.Kind == allreduce.KindPartial || f.Kind == allreduce.KindSum:
		kind = "reduction"
	case f.Tag == tagStart || f.Tag == tagBegin || f.Tag == tagMirrorStart || f.Tag >= tagBring && f.Tag < tagHandOver:
		return fmt.Sprintf("view %d", f.Generation)
	case f.Tag == tagMirror:
		kind = "mirror"
	case f.Tag == tagLosses:
		kind = "barrier"
	case f.Tag >= tagHandOver && f.Tag < tagWeighHeld:
		kind = "hand-over"
	case f.Tag == tagEvaluate:
		kind = "evaluation"
	case f.Tag == tagWatch || f.Tag == tagWatchEach:
		kind = "watch"
	case f.Tag == tagEnd:
		kind = "end"
	case f.Tag >= tagMidst && f.Tag < tagLosses:
		kind = "exchange"
	}
	return fmt.Sprintf("%s of step %d", strings.TrimSpace(kind), f.Step)
}
