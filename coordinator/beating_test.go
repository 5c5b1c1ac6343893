package coordinator

import (
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// beating is what a worker of a script says of itself in each heartbeat.
type beating struct {
	beat  *api.Heartbeat
	moves bool // it gets on
}

// beating reads "does NAME… KIND [blocked] [moves] [generation=N] [sent=N] [received=N] [links=next,prev] [in=WHAT] [step=N]".
func (p *player) beating(l line) *beating {
	b := &api.Heartbeat{Step: l.number("step", p.s.Step), Generation: l.number("generation", p.s.View.Generation), Sent: int64(l.number("sent", 0)), Received: int64(l.number("received", 0)),
		Next: strings.Contains(l.get("links", "next,prev"), "next"), Prev: strings.Contains(l.get("links", "next,prev"), "prev"),
		Doing: api.Doing(api.Doing_value[strings.ToUpper(l.get("at", "stepping"))])}
	_, b.Blocked = l.options["in"]
	if b.Blocked {
		b.Awaits = []*api.Await{{Step: b.Step, What: strings.ReplaceAll(l.options["in"], "-", " "), Lacks: "2 frames"}}
	}
	return &beating{b, l.has("moves") || l.options["moves"] != ""}
}

// next is the heartbeat after a time.
func (b *beating) next(passed time.Duration) *api.Heartbeat {
	if b == nil {
		return nil
	}
	if b.moves {
		b.beat.Progress++
	}
	b.beat.DoingNs += int64(passed)
	for _, a := range b.beat.Awaits {
		a.SinceNs += int64(passed)
	}
	return proto.Clone(b.beat).(*api.Heartbeat)
}
