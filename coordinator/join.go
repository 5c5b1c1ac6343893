package coordinator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/runfile"
)

// joined admits or refuses a worker, and finds it a place. The run starts with the last one that it waits for.
func (d *decision) joined(e workerJoined) {
	h := e.Hello
	if comes, stray := d.comesAgain(h); comes && e.Barred == "" {
		d.rejoined(e)
		return
	} else if stray && e.Barred == "" {
		d.stray(e)
		return
	}
	if reason := d.otherRelease(h); reason != "" && e.Barred == "" {
		d.wait(e.Conn, h.Name, reason)
		return
	}
	if reason := cmp.Or(e.Barred, d.objection(h)); reason != "" {
		d.refuse(e.Conn, h.Name, reason)
		return
	}
	if b := d.s.Basis; d.otherTime(h) && h.CheckpointStep < b.Step {
		d.wait(e.Conn, h.Name, fmt.Sprintf("checkpoint.dir: in %s it sees %s, and %s sees %s: it may join when it sees that, too; all workers must see one directory",
			d.dir(h), seen(h.HasCheckpoint, h.CheckpointStep, h.CheckpointDigest), b.From, seen(b.HasCheckpoint, b.Step, b.Digest)))
		return
	}
	if st := h.Standing; st.GetGeneration() > 0 && !st.Idle && st.RunId == d.s.plan.RunID {
		d.do(refuse{Conn: e.Conn, Name: h.Name, Later: true, Part: true,
			Reason: fmt.Sprintf("it still is in the ring of generation %d, and the others went on without it: it may join when it has left that", st.Generation)})
		return
	}
	if h.HasCheckpoint && !d.s.plan.Resume && !d.s.begun() {
		reason := fmt.Sprintf("checkpoint.dir: %s holds a checkpoint of step %d already; go on from it with --resume, or give another checkpoint.dir",
			d.dir(h), h.CheckpointStep)
		d.refuse(e.Conn, h.Name, reason)
		d.end(api.PhaseFailed, reason, 1)
		return
	}
	d.learnBasis(h)
	m := member{Name: h.Name, Incarnation: h.Incarnation, Conn: e.Conn, Host: h.Host, PID: h.Pid,
		RingUnix: h.RingUnix, RingTCP: h.RingTcp, Network: h.Network, Tier: h.Tier, Threads: h.Threads, State: memberJoined, Seen: d.now}
	if d.forgetLost(h.Name); ended(d.s.Phase) {
		return // and every stream is told so
	}
	at, _ := slices.BinarySearchFunc(d.s.Members, m, func(a, b member) int { return natural(a.Name, b.Name) })
	d.s.Members = slices.Insert(d.s.Members, at, m)
	d.do(admit{e.Conn, h.Name})
	d.note(levelInfo, "%s joined from %s", h.Name, h.Host)
	d.newcomer(&d.s.Members[at])
}

// learnBasis takes from the first worker what all others must bring, and from the one that sees the newest checkpoint what to go on from.
func (d *decision) learnBasis(h *api.Hello) {
	if b := d.s.Basis; b.From != "" && !(d.otherTime(h) && h.CheckpointStep > b.Step) {
		return
	}
	d.s.Basis = basis{From: h.Name, DataHash: h.DataHash, ValidHash: h.ValidHash, Parameters: h.Parameters, EpochSteps: h.EpochSteps, Tier: h.Tier,
		Dir: d.dir(h), DirID: h.CheckpointDirId, HasCheckpoint: h.HasCheckpoint, Step: h.CheckpointStep, Digest: h.CheckpointDigest,
		Rates: h.CheckpointRates}
}

func (s *state) waitingReason() string {
	if s.begun() {
		return fmt.Sprintf("%d of at least %s; training goes on when there are enough", len(s.candidates()), count(s.least(), "worker"))
	}
	return fmt.Sprintf("%d of %s joined", len(s.candidates()), count(s.Wanted, "worker"))
}

func (d *decision) refuse(conn uint64, name, reason string) {
	d.do(refuse{Conn: conn, Name: name, Reason: reason})
	d.note(levelWarn, "%s was refused: %s", name, reason)
	d.remember(name, reason)
}

// remember notes what a worker was told, for whoever asks what became of it.
func (d *decision) remember(name, reason string) {
	d.s.Refusals = append(d.s.Refusals, refusal{name, reason})
	if n := len(d.s.Refusals); n > maxRefusals {
		d.s.Refusals = d.s.Refusals[n-maxRefusals:]
	}
}

// otherRelease says why a worker's program does not fit this one; empty where it does. Releases of one line with the
// same protocol and arithmetic give the same bits together: a cluster is upgraded worker by worker.
func (d *decision) otherRelease(h *api.Hello) string {
	p := d.s.plan
	if h.Protocol == p.Protocol && h.Arithmetic == p.Rounds && api.Line(h.Version) == api.Line(p.Version) {
		return ""
	}
	return fmt.Sprintf("its version is %s (protocol %d, bits %d) and ours %s (protocol %d, bits %d): it may join when both are of one release line with the same numbers",
		h.Version, h.Protocol, h.Arithmetic, p.Version, p.Protocol, p.Rounds)
}

// wait has a worker come again, and says so once.
func (d *decision) wait(conn uint64, name, reason string) {
	d.do(refuse{Conn: conn, Name: name, Reason: reason, Later: true})
	if !slices.Contains(d.s.Refusals, refusal{name, reason}) {
		d.note(levelWarn, "%s waits: %s", name, reason)
		d.remember(name, reason)
	}
}

// objection says why a worker cannot be admitted; empty when it can.
func (d *decision) objection(h *api.Hello) string {
	s := &d.s
	if m := s.byName(h.Name); m != nil && m.live() {
		return fmt.Sprintf("a worker named %s is here already (host %s, process %d); give this one another --name", m.Name, m.Host, m.PID)
	}
	if s.plan.Workers > 1 && h.RingUnix == "" && h.RingTcp == "" {
		return "it gives no address for its neighbours in the ring; give --ring-listen HOST:PORT"
	}
	if reason := s.unreachable(h); reason != "" {
		return reason
	}
	if diff := d.differences(h); len(diff) > 0 {
		return strings.Join(diff, "; ")
	}
	return ""
}

// differences names all in which a worker differs from the run.
func (d *decision) differences(h *api.Hello) []string {
	p, b := d.s.plan, d.s.Basis
	var diff []string
	add := func(format string, args ...any) { diff = append(diff, fmt.Sprintf(format, args...)) }
	if reason := d.otherRelease(h); reason != "" {
		add("%s", reason)
	}
	if fields := runfile.Diff(h.Bits, p.Bits); len(fields) > 0 {
		add("the run files differ (its value and ours): %s", strings.Join(fields, ", "))
	}
	from := "the run's"
	if p.DataHash == "" && b.From != "" {
		from = b.From + "'s"
	}
	if want, known := firstOf(p.DataHash, b.DataHash, b.From); known && h.DataHash != want {
		add("data.train: its data has hash %s, %s %s", short(h.DataHash), from, short(want))
	}
	if want, known := firstOf(p.ValidHash, b.ValidHash, b.From); known && h.ValidHash != want {
		add("data.valid: its data has hash %s, %s %s", short(h.ValidHash), from, short(want))
	}
	if b.From == "" {
		return diff
	}
	if h.Parameters != b.Parameters {
		add("its model has %d parameters, %s's %d", h.Parameters, b.From, b.Parameters)
	}
	if api.Arithmetic(h.Tier) != api.Arithmetic(b.Tier) && !p.Mixed {
		add("tier: it computes on %s and %s on %s, which give other bits; set RONDO_TIER to one for all, or mixed_tiers: true in the run file",
			h.Tier, b.From, b.Tier)
	}
	if h.CheckpointDirId != b.DirID && h.CheckpointDirId != "" && b.DirID != "" {
		add("checkpoint.dir: its %s is another directory than %s's %s; all workers must see one directory, under whatever path", d.dir(h), b.From, b.Dir)
	} else if d.seesOther(h) && !d.otherTime(h) {
		add("checkpoint.dir: in %s it sees %s, %s sees %s; all workers must see one directory", d.dir(h),
			seen(h.HasCheckpoint, h.CheckpointStep, h.CheckpointDigest), b.From, seen(b.HasCheckpoint, b.Step, b.Digest))
	}
	return diff
}

// seesOther says that a run is to go on from a checkpoint, and that a worker sees another than those that are here.
func (d *decision) seesOther(h *api.Hello) bool {
	b := d.s.Basis
	return d.s.plan.Resume && !d.s.begun() && b.From != "" &&
		(h.HasCheckpoint != b.HasCheckpoint || h.CheckpointStep != b.Step || h.CheckpointDigest != b.Digest)
}

// otherTime says that a worker sees a checkpoint of another step in the very directory that the others looked into: what a
// ring that is gone had under way was committed in between. The newest counts.
func (d *decision) otherTime(h *api.Hello) bool {
	b := d.s.Basis
	return d.seesOther(h) && h.CheckpointDirId != "" && h.CheckpointDirId == b.DirID && h.CheckpointStep != b.Step
}

// firstOf is what the run was told, or else what its first worker brought.
func firstOf(told, brought, from string) (want string, known bool) {
	if told != "" {
		return told, true
	}
	return brought, from != ""
}

func seen(has bool, step uint64, digest string) string {
	if !has {
		return "no checkpoint"
	}
	return fmt.Sprintf("the one of step %d (digest %s)", step, short(digest))
}

func (d *decision) dir(h *api.Hello) string {
	if h.CheckpointDir != "" {
		return h.CheckpointDir
	}
	return d.s.plan.Dir
}

// count is "1 worker", "2 workers".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// short is enough of a hash to tell two apart.
func short(hash string) string {
	switch {
	case hash == "":
		return "none"
	case len(hash) > 12:
		return hash[:12]
	}
	return hash
}
