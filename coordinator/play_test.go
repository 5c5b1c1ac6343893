package coordinator

import (
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/api"
)

// run sets a run up; it has no workers yet.
func (p *player) run(l line) {
	plan := &plan{Name: "test", RunID: "r1", Version: "1.2.0", Protocol: 1, Rounds: 1, Lanes: int(l.number("lanes", 4)), Workers: int(l.number("workers", 1)), Least: int(l.number("least", 0)), Most: int(l.number("most", 0)),
		Steps: l.number("steps", 300), Resume: l.has("resume"), SeesExits: l.has("exits"), Pool: l.has("pool"), Dir: "runs/test",
		DataHash: l.options["data"], Again: "rondo train run.yaml --resume", Bits: map[string]string{"model.hidden": "256", "seed": "1"}, Mixed: l.has("mixed")}
	past := pastRun{View: View{Generation: l.number("generation", 0)}}
	if step := l.number("recorded", 0); step > 0 {
		past.Checkpoints = []Checkpoint{{Step: step, Digest: "d" + fmt.Sprint(step)}}
		past.Journal, past.Asks = p.s.Journal, p.s.Asks // of the run before it in the script
		plan.Restarted = plan.Resume
	}
	for i, name := range strings.FieldsFunc(l.options["view"], func(r rune) bool { return r == ',' }) {
		past.View.Lanes = plan.Lanes
		past.View.Workers = append(past.View.Workers, ViewWorker{name, "old-" + name, "host-a", 2 * i, 2*i + 2})
		past.Phase.Phase, plan.Adopt = api.Phase(l.get("phase", "training")), true
	}
	p.s = newState(plan, past)
}

// hello is what a worker says that fits the run, but for the options.
func (p *player) hello(l line) *api.Hello {
	name := l.words[0]
	h := &api.Hello{Name: name, Incarnation: "i" + fmt.Sprint(p.next), Host: "host-a", Pid: int32(100 + p.next), Version: l.get("version", "1.2.0"),
		Protocol: int32(l.number("protocol", 1)), Arithmetic: int32(l.number("arithmetic", 1)), DataHash: l.get("data", "data"), ValidHash: l.get("valid", "valid"),
		RingUnix: l.get("ring", "/ring/"+name), RingTcp: l.options["tcp"], Network: l.options["network"], Parameters: int64(l.number("parameters", 1000)), CheckpointDir: l.options["dir"], CheckpointDirId: l.get("dirid", "D"), Tier: l.get("tier", "avx2"),
		Bits: map[string]string{"model.hidden": l.get("hidden", "256"), "seed": l.get("seed", "1")}}
	if l.command == "again" {
		h.Incarnation = l.get("incarnation", "old-"+name)
		if m := p.s.byName(name); l.has("same") && m != nil {
			h.Incarnation = m.Incarnation
		}
		h.Standing = &api.Standing{RunId: l.get("run", "r1"), Generation: l.number("generation", p.s.Generation), Step: l.number("step", 0),
			Idle: !l.has("busy"), SettledStep: l.number("settled", 0), CommittedStep: l.number("committed", 0)}
		if h.Standing.CommittedStep > 0 {
			h.Standing.CommittedDigest = "d" + l.options["committed"]
		}
	}
	if step, ok := l.options["checkpoint"]; ok {
		h.HasCheckpoint, h.CheckpointStep, h.CheckpointDigest = true, l.number("checkpoint", 0), l.get("digest", "d"+step)
	}
	for _, r := range strings.FieldsFunc(l.options["rates"], func(r rune) bool { return r == ',' }) { // STEP:RATE,…
		change := &api.RateChange{}
		if _, err := fmt.Sscanf(r, "%d:%g", &change.Step, &change.Lr); err != nil {
			p.t.Fatal(err)
		}
		h.CheckpointRates = append(h.CheckpointRates, change)
	}
	return h
}

// shown is an action as a line of a script.
func shown(a action) string {
	switch a := a.(type) {
	case admit:
		return "admit " + a.Name
	case refuse:
		if a.Later {
			return fmt.Sprintf("later, %s: %s", a.Name, a.Reason)
		}
		return fmt.Sprintf("refuse %s: %s", a.Name, a.Reason)
	case hangUp:
		return fmt.Sprintf("hang up: %s", a.Reason)
	case send:
		return fmt.Sprintf("send %s: %s", a.To, shownMessage(a.Message))
	case recordView:
		return fmt.Sprintf("record view: generation %d", a.View.Generation)
	case recordJournal:
		return fmt.Sprintf("record journal: step %d, %s: %s", a.Entry.Step, a.Entry.what(), a.Entry.Reason)
	case recordAsks:
		words := []string{"record asks:"}
		for _, x := range a.Asks {
			words = append(words, fmt.Sprintf("%d %s at %d", x.ID, x.what(), x.At))
		}
		return strings.Join(words, " ")
	case recordCheckpoint:
		return fmt.Sprintf("record checkpoint: step %d, digest %s, %d bytes", a.Checkpoint.Step, a.Checkpoint.Digest, a.Checkpoint.Bytes)
	case recordPhase:
		return fmt.Sprintf("record phase: %s", a.Phase)
	case note:
		if a.Reason != "" {
			return fmt.Sprintf("note %s: %s (%s)", a.Level, a.What, a.Reason)
		}
		return fmt.Sprintf("note %s: %s", a.Level, a.What)
	case answer:
		if a.Refused {
			return "answer no: " + a.Text
		}
		return "answer: " + a.Text
	case finish:
		return fmt.Sprintf("finish: exit status %d, step %d, digest %q", a.ExitCode, a.Step, a.Digest)
	}
	return fmt.Sprintf("%T", a)
}

func shownMessage(m *api.ToWorker) string {
	switch m := m.Message.(type) {
	case *api.ToWorker_View:
		v := m.View
		var peers []string
		for i, p := range v.Peers {
			self := ""
			if i == int(v.Self) {
				self = "*"
			}
			peers = append(peers, fmt.Sprintf("%s%s [%d, %d)", self, p.Name, p.FirstLane, p.EndLane))
		}
		from := "initialization"
		if v.Live {
			from = "the workers"
		}
		if v.FromCheckpoint {
			from = "the checkpoint " + v.CheckpointDigest
		}
		text := fmt.Sprintf("view %d from step %d by %s: %s", v.Generation, v.Step, from, strings.Join(peers, ", "))
		if v.RateSince > 0 {
			text += fmt.Sprintf(", lr %v since %d", v.Rate, v.RateSince)
		}
		for _, a := range v.Asks {
			text += ", " + shownDecision(a)
		}
		return text
	case *api.ToWorker_Decision:
		return "decision: " + shownDecision(m.Decision)
	case *api.ToWorker_Verify:
		return fmt.Sprintf("verify step %d: %s", m.Verify.Step, fileNames(m.Verify.Files))
	case *api.ToWorker_Commit:
		return fmt.Sprintf("commit step %d: %s", m.Commit.Step, fileNames(m.Commit.Files))
	case *api.ToWorker_CheckpointDone:
		if m.CheckpointDone.Error != "" {
			return fmt.Sprintf("checkpoint of step %d abandoned: %s", m.CheckpointDone.Step, m.CheckpointDone.Error)
		}
		return fmt.Sprintf("checkpoint of step %d done", m.CheckpointDone.Step)
	case *api.ToWorker_End:
		return fmt.Sprintf("end %d: %s", m.End.ExitCode, m.End.Reason)
	}
	return fmt.Sprintf("%T", m.Message)
}

func shownDecision(d *api.Decision) string {
	if d.Change {
		return "change the ring"
	}
	return fmt.Sprintf("%d %s at %d", d.Id, ask{Stop: d.Stop, Checkpoint: d.Checkpoint, LR: d.Lr, Clear: d.Clear}.what(), d.At)
}

func fileNames(files []*api.FileInfo) string {
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	return strings.Join(names, " ")
}
