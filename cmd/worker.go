package cmd

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

func newWorker() *cobra.Command {
	var (
		run  runFlags
		tls  tlsFlags
		join joinFlags
		logs logFlags
		pool poolFlags

		bound bool // to its coordinator
		cuts  bool // of its connection, by SIGUSR1
	)
	cfg := worker.DefaultConfig()
	c := &cobra.Command{
		Use:   "worker RUN.yaml --name NAME --coordinator HOST:PORT …",
		Short: "Run one worker of a cluster (`rondo train` starts its own)",
		Long: `Joins the coordinator that leads and trains the lanes it is given until the run ends. Every worker of a
run is given the same run file; the coordinator refuses one that would compute other bits. A worker waits for a coordinator, follows
the one that leads, and trains on while there is none. One name in --coordinator may stand for several addresses.

With --join and --token-file it needs no certificate: it gets one from the coordinator, whom the token lets it recognize, and
renews it while it lives. --name and --ring-listen may then be left out.

SIGTERM, Ctrl-C or SIGHUP (not under nohup) means that this worker leaves after the next step; the others take over its
lanes and go on to the same result. The last one saves, and the run stops.`,
		Args: args(1, 1, "one run file"),
		RunE: func(c *cobra.Command, a []string) error {
			var err error
			if cfg.File, err = run.load(a[0]); err != nil {
				return err
			}
			if err := wantPath("--socket-dir", cfg.SocketDir); err != nil {
				return err
			}
			if err := pool.validate(c); err != nil {
				return err
			}
			if err := join.check(&tls); err != nil {
				return wrongUsage(c, err)
			}
			if cfg.Log, err = logs.logger(c.ErrOrStderr()); err != nil {
				return err
			}
			if join.given() {
				forJoining(&cfg, &join)
			}
			if cfg.Log = cfg.Log.With("run", cfg.File.Name, "worker", cfg.Name); join.given() {
				warnOfReaders(cfg.Log, "token-file", join.file)
			} else if cfg.Credentials, err = tls.load(); err != nil {
				return err
			}
			warnOfReaders(cfg.Log, "tls-key", tls.key)
			cfg.Resume, cfg.Outlives = run.resume, !bound
			if err := cfg.Validate(); err != nil && !errors.Is(err, worker.ErrNoCertificate) {
				return &usageError{err}
			}
			ctx, cancel := onSignal(c.Context(), voice{c.ErrOrStderr(), logs.json}, func() {})
			defer cancel()
			if join.given() {
				member := join.member(cfg.Name, cfg.Log)
				if cfg.Credentials, err = member.Join(ctx); err != nil {
					asked := ctx.Err() != nil
					if asked && pool.given {
						return pool.left()
					}
					return joinError(asked, err)
				}
				if cfg.Credentials.Permit(identity.MayWork(cfg.Name)) != nil {
					return &usageError{fmt.Errorf("--token-file: the token is an operator's, and makes nobody a worker; %s token create makes one that does", program.Name())}
				}
				keeping, stop := context.WithCancel(c.Context()) // while it leaves, too
				defer stop()
				go member.Keep(keeping)
			}
			if join.given() && cfg.Credentials.Permit(identity.MayWork(cfg.Name)) != nil {
				return &usageError{fmt.Errorf("--token-file: the token is an operator's, and lets nobody be a worker; %s token create makes one that does", program.Name())}
			}
			if err := cfg.Validate(); err != nil {
				return &usageError{err}
			}
			if !bound { // whoever started those of one machine has planned for all of them
				limits := machine.Here()
				cfg.Memory, cfg.MemoryOf = limits.Memory, limits.MemoryOf
				if scant := limits.Scant(cfg.Threads); scant != "" {
					cfg.Log.Warn(scant)
				}
			}
			computeOn(cfg.Threads, 1)
			cfg.InRing = func(workers int) { computeOn(cfg.Threads, workers) }
			cfg.Stuck = func() { os.Exit(1) }
			if cuts {
				cfg.Cuts = onCutSignal()
			}
			outputAside(c)
			return pool.run(ctx, cfg, part{worker.Run, worker.Rest}, func() { fmt.Fprintln(c.OutOrStdout(), cfg.Name+": done") })
		},
	}
	run.add(c)
	tls.add(c)
	join.add(c)
	logs.add(c)
	pool.add(c)
	f := c.Flags()
	f.StringVar(&cfg.Name, "name", "", "name of this worker, unique in the run; lanes go to workers in the order of names")
	addressesVar(f, &cfg.Coordinators, "coordinator", "`HOST:PORT` of a coordinator")
	f.StringVar(&cfg.SocketDir, "socket-dir", "", "0700 `DIR` for unix sockets to workers on this host")
	f.StringVar(&cfg.RingListen, "ring-listen", "", "`HOST:PORT` where workers on other hosts reach this one")
	f.StringVar(&cfg.RingAdvertise, "ring-advertise", "", "`HOST:PORT` that they are told, if another; else of --ring-listen, with the address that reaches the coordinator for all of them")
	f.StringVar(&cfg.GossipListen, "gossip-listen", "", "`HOST:PORT` of the gossip; empty: none")
	f.StringVar(&cfg.GossipAdvertise, "gossip-advertise", "", "`HOST:PORT` of the gossip that others dial, if another")
	f.StringVar(&cfg.HealthListen, "health-addr", "", "`HOST:PORT` of /healthz (restart it?), /readyz (in the ring?) and /metrics; empty: none")
	f.IntVar(&cfg.Threads, "threads", cfg.Threads, "goroutines that compute")
	f.BoolVar(&bound, "bound", false, "end with the coordinator")
	_ = f.MarkHidden("bound")
	f.BoolVar(&cuts, "cuts", false, "close the connection to the next worker at SIGUSR1, for `rondo chaos`")
	_ = f.MarkHidden("cuts")
	f.IntVar(&cfg.Passes, "passes", 1, "turns in which the lanes are taken; more need less memory")
	return c
}

// forJoining fills in what a worker that joins by token need not be told.
func forJoining(cfg *worker.Config, join *joinFlags) {
	cfg.Coordinators = append(slices.Clone(join.addresses), cfg.Coordinators...)
	if cfg.Name == "" {
		cfg.Name = ownName()
	}
	if cfg.RingListen == "" && cfg.SocketDir == "" {
		cfg.RingListen = ":0"
	}
}

// joinError is how a worker ends that did not come to have a certificate.
func joinError(asked bool, err error) error {
	if asked {
		return &exitError{exitStopped, errors.New("this worker leaves, as it was asked to; it had joined no coordinator")}
	}
	return &exitError{exitUsage, err}
}

// computeOn gives a worker in a ring of several a processor more than it computes on, also where it computes on all: a
// kernel in assembly gives way to no other goroutine, and a ring that waits for one hides nothing behind backward. The
// system shares out the cores. A worker alone, whom one more only disturbs, gets it where it computes on fewer.
func computeOn(threads, workers int) {
	if workers > 1 || threads < runtime.GOMAXPROCS(0) {
		runtime.GOMAXPROCS(threads + 1)
	}
}
