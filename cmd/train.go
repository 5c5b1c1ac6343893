package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/coordinator"
	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/coordinator/identity"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/data/shard"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// trainOptions are the flags of `rondo train`.
type trainOptions struct {
	run         runFlags
	logs        logFlags
	workers     int
	threads     int
	passes      int
	status      string
	statusGiven bool
	printConfig bool
	ring        string
}

// defaultStatusAddr is where the status page is tried first; when it is taken
// by another run, any free port will do.
const defaultStatusAddr = "127.0.0.1:8780"

func newTrain() *cobra.Command {
	var o trainOptions
	c := &cobra.Command{
		Use:   "train RUN.yaml [--workers N]",
		Short: "Train on this machine: a coordinator and N worker processes",
		Long: `Runs a coordinator with an embedded record and N worker processes on this machine, and shows how
they get on. The result is the same for any N up to batch.lanes.

Ctrl-C once saves and leaves at the end of the step (exit status 130); twice leaves at once.`,
		Example: `  rondo train run.yaml --workers 4
  rondo train run.yaml --resume --workers 3 --set checkpoint.every=100`,
		Args: args(1, 1, "one run file"),
		RunE: func(c *cobra.Command, a []string) error {
			f, err := o.run.load(a[0])
			if err != nil {
				return err
			}
			if o.printConfig {
				_, err := fmt.Fprint(c.OutOrStdout(), f.YAML())
				return err
			}
			o.statusGiven = c.Flags().Changed("status-addr")
			if err := o.validate(f); err != nil {
				return &usageError{err}
			}
			log, err := o.logs.logger(c.ErrOrStderr())
			if err != nil {
				return err
			}
			t := &training{file: f, path: a[0], options: o, out: c.OutOrStdout(), errout: c.ErrOrStderr(), log: log}
			return t.run(c.Context())
		},
	}
	o.run.add(c)
	o.logs.add(c)
	c.Flag("log-level").DefValue = "warn"
	o.logs.level = "warn"
	f := c.Flags()
	f.IntVarP(&o.workers, "workers", "n", 1, "worker processes, at most batch.lanes")
	f.IntVar(&o.threads, "threads", 0, "goroutines that compute in each worker; 0: the cores shared out evenly")
	f.IntVar(&o.passes, "passes", 1, "turns in which a worker takes its lanes; more need less memory")
	f.StringVar(&o.status, "status-addr", defaultStatusAddr, "`HOST:PORT` of the status page")
	f.BoolVar(&o.printConfig, "print-config", false, "print the run file with every default filled in, and leave")
	f.StringVar(&o.ring, "ring", "unix", "how the workers reach each other: unix (sockets) or tcp (TLS over loopback)")
	return c
}

func (o *trainOptions) validate(f *runfile.File) error {
	switch {
	case o.workers < 1:
		return fmt.Errorf("--workers %d: at least 1", o.workers)
	case o.workers > f.Batch.Lanes:
		return fmt.Errorf("--workers %d: more than the %d lanes of the run file (batch.lanes); each worker needs one", o.workers, f.Batch.Lanes)
	case o.threads < 0:
		return fmt.Errorf("--threads %d: at least 1, or 0 to share out the cores", o.threads)
	case o.passes < 1:
		return fmt.Errorf("--passes %d: at least 1", o.passes)
	case o.ring != "unix" && o.ring != "tcp":
		return fmt.Errorf("--ring %q: unix and tcp are allowed", o.ring)
	}
	if o.threads == 0 {
		o.threads = max(1, runtime.GOMAXPROCS(0)/o.workers)
	}
	return nil
}

// training is one `rondo train`.
type training struct {
	file                *runfile.File
	path                string
	options             trainOptions
	out                 io.Writer
	errout              io.Writer
	log                 *slog.Logger
	dir                 string // of this process: certificates, sockets; gone at the end
	logs                string // directory of the workers' logs
	children            *children
	dataHash, validHash string
	coord               *coordinator.Coordinator
}

// run trains until the run ends, and says how it went.
func (t *training) run(ctx context.Context) error {
	if err := t.checkData(); err != nil {
		return err
	}
	if err := t.prepareDirs(); err != nil {
		return err
	}
	defer os.RemoveAll(t.dir)
	authority, err := identity.NewAuthority()
	if err != nil {
		return err
	}
	if err := t.startCoordinator(authority); err != nil {
		return err
	}
	defer t.coord.Close()
	fmt.Fprintf(t.out, "status page  http://%s\n", t.coord.StatusAddr())

	t.children = &children{exited: t.coord.WorkerExited}
	defer t.children.kill()
	if err := t.startWorkers(authority); err != nil {
		return err
	}
	ctx, cancel := onSignal(ctx, t.errout)
	defer cancel()
	result := t.follow(ctx)
	t.children.end(leaveGrace)
	return t.conclude(result)
}

// leaveGrace is how long workers may take to leave once the run has ended.
const leaveGrace = 1500 * time.Millisecond

func (t *training) prepareDirs() error {
	var err error
	if err := t.checkEarlierRun(); err != nil {
		return err
	}
	t.logs = filepath.Join(t.file.Checkpoint.Dir, "logs")
	if err := os.MkdirAll(t.logs, 0o755); err != nil {
		return fmt.Errorf("checkpoint.dir: %w; it must be a directory that can be written", err)
	}
	if t.dir, err = os.MkdirTemp("", "rondo-"); err != nil {
		return fmt.Errorf("a directory for sockets and certificates: %w", err)
	}
	return os.WriteFile(filepath.Join(t.dir, "run.yaml"), []byte(t.file.YAML()), 0o600)
}

// checkData opens the shards, so that what is wrong with them is said once, by
// this process, before any worker is started.
func (t *training) checkData() error {
	f := t.file
	hash := func(field, dir string) (string, error) {
		set, err := shard.Open(dir)
		if err == nil {
			_, err = shard.NewStreams(set, f.Batch.Global, f.Batch.Length)
		}
		if err != nil {
			return "", fmt.Errorf("%s: %s: %w", t.path, field, err)
		}
		return set.Hash(), nil
	}
	var err error
	if t.dataHash, err = hash("data.train", f.Data.Train); err != nil {
		return err
	}
	if f.Data.Valid != "" {
		t.validHash, err = hash("data.valid", f.Data.Valid)
	}
	return err
}

// checkEarlierRun refuses to write over what another run has saved, before
// anything is started.
func (t *training) checkEarlierRun() error {
	m, path, err := checkpoint.Newest(checkpoint.OS{}, t.file.Checkpoint.Dir)
	switch {
	case errors.Is(err, checkpoint.ErrNone):
		return nil
	case err != nil:
		return err
	case !t.options.run.resume:
		return fmt.Errorf("%s holds the checkpoint of step %d of an earlier run: go on from it with --resume, "+
			"or give another --set checkpoint.dir=DIR", path, m.Step)
	}
	return nil
}

func (t *training) startCoordinator(authority *identity.Authority) error {
	creds, err := t.credentials(authority, "coordinator")
	if err != nil {
		return err
	}
	cfg := coordinator.DefaultConfig()
	cfg.Run = t.file
	cfg.Workers = t.options.workers
	cfg.Resume = t.options.run.resume
	cfg.Listen = "127.0.0.1:0"
	cfg.StatusListen = t.options.status
	cfg.EtcdDir = filepath.Join(t.file.Checkpoint.Dir, "record")
	cfg.Gossip = "127.0.0.1:0"
	cfg.Credentials = creds
	cfg.DataHash, cfg.ValidHash = t.dataHash, t.validHash
	cfg.Version = api.Version()
	cfg.Again = fmt.Sprintf("rondo train %s --resume", t.path)
	cfg.SeesExits = true
	cfg.Log = t.log
	t.coord, err = coordinator.Start(context.Background(), cfg)
	if errors.Is(err, syscall.EADDRINUSE) && !t.options.statusGiven {
		cfg.StatusListen = "127.0.0.1:0" // another run of this machine has the usual one
		t.coord, err = coordinator.Start(context.Background(), cfg)
	}
	return err
}

func (t *training) credentials(authority *identity.Authority, name string) (*identity.Credentials, error) {
	p, err := authority.Write(t.dir, name, "127.0.0.1", "localhost")
	if err != nil {
		return nil, err
	}
	return identity.Load(p.CA, p.Cert, p.Key)
}

func (t *training) startWorkers(authority *identity.Authority) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("the path of this program: %w", err)
	}
	for i := range t.options.workers {
		name := fmt.Sprintf("worker-%d", i)
		p, err := authority.Write(t.dir, name, "127.0.0.1", "localhost")
		if err != nil {
			return err
		}
		argv := []string{program, "worker", filepath.Join(t.dir, "run.yaml"), "--name", name, "--coordinator", t.coord.Addr(),
			"--tls-ca", p.CA, "--tls-cert", p.Cert, "--tls-key", p.Key,
			"--threads", strconv.Itoa(t.options.threads), "--passes", strconv.Itoa(t.options.passes), "--gossip-listen", "127.0.0.1:0"}
		if t.options.ring == "tcp" {
			argv = append(argv, "--ring-listen", "127.0.0.1:0")
		} else {
			argv = append(argv, "--socket-dir", t.dir)
		}
		if t.options.run.resume {
			argv = append(argv, "--resume")
		}
		if err := t.children.start(name, argv, nil, t.logs); err != nil {
			return err
		}
	}
	return nil
}

// follow shows the run's progress until it ends. When ctx is cancelled it asks
// the run to stop.
func (t *training) follow(ctx context.Context) coordinator.Result {
	bar := newProgress(t.out, t.log)
	defer bar.done()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	asked := ctx.Done()
	for {
		select {
		case r := <-t.coord.Done():
			bar.show(t.coord.Status())
			return r
		case <-asked:
			asked = nil
			t.coord.Stop("Ctrl-C")
		case <-tick.C:
			bar.show(t.coord.Status())
		}
	}
}

// conclude prints what became of the run.
func (t *training) conclude(r coordinator.Result) error {
	s := t.coord.Status()
	switch {
	case r.ExitCode == 0:
		return t.summary(s, r)
	case r.ExitCode == exitStopped:
		return &exitError{exitStopped, fmt.Errorf("%s: rondo train %s --resume", r.Reason, t.path)}
	}
	for _, w := range s.Workers {
		if w.State == "lost" || w.State == "failed" {
			if words := t.children.lastWords(w.Name); words != "" {
				fmt.Fprintf(t.errout, "the end of %s:\n%s\n", filepath.Join(t.logs, w.Name+".log"), words)
			}
		}
	}
	return &exitError{max(1, r.ExitCode), errors.New(r.Reason)}
}

// summary is the end of a run that finished.
func (t *training) summary(s api.Status, r coordinator.Result) error {
	dir := filepath.Join(t.file.Checkpoint.Dir, checkpoint.DirName(uint64(t.file.Steps)))
	fmt.Fprintf(t.out, "\nfinished %d steps in %s\n", s.Steps, durationText(s.Now.Sub(s.Started)))
	if n := len(s.Evaluations); n > 0 {
		fmt.Fprintf(t.out, "held out     %.4f bits/char\n", s.Evaluations[n-1].BitsPerChar)
	}
	if text, err := sampleText(dir); err == nil {
		fmt.Fprintf(t.out, "a sample\n%s\n", indent(text))
	} else {
		t.log.Warn("no sample", "error", err)
	}
	fmt.Fprintf(t.out, "checkpoint   %s\ndigest       %s\n", dir, r.Digest)
	fmt.Fprintf(t.out, "try next     rondo sample %s --prime 'func ' --temperature 0.6\n", t.file.Checkpoint.Dir)
	fmt.Fprintf(t.out, "             rondo eval %s --data %s\n", t.file.Checkpoint.Dir, t.file.Data.Valid)
	return nil
}
