package coordinator

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// Whatever happens, in whatever order, decide neither panics nor contradicts
// itself.
func TestDecideProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		workers := rapid.IntRange(1, 4).Draw(t, "workers")
		p := &plan{Name: "p", Version: "v", Protocol: 1, Lanes: 4, Workers: workers, Steps: 8, Again: "again",
			Resume: rapid.Bool().Draw(t, "resume"), SeesExits: rapid.Bool().Draw(t, "exits"), Pool: rapid.Bool().Draw(t, "pool"), Rebalance: rapid.Bool().Draw(t, "rebalance"),
			Least: rapid.IntRange(0, workers).Draw(t, "least")}
		s := newState(p, pastRun{})
		if rapid.IntRange(0, 3).Draw(t, "adopts") == 0 {
			p.Adopt, p.Resume = true, true
			s = newState(p, pastRun{View: View{Generation: 2, Lanes: 4, Step: 2, Live: true,
				Workers: []ViewWorker{{"worker-0", "i", "h", 0, 1}, {"worker-1", "i", "h", 1, 4}}}, Phase: phaseInfo{Phase: api.PhaseTraining}})
		}
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		var ends ledger
		var conns uint64 // streams so far
		for range rapid.IntRange(1, 120).Draw(t, "events") {
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1, 50, 400, 3000}).Draw(t, "ms")) * time.Millisecond)
			e := dueEvent(&s, &conns)
			if rapid.IntRange(0, 3).Draw(t, "astray") == 0 {
				e = anyEvent(t, &s, &conns)
			}
			before := fmt.Sprintf("%+v", s)
			next, actions, reason := decide(now, s, e)
			again, sameActions, _ := decide(now, s, e)
			if fmt.Sprintf("%+v", s) != before {
				t.Fatalf("%T changed the state that it was given", e)
			}
			if !reflect.DeepEqual(next, again) || !reflect.DeepEqual(actions, sameActions) {
				t.Fatalf("%T: two decisions on the same differ", e)
			}
			if reason == "" {
				t.Fatalf("%T: no reason", e)
			}
			ends.check(t, s, next, actions)
			checkState(t, &next)
			s = next
		}
	})
}

// dueEvent is what brings a run on, so that random ones reach all its phases.
func dueEvent(s *state, conns *uint64) event {
	if s.Phase == api.PhaseWaiting {
		*conns++
		return workerJoined{Conn: *conns, Hello: &api.Hello{Name: fmt.Sprintf("worker-%d", *conns), Incarnation: "i", Version: "v", Protocol: 1, RingUnix: "/r"}}
	}
	for i := range s.Members {
		if m := &s.Members[i]; m.State == memberJoined {
			return workerReady{m.Conn, s.Generation}
		}
	}
	if len(s.Saves) == 0 {
		for i := range s.Members {
			switch m := &s.Members[i]; {
			case m.State != memberFinished && m.Step < s.plan.Steps:
				return stepReported{m.Conn, &api.StepReport{Step: m.Step, Decision: &api.Decision{Stop: s.asked(stops), Id: s.LastAsk}}}
			case m.State != memberFinished:
				return finished{m.Conn, m.Step, false}
			}
		}
		return tick{}
	}
	c := s.Saves[0]
	for i, part := range c.Parts {
		switch {
		case c.Stage == stageSaving && !part.Saved:
			return saved{s.Members[i].Conn, &api.Saved{Step: c.Step, Files: []*api.FileInfo{{Name: fmt.Sprint("f", i)}}}}
		case c.Stage == stageVerifying && !part.Verified:
			return verified{s.Members[i].Conn, c.Step, ""}
		}
	}
	return committed{s.Members[0].Conn, &api.Committed{Step: c.Step}}
}

// anyEvent draws an event that may come at any time from anybody.
func anyEvent(t *rapid.T, s *state, conns *uint64) event {
	conn := rapid.Uint64Range(0, *conns).Draw(t, "conn")
	name := fmt.Sprintf("worker-%d", rapid.IntRange(0, 5).Draw(t, "worker"))
	step := uint64(rapid.IntRange(0, 8).Draw(t, "step"))
	text := rapid.SampledFrom([]string{"", "", "", "broken"}).Draw(t, "text")
	yes := rapid.Bool().Draw(t, "yes")
	switch rapid.IntRange(0, 20).Draw(t, "kind") {
	case 0, 1:
		*conns++
		h := &api.Hello{Name: name, Incarnation: "i", Version: "v", Protocol: 1, RingUnix: "/r", HasCheckpoint: s.plan.Resume && text != ""}
		if yes {
			h.Standing = &api.Standing{Generation: s.View.Generation, Step: step, Idle: text == ""}
		}
		return workerJoined{Conn: *conns, Hello: h}
	case 2:
		return workerReady{conn, uint64(rapid.IntRange(0, 2).Draw(t, "generation"))}
	case 3, 4:
		return stepReported{conn, &api.StepReport{Step: step, Decision: &api.Decision{Stop: yes, Checkpoint: text != ""}}}
	case 5:
		return evaluated{conn, &api.Evaluated{Step: step}}
	case 6, 7:
		return saved{conn, &api.Saved{Step: step, Error: text, Last: yes, Files: []*api.FileInfo{{Name: fmt.Sprint("f", conn), Size: 1}}}}
	case 8:
		return verified{conn, step, text}
	case 9:
		return committed{conn, &api.Committed{Step: step, Error: text}}
	case 10:
		return finished{conn, step, yes}
	case 11:
		return workerFailed{conn, &api.Failed{Kind: api.Failed_Kind(rapid.IntRange(-1, 6).Draw(t, "failure")), Peer: name, Error: text}}
	case 12:
		return workerLost{Conn: conn, Cause: "broke"}
	case 13:
		return workerExited{name, "exit status 1"}
	case 14:
		return rapid.SampledFrom([]event{stopAsked{"s", when{step, yes}}, checkpointAsked{"c", when{step, yes}}, rateAsked{float64(step) / 8, "r", when{step, yes}}, scaleAsked{int(step)}}).Draw(t, "ask")
	case 15, 16:
		return parted{conn, s.View.Generation - uint64(rapid.IntRange(0, 1).Draw(t, "before")), step}
	case 17:
		return workerLeaves{conn}
	case 18, 19:
		return heartbeat{conn, &api.Heartbeat{Generation: s.View.Generation, Doing: api.Doing(rapid.IntRange(0, 8).Draw(t, "doing")), Blocked: yes, Next: true, Prev: text == "",
			Sent: int64(step), Received: 4, Awaits: []*api.Await{{Step: step, What: "bucket 0"}}}}
	}
	return tick{}
}

// ledger checks that the end is told once, to everybody, and last.
type ledger struct{ over bool }

func (l *ledger) check(t *rapid.T, before, after state, actions []action) {
	if l.over && len(actions) > 0 {
		t.Fatalf("after the end of the run came %T", actions[0])
	}
	told := map[uint64]int{}
	for i, a := range actions {
		switch a := a.(type) {
		case send:
			if a.Conn == 0 {
				t.Fatalf("a message to nobody: %v", a.Message)
			}
			if a.Message.GetEnd() != nil {
				told[a.Conn]++
			}
		case finish:
			l.over = true
			if i != len(actions)-1 {
				t.Fatalf("%T after the end of the run", actions[i+1])
			}
		}
	}
	if l.over != ended(after.Phase) {
		t.Fatalf("phase %s, but finished is %t", after.Phase, l.over)
	}
	for conn := range told { // who was asked to leave may go before the run's end
		if before.byConn(conn) != nil && after.byConn(conn) == nil {
			delete(told, conn)
		}
	}
	if !l.over || ended(before.Phase) {
		if len(told) > 0 {
			t.Fatalf("an end was told in phase %s", after.Phase)
		}
		return
	}
	for i := range after.Members {
		m := &after.Members[i]
		if m.live() != (told[m.Conn] == 1) {
			t.Fatalf("%s (%s) was told the end %d times", m.Name, m.State, told[m.Conn])
		}
		delete(told, m.Conn)
	}
	if len(told) > 0 {
		t.Fatalf("the end was told to strangers: %v", told)
	}
}

// checkState checks what holds of every state.
func checkState(t *rapid.T, s *state) {
	if s.Phase == api.PhaseWaiting && len(s.candidates()) >= s.least() {
		t.Fatalf("waiting with %d of at least %d workers under view %d", len(s.candidates()), s.least(), s.View.Generation)
	}
	lane := 0
	for _, w := range s.View.Workers {
		if w.First != lane || w.End <= lane {
			t.Fatalf("%s has lanes [%d, %d) after lane %d", w.Name, w.First, w.End, lane)
		}
		lane = w.End
	}
	if s.begun() && lane != s.plan.Lanes {
		t.Fatalf("lane %d belongs to nobody", lane)
	}
	for i := range s.Members {
		if i > 0 && natural(s.Members[i-1].Name, s.Members[i].Name) >= 0 {
			t.Fatalf("%s before %s", s.Members[i-1].Name, s.Members[i].Name)
		}
		if m := &s.Members[i]; m.live() && !s.inRing(m) && (m.State == memberReady || m.State == memberTraining) {
			t.Fatalf("%s is %s and not in the ring", m.Name, m.State)
		}
	}
	for i := 1; i < len(s.Committed); i++ {
		if s.Committed[i-1].Step >= s.Committed[i].Step {
			t.Fatalf("checkpoints of steps %d and %d in this order", s.Committed[i-1].Step, s.Committed[i].Step)
		}
	}
	if len(s.Saves) > maxSaves || len(s.Refusals) > maxRefusals {
		t.Fatalf("%d checkpoints under way, %d refusals", len(s.Saves), len(s.Refusals))
	}
}
