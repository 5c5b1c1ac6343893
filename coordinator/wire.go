package coordinator

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/inspect"
	"github.com/rondo-ml/rondo/coordinator/layers"
)

// Limits on what a message may hold. They are far above what a worker sends,
// and keep a broken or hostile one from filling memory.
const (
	maxMessage = 8 << 20 // bytes; gRPC refuses a larger one unread
	maxName    = 128
	maxBits    = 1024
	maxFiles   = 1 << 16
)

// checkMessage says what is wrong with a worker's message. It looks at one
// message alone; whether it fits the state of the run is decide's to judge.
func checkMessage(m *api.FromWorker, steps uint64) error {
	switch m := m.GetMessage().(type) {
	case *api.FromWorker_Hello:
		return checkHello(m.Hello)
	case *api.FromWorker_Step:
		return checkStep(m.Step, steps)
	case *api.FromWorker_Evaluated:
		return cmp.Or(checkCount("evaluated", m.Evaluated.GetStep(), steps), api.CheckSizes("evaluated", m.Evaluated.GetTargets(), m.Evaluated.GetTotalNs()),
			checkFigures(m.Evaluated.GetFigures()), checkOutcome(m.Evaluated))
	case *api.FromWorker_Saved:
		return cmp.Or(checkCount("saved", m.Saved.GetStep(), steps), api.CheckText("saved.error", m.Saved.GetError()), checkFiles(m.Saved.GetFiles()))
	case *api.FromWorker_Verified:
		return cmp.Or(checkCount("verified", m.Verified.GetStep(), steps), api.CheckText("verified.error", m.Verified.GetError()))
	case *api.FromWorker_Committed:
		c := m.Committed
		return cmp.Or(checkCount("committed", c.GetStep(), steps), api.CheckText("committed.error", c.GetError()),
			api.CheckText("committed.path", c.GetPath()), api.CheckText("committed.digest", c.GetDigest()))
	case *api.FromWorker_Finished:
		return checkCount("finished", m.Finished.GetStep(), steps)
	case *api.FromWorker_Failed:
		return cmp.Or(api.CheckText("failed.error", m.Failed.GetError()), api.CheckText("failed.peer", m.Failed.GetPeer()), api.CheckText("failed.where", m.Failed.GetWhere()))
	case *api.FromWorker_Parted:
		return checkCount("parted", m.Parted.GetStep(), steps)
	case *api.FromWorker_Heartbeat:
		return checkBeat(m.Heartbeat)
	case *api.FromWorker_Inspected:
		if n := len(m.Inspected.GetData()); n > inspect.MaxBytes {
			return fmt.Errorf("inspected.data: %d bytes, at most %d", n, inspect.MaxBytes)
		}
		return api.CheckText("inspected.error", m.Inspected.GetError())
	case *api.FromWorker_Recalled:
		if n := len(m.Recalled.GetData()); n > maxPiece {
			return fmt.Errorf("recalled.data: %d bytes, at most %d", n, maxPiece)
		}
		return api.CheckText("recalled.error", m.Recalled.GetError())
	case *api.FromWorker_Network:
		return layers.CheckNetwork(m.Network)
	case *api.FromWorker_Health:
		return cmp.Or(layers.CheckHealth(m.Health), checkCount("health", m.Health.GetStep(), steps))
	case *api.FromWorker_Waterfall:
		return checkWaterfall(m.Waterfall, steps)
	case *api.FromWorker_Ready, *api.FromWorker_Leave:
		return nil
	default:
		return fmt.Errorf("a message without content, or of a kind that protocol %d does not have", api.Protocol)
	}
}

// checkOutcome says what is wrong with what an evaluation shows.
func checkOutcome(e *api.Evaluated) error {
	if len(e.GetOutcome()) == 0 {
		return nil
	}
	o, err := api.DecodeOutcome(e.GetOutcome())
	if err == nil && o.Step != e.GetStep() {
		err = fmt.Errorf("outcome: it is of step %d, and the evaluation of step %d", o.Step, e.GetStep())
	}
	if err != nil {
		return fmt.Errorf("evaluated: %w", err)
	}
	return nil
}

func checkHello(h *api.Hello) error {
	if err := checkName(h.GetName()); err != nil {
		return err
	}
	if h.GetIncarnation() == "" {
		return fmt.Errorf("hello.incarnation: empty")
	}
	if len(h.GetBits()) > maxBits {
		return fmt.Errorf("hello.bits: %d fields, at most %d", len(h.GetBits()), maxBits)
	}
	if n := len(h.GetCheckpointRates()); n > maxFiles {
		return fmt.Errorf("hello.checkpoint_rates: %d of them, at most %d", n, maxFiles)
	}
	for _, r := range h.GetCheckpointRates() {
		if !(r.GetLr() >= 0) || math.IsInf(r.GetLr(), 0) {
			return fmt.Errorf("hello.checkpoint_rates: %v from step %d on: want a finite number, 0 or more", r.GetLr(), r.GetStep())
		}
	}
	for _, field := range [...][2]string{
		{"incarnation", h.GetIncarnation()}, {"version", h.GetVersion()}, {"host", h.GetHost()},
		{"data_hash", h.GetDataHash()}, {"valid_hash", h.GetValidHash()}, {"ring_unix", h.GetRingUnix()},
		{"ring_tcp", h.GetRingTcp()}, {"checkpoint_digest", h.GetCheckpointDigest()},
		{"checkpoint_dir", h.GetCheckpointDir()}, {"checkpoint_dir_id", h.GetCheckpointDirId()}, {"tier", h.GetTier()}, {"gossip_addr", h.GetGossipAddr()},
		{"network", h.GetNetwork()},
	} {
		if err := api.CheckText("hello."+field[0], field[1]); err != nil {
			return err
		}
	}
	if x := h.GetEpochSteps(); !(x >= 0) || math.IsInf(x, 0) {
		return fmt.Errorf("hello.epoch_steps: %v: want a finite number, 0 or more", x)
	}
	st := h.GetStanding()
	return cmp.Or(api.CheckText("hello.standing.run_id", st.GetRunId()), api.CheckText("hello.standing.committed_digest", st.GetCommittedDigest()))
}

// checkName admits names that stay whole in logs, labels and file names.
func checkName(name string) error {
	ok := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r)
	}
	if name == "" || len(name) > maxName || strings.IndexFunc(name, func(r rune) bool { return !ok(r) }) >= 0 {
		return fmt.Errorf("hello.name: %.40q: want 1 to %d letters, digits, '.', '_' or '-'", name, maxName)
	}
	return nil
}

func checkStep(r *api.StepReport, steps uint64) error {
	if r.GetStep() >= steps {
		return fmt.Errorf("step.step: %d, but the run has %d steps", r.GetStep(), steps)
	}
	for _, x := range []float64{r.GetLoss(), r.GetGradientNorm(), r.GetLr(), r.GetDecision().GetLr()} {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Errorf("step: step %d: loss %v, gradient norm %v, lr %v: a number is not finite", r.GetStep(), r.GetLoss(), r.GetGradientNorm(), r.GetLr())
		}
	}
	if err := checkSpeed("step.operations", r.GetOperations()); err != nil {
		return err
	}
	return api.CheckSizes("step", r.GetTargets(), r.GetTotalNs(), r.GetComputeNs(), r.GetRingNs(), r.GetWaitNs(), r.GetRingBytes(), r.GetDataNs(), r.GetHeapBytes())
}

func checkCount(message string, step, steps uint64) error {
	if step > steps {
		return fmt.Errorf("%s.step: %d, but the run has %d steps", message, step, steps)
	}
	return nil
}

// maxSpeed is more than any machine can do in a second, and more than any step is.
const maxSpeed = 1e30

func checkSpeed(field string, x float64) error {
	if !(x >= 0 && x <= maxSpeed) {
		return fmt.Errorf("%s: %v: want a number from 0 to %g", field, x, maxSpeed)
	}
	return nil
}

func checkFiles(files []*api.FileInfo) error {
	if len(files) > maxFiles {
		return fmt.Errorf("saved.files: %d files, at most %d", len(files), maxFiles)
	}
	for _, f := range files {
		if f.GetName() == "" || len(f.GetName()) > api.MaxText || f.GetSize() < 0 {
			return fmt.Errorf("saved.files: a file named %.40q of %d bytes", f.GetName(), f.GetSize())
		}
	}
	return nil
}

// eventOf is the event that a checked message from a stream stands for.
func eventOf(conn uint64, m *api.FromWorker) event {
	switch m := m.GetMessage().(type) {
	case *api.FromWorker_Hello:
		return workerJoined{Conn: conn, Hello: m.Hello}
	case *api.FromWorker_Ready:
		return workerReady{conn, m.Ready.GetGeneration()}
	case *api.FromWorker_Step:
		return stepReported{conn, m.Step}
	case *api.FromWorker_Evaluated:
		return evaluated{conn, m.Evaluated}
	case *api.FromWorker_Saved:
		return saved{conn, m.Saved}
	case *api.FromWorker_Verified:
		return verified{conn, m.Verified.GetStep(), m.Verified.GetError()}
	case *api.FromWorker_Committed:
		return committed{conn, m.Committed}
	case *api.FromWorker_Finished:
		return finished{conn, m.Finished.GetStep(), m.Finished.GetStopped()}
	case *api.FromWorker_Failed:
		return workerFailed{conn, m.Failed}
	case *api.FromWorker_Parted:
		return parted{conn, m.Parted.GetGeneration(), m.Parted.GetStep()}
	case *api.FromWorker_Leave:
		return workerLeaves{conn}
	case *api.FromWorker_Heartbeat:
		return heartbeat{conn, m.Heartbeat}
	default:
		return heartbeat{Conn: conn}
	}
}

// maxAwaits is the most collectives of which a heartbeat tells.
const maxAwaits = 64

func checkBeat(h *api.Heartbeat) error {
	if n := len(h.GetAwaits()); n > maxAwaits {
		return fmt.Errorf("heartbeat.awaits: %d of them, at most %d", n, maxAwaits)
	}
	for _, a := range h.GetAwaits() {
		if err := cmp.Or(api.CheckText("heartbeat.awaits.what", a.GetWhat()), api.CheckText("heartbeat.awaits.lacks", a.GetLacks()),
			api.CheckSizes("heartbeat", a.GetSinceNs())); err != nil {
			return err
		}
	}
	if err := checkSpeed("heartbeat.ceiling", h.GetCeiling()); err != nil {
		return err
	}
	return api.CheckSizes("heartbeat", h.GetDoingNs(), h.GetSent(), h.GetReceived(), h.GetThrottledNs(),
		h.GetResident(), h.GetMemoryLimit(), h.GetLink().GetRttNs(), h.GetLink().GetRttDeviationNs(), h.GetLink().GetRetransmits())
}

// maxFigures is the most measures that an evaluation has.
const maxFigures = 64

func checkFigures(list []*api.Figure) error {
	if len(list) > maxFigures {
		return fmt.Errorf("evaluated.figures: %d of them, at most %d are allowed", len(list), maxFigures)
	}
	for _, f := range list {
		if err := cmp.Or(api.CheckText("evaluated.figures.name", f.GetName()), api.CheckText("evaluated.figures.unit", f.GetUnit())); err != nil {
			return err
		}
	}
	return nil
}
