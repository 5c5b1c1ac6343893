package worker

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/worker/machine"
)

// MaxThreads bounds the goroutines that compute in one process.
const MaxThreads = 1024

// Config says what one worker process is given.
type Config struct {
	File         *runfile.File
	Name         string   // unique in the run: "worker-0"
	Coordinators []string // host:port of every coordinator; the leader is found among them
	Credentials  *identity.Credentials

	// SocketDir is a 0700 directory for the ring's unix socket, which peers on
	// the same host use. Empty: none.
	SocketDir string
	// RingListen is the host:port of the ring's TLS listener. Empty: none, and
	// only peers on the same host can be reached.
	RingListen string
	// RingAdvertise is what other hosts dial; empty: RingListen's address, with
	// the one that reaches the coordinator in the place of all of this host's.
	RingAdvertise string

	// GossipListen is the host:port of memberlist; empty for no gossip.
	// GossipAdvertise is what others dial, if another.
	GossipListen    string
	GossipAdvertise string

	// HealthListen is the host:port where /healthz, /readyz and /metrics are; empty: nowhere.
	HealthListen string

	// Threads is how many goroutines compute. More make a step shorter until
	// the cores run out; the bits are the same.
	Threads int
	// Passes is how many turns the worker takes over its lanes. More need less
	// memory for activations and cost some speed; the bits are the same.
	Passes int
	// Memory is what the process may use, in bytes, and MemoryOf the control group that says so (empty: the machine).
	// A worker that needs more for its first lanes is an error; for lanes that it is given later it takes more passes.
	// 0: not known.
	Memory   int64
	MemoryOf string
	// Resume continues from the newest checkpoint in File.Checkpoint.Dir.
	Resume bool

	// Again says that this process has taken part before, and has said what is not said twice.
	Again bool

	// Outlives says that the worker trains on when the coordinator is lost, and
	// waits for one that leads, at the beginning too.
	Outlives bool

	// InRing, unless it is nil, is called with the number of workers when the
	// worker has taken its place among them.
	InRing func(workers int)

	// Stuck, unless it is nil, is called when the step loop does not come back from a
	// step although the others have gone on without this worker. Nothing but the end of the process helps then.
	Stuck func()

	// Cuts, unless it is nil, has the worker close its connection to the next one in
	// the ring at each value: a trial of failures.
	Cuts <-chan struct{}

	Log *slog.Logger

	outside outside
}

// DefaultConfig returns a Config that lacks File, Coordinators and Credentials.
func DefaultConfig() Config {
	return Config{Threads: machine.Threads(), Passes: 1, Outlives: true, Log: slog.Default()}
}

// ErrNoCertificate says that nothing is missing but Credentials.
var ErrNoCertificate = errors.New("worker: no certificate; give --join and --token-file, or --tls-ca, --tls-cert and --tls-key")

// Validate says what is missing or impossible.
func (c Config) Validate() error {
	switch {
	case c.File == nil:
		return errors.New("worker: no run file")
	case c.Name == "":
		return errors.New("worker: no name; give --name")
	case len(c.Coordinators) == 0:
		return errors.New("worker: no coordinator to join; give --coordinator HOST:PORT")
	case c.SocketDir == "" && c.RingListen == "":
		return errors.New("worker: no way for peers to reach it; give --ring-listen HOST:PORT")
	case c.Threads < 1 || c.Threads > MaxThreads:
		return fmt.Errorf("worker: --threads %d; from 1 to %d", c.Threads, MaxThreads)
	}
	if err := CheckPasses(c.File, c.Passes); err != nil {
		return fmt.Errorf("worker: %w", err)
	}
	if c.Credentials == nil {
		return ErrNoCertificate
	}
	if err := c.Credentials.Permit(identity.MayWork(c.Name)); err != nil {
		return fmt.Errorf("worker: --tls-cert: %w", err)
	}
	return nil
}

// CheckPasses returns an error where a worker cannot take its lanes in so many turns.
func CheckPasses(f *runfile.File, passes int) error {
	switch {
	case passes < 1:
		return fmt.Errorf("--passes %d: at least 1", passes)
	case passes > 1 && f.SyncBatchNorm:
		return fmt.Errorf("--passes %d with sync_batchnorm: true: batch norms need all lanes at once; give --passes 1, "+
			"and more workers or a smaller batch.global where memory is short", passes)
	case passes > 1 && f.LanesMeet():
		return fmt.Errorf("--passes %d with batch.pipelines: %d: lanes need what others have of an activation, so all are computed at once; "+
			"give --passes 1, and more workers or a smaller batch.global where memory is short", passes, f.Batch.Pipelines)
	}
	return nil
}
