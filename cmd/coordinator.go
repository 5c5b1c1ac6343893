package cmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/inside"
	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator"
	"github.com/rondo-ml/rondo/coordinator/api"
)

func newCoordinator() *cobra.Command {
	var (
		run   runFlags
		certs tlsFlags
		logs  logFlags
		etcd  etcdFlags
	)
	var (
		workers workersFlag
		goal    goalFlags
	)
	tokens := coordinator.TokenConfig{Life: 24 * time.Hour}
	cfg := coordinator.DefaultConfig()
	c := &cobra.Command{
		Use:   "coordinator RUN.yaml --workers N --listen HOST:PORT …",
		Short: "Run a coordinator of a cluster (`rondo train` starts its own)",
		Long: `Waits for N workers, gives them their lanes, decides checkpoints and the end of the run, and serves
the status page. Several may run over one etcd; one leads. Without --etcd the record is a file on this machine,
and this is the only coordinator.

Without --tls-ca, --tls-cert and --tls-key it makes an authority, which the record keeps for all coordinators, and workers join by
token: one that ` + "`rondo token create`" + ` makes over the same record, or one of --token-file, which may be any ID.SECRET that
you have made up at random, as of: echo "first.$(openssl rand -hex 16)". Workers are given the same file, and nothing else.

SIGTERM, Ctrl-C or SIGHUP (not under nohup) asks the run to save and stop. With --etcd it does not: this coordinator leaves at
once, another one leads the run, and until one does the workers go on by themselves. So it is with --embed-etcd, where the next
one is this one started again. ` + "`rondo stop`" + ` stops the run.`,
		Args: args(1, 1, "one run file"),
		RunE: func(c *cobra.Command, a []string) error {
			var err error
			if cfg.Run, err = run.load(a[0]); err != nil {
				return err
			}
			if err := wantPath("--record-dir", cfg.RecordDir); err != nil {
				return err
			}
			if err := wantPath("--embed-etcd", cfg.EmbedEtcd); err != nil {
				return err
			}
			if err := wantPath("--tensorboard", cfg.TensorBoard); err != nil {
				return err
			}
			if cfg.Log, err = logs.logger(c.ErrOrStderr()); err != nil {
				return err
			}
			if certs.none() {
				cfg.Tokens = &tokens
				warnOfTokenReaders(cfg.Log, &tokens)
			} else if tokens.File != "" || tokens.OperatorFile != "" || c.Flags().Changed("cert-ttl") {
				return wrongUsage(c, errors.New("--token-file, --operator-token-file and --cert-ttl do not go with --tls-ca, --tls-cert and --tls-key: "+
					"with certificates of your own the key that issues them is not here, so nobody joins by token"))
			} else if cfg.Credentials, err = certs.load(); err != nil {
				return err
			} else {
				warnOfReaders(cfg.Log, "tls-key", certs.key)
			}
			if cfg.Etcd, err = etcd.config(cfg.Credentials, cfg.Log); err != nil {
				return &usageError{err}
			}
			if err := workers.check(cfg.Run.Batch.Lanes); err != nil {
				return &usageError{err}
			}
			cfg.Workers, cfg.Least, cfg.Most = workers.begin(), workers.least, workers.limit(cfg.Run.Batch.Lanes)
			if err := goal.parse(&cfg.Goal); err != nil {
				return &usageError{err}
			}
			cfg.Resume, cfg.Version = run.resume, api.Version()
			cfg.HeldOut = heldOut(cfg.Run)
			cfg.Again = fmt.Sprintf("%[1]s coordinator and %[1]s worker, all with --resume", program.Name())
			if err := cfg.Validate(); err != nil {
				return &usageError{err}
			}
			outputAside(c)
			return coordinate(c, cfg, voice{c.ErrOrStderr(), logs.json})
		},
	}
	run.add(c)
	goal.add(c)
	certs.add(c)
	logs.add(c)
	etcd.add(c)
	f := c.Flags()
	workers = oneWorker()
	f.VarP(&workers, "workers", "n", "workers to wait for, at most batch.lanes; 2..6 begins with 2, takes more, and waits while there are fewer than 2")
	f.StringVar(&cfg.Listen, "listen", ":8781", "`HOST:PORT` where workers join")
	f.StringVar(&cfg.Advertise, "advertise", "", "`HOST:PORT` that others dial, if another; else of --listen, with this host's address for all of them")
	f.StringVar(&cfg.StatusListen, "status-addr", defaultStatusAddr, "`HOST:PORT` of the status page; empty: none")
	f.StringArrayVar(&cfg.StatusHosts, "status-host", nil, "`NAME` by which a proxy on this machine asks for the status page (may be given several times)")
	addOnAlarm(f, &cfg.OnAlarm)
	addTensorBoard(f, &cfg.TensorBoard)
	f.DurationVar(&etcd.wait, "etcd-wait", 0, "how long to go on trying at the start while etcd cannot be reached, or another process has the directory of --embed-etcd, as `5m`")
	f.StringVar(&cfg.EmbedEtcd, "embed-etcd", "", "run an etcd in this process with its data in `DIR`, for one coordinator: asked to leave, it leaves the run going")
	_ = c.MarkFlagDirname("embed-etcd")
	f.StringVar(&cfg.RecordDir, "record-dir", "record", "`DIR` of the record that is kept without --etcd")
	f.BoolVar(&cfg.Pool, "stay", false, "for a pool that something keeps up: the last worker that is asked to leave stays until another has its weights, and when the run has ended this coordinator shows it until SIGTERM")
	f.StringVar(&tokens.File, "token-file", "", "`FILE` of tokens by which workers join, one a line, beside those of the record; one that leaves the file is revoked")
	f.StringVar(&tokens.OperatorFile, "operator-token-file", "", "`FILE` of tokens by which operators come, likewise")
	f.DurationVar(&tokens.Life, "cert-ttl", tokens.Life, "how long a certificate by token is valid; processes renew theirs after two thirds of that")
	f.StringVar(&cfg.Name, "name", cfg.Name, "name of this coordinator, unique in the gossip")
	f.StringVar(&cfg.Gossip, "gossip-listen", "", "`HOST:PORT` of the gossip; empty: none")
	f.StringVar(&cfg.GossipAdvertise, "gossip-advertise", "", "`HOST:PORT` of the gossip that others dial, if another")
	addressesVar(f, &cfg.GossipSeeds, "gossip-seed", "`HOST:PORT` of another coordinator's gossip")
	return c
}

// coordinate runs a coordinator until the run has ended; that of a pool, until a signal after that. The first signal has
// it leave, or asks the run to stop where it is the only one.
func coordinate(c *cobra.Command, cfg coordinator.Config, v voice) error {
	ctx, cancel := onSignal(c.Context(), v, func() {})
	defer cancel()
	cfg.Points = livePoints(ctx, cfg.Run)
	cfg.Look = inside.New(inside.Options{Threads: lookThreads, Weights: lookWeights}).Serve
	coord, err := coordinator.Start(c.Context(), cfg)
	if err != nil {
		return err
	}
	defer coord.Close()
	fmt.Fprintf(c.OutOrStdout(), "workers join  %s\n", coord.Advertised())
	if addr := coord.StatusAddr(); addr != "" {
		fmt.Fprintf(c.OutOrStdout(), "status page  http://%s\n", addr)
	}
	asked := ctx.Done()
	for {
		select {
		case <-asked:
			asked = nil
			if coord.Leave("the coordinator was asked to leave") {
				return &exitError{exitStopped, errors.New("this coordinator leaves, as it was asked to; the run goes on without it")}
			}
		case r := <-coord.Done():
			defer linger(ctx, coord)
			if r.ExitCode == 0 {
				fmt.Fprintf(c.OutOrStdout(), "finished %d steps\ndigest  %s\n", r.Step, r.Digest)
			} else if !cfg.Pool {
				return &exitError{r.ExitCode, errors.New(r.Reason)}
			}
			if cfg.Pool {
				v.say(slog.LevelInfo, "the run has ended ("+r.Reason+"); this coordinator shows it until it is asked to leave")
				<-ctx.Done()
			}
			return nil
		}
	}
}

// linger leaves the end of the run on the status page until those who watch it
// have been given it. A signal that asked the run to stop does not cut it short;
// one that comes after the end does.
func linger(ctx context.Context, coord *coordinator.Coordinator) {
	if ctx.Err() != nil {
		ctx = context.WithoutCancel(ctx)
	}
	coord.Linger(ctx)
}
