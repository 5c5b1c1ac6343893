package coordinator

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/hook"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/coordinator/web"
)

// Config says what one coordinator is given. The zero value of a field that
// has no default in DefaultConfig means what its comment says.
type Config struct {
	// Run is the run file, and Resume whether to go on from the newest
	// checkpoint in its checkpoint.dir rather than to start.
	Run    *runfile.File
	Resume bool
	// Workers is how many to wait for before the first step, at most
	// batch.lanes. Least is without how many the run waits later on (0: 1), and Most
	// how many can be asked for (0: batch.lanes).
	Workers, Least, Most int
	// Goal decides how many workers the run says that it should have.
	Goal Goal
	// Version is the program's; workers of another are refused.
	Version string
	// Name is this coordinator's among the members of the gossip.
	Name string
	// DataHash and ValidHash identify the data sets; workers with others are
	// refused. Empty: the first worker's count.
	DataHash, ValidHash string
	// Again is the command that goes on with the run, for messages.
	Again string
	// SeesExits says that WorkerExited will be called for every worker. A lost
	// worker's exit status is then waited for, up to half a second.
	SeesExits bool

	// Pool says that somebody keeps the number of workers up, as Kubernetes does: the last one that is
	// asked to leave stays until another has its weights, in the place of ending the run.
	Pool bool

	// Listen is the host:port of the gRPC service; port 0 takes a free one.
	Listen string
	// Advertise is the host:port that others dial; empty: Listen's, with an
	// address of this machine for a host that means all of them.
	Advertise string
	// StatusListen is the host:port of the status page; empty: none.
	StatusListen string
	// StatusHosts are names by which a proxy on this machine asks for the page.
	StatusHosts []string
	// HeldOut draws samples of the held-out set for the page; nil: it shows none.
	HeldOut web.Pictures
	// Points answers the status page's questions about points of the run's checkpoints; nil: nobody does.
	Points http.Handler
	// Look answers the page's requests below /api/look/ about the run; nil: nobody does.
	Look func(http.ResponseWriter, *http.Request, api.Run)
	// TensorBoard is the directory of an event file of what this coordinator sees; empty: none.
	TensorBoard string
	// OnAlarm is an address or a command that is told of alarms as JSON; empty: nobody is.
	OnAlarm string
	// Credentials are for every TCP connection of workers and coordinators.
	Credentials *identity.Credentials
	// Tokens, where Credentials is nil, has the coordinator take a certificate by the record's authority, and others
	// join by token.
	Tokens *TokenConfig

	// Etcd holds the record, where several coordinators share it.
	Etcd EtcdConfig
	// EmbedEtcd is the directory of an etcd that this process runs for the record, where
	// Etcd has no endpoints. One coordinator at a time can use it. Empty: none.
	EmbedEtcd string
	// RecordDir is the directory of the record when there is no etcd. One
	// coordinator at a time can use it.
	RecordDir string
	// Store is the record itself, for tests; it is closed with the coordinator.
	Store Store

	// Gossip is the host:port of memberlist; empty: none. GossipAdvertise is
	// what others dial, if another. GossipSeeds are other coordinators' to join.
	Gossip          string
	GossipAdvertise string
	GossipSeeds     []string

	// Serve, unless it is nil, hands the service to workers in the place of gRPC at
	// Listen, until stop is called. It is for simulations; Advertise is needed then.
	Serve func(api.CoordinatorServer) (stop func())

	Log   *slog.Logger
	Clock Clock
}

// DefaultConfig returns a Config for one machine that lacks Run, Workers,
// Credentials and RecordDir.
func DefaultConfig() Config {
	return Config{
		Version: api.Version(),
		Name:    "coordinator-0",
		Again:   program.Name() + " train --resume",
		Listen:  "127.0.0.1:0",
		Log:     slog.Default(),
		Clock:   SystemClock{},
	}
}

// Validate says what is missing or impossible.
func (c *Config) Validate() error {
	switch {
	case c.Run == nil:
		return errors.New("coordinator: no run file")
	case c.Workers < 1:
		return fmt.Errorf("coordinator: --workers %d: at least 1", c.Workers)
	case c.Workers > c.Run.Batch.Lanes:
		return fmt.Errorf("coordinator: --workers %d, but batch.lanes is %d and a lane is never split: start at most %d workers, or raise batch.lanes",
			c.Workers, c.Run.Batch.Lanes, c.Run.Batch.Lanes)
	case c.Least > c.Workers || c.Most != 0 && c.Most < c.Workers:
		return fmt.Errorf("coordinator: --workers: begins with %d, goes on with %d to %d: want the first between the others", c.Workers, c.Least, c.Most)
	case c.Run.Steps < 1:
		return fmt.Errorf("coordinator: steps: %d: at least 1", c.Run.Steps)
	case c.Credentials == nil && c.Tokens == nil:
		return errors.New("coordinator: no certificate and no tokens; give --tls-ca, --tls-cert and --tls-key")
	case c.Credentials != nil && c.Tokens != nil:
		return errors.New("coordinator: own certificates and tokens exclude each other")
	case c.Tokens != nil && c.Serve != nil:
		return errors.New("coordinator: tokens need a port")
	case c.Goal.Budget < 0 || math.IsNaN(c.Goal.Budget):
		return fmt.Errorf("coordinator: --budget %v: want worker-hours above 0, or 0 for no bound", c.Goal.Budget)
	case c.Listen == "":
		return errors.New("coordinator: no address; give --listen HOST:PORT")
	case c.Store == nil && len(c.Etcd.Endpoints) == 0 && c.EmbedEtcd == "" && c.RecordDir == "":
		return errors.New("coordinator: no record; give --etcd HOST:PORT, or a directory for one on this machine")
	case len(c.Etcd.Endpoints) > 0 && c.EmbedEtcd != "":
		return errors.New("coordinator: --etcd and --embed-etcd: give one, the etcd that is there or the one to run")
	case c.OnAlarm != "" && hook.Check(c.OnAlarm) != nil:
		return fmt.Errorf("coordinator: --on-alarm: %w", hook.Check(c.OnAlarm))
	case slices.ContainsFunc(c.StatusHosts, noHostName):
		return fmt.Errorf("coordinator: --status-host %q: want names without port, as rondo.example.org", c.StatusHosts)
	case c.Log == nil || c.Clock == nil:
		return errors.New("coordinator: Log and Clock are needed; begin with DefaultConfig")
	}
	if err := c.Etcd.Validate(); err != nil {
		return fmt.Errorf("coordinator: %w", err)
	}
	if c.Tokens != nil {
		if err := c.Tokens.Validate(); err != nil {
			return fmt.Errorf("coordinator: %w", err)
		}
		return nil
	}
	if err := c.Credentials.Permit(identity.MayCoordinate); err != nil {
		return fmt.Errorf("coordinator: --tls-cert: %w", err)
	}
	return nil
}

func noHostName(s string) bool { return s == "" || strings.ContainsAny(s, ":/@[] \t\n*") }
