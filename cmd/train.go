package cmd

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rondo-ml/rondo/cmd/program"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

// trainOptions are the flags of `rondo train`.
type trainOptions struct {
	run         runFlags
	logs        logFlags
	workers     workersFlag
	threads     int
	passes      int
	status      string
	statusGiven bool
	statusHosts []string
	onAlarm     string
	tensorBoard string
	printConfig bool
	check       bool
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
		Long: `Runs a coordinator with a record of its own and N worker processes on this machine, and shows how
they get on. The result is the same for any N up to batch.lanes. When a worker is lost the others go on
with the very step, and another is started in its place; a line on standard error tells of each.

Ctrl-C once, SIGTERM or the end of the terminal (SIGHUP; not under nohup) saves and leaves at the end of the step (exit
status 130); Ctrl-C twice leaves at once. The run goes on when nobody reads what it prints.`,
		Example: `  rondo train run.yaml --workers 4
  rondo train run.yaml --resume --workers 3 --set checkpoint.every=100
  rondo train run.yaml --check`,
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
			if n := min(len(nodesHere()), f.Batch.Lanes); n > 1 && !c.Flags().Changed("workers") {
				o.workers.most = n
			}
			if err := o.validate(f); err != nil {
				return &usageError{err}
			}
			if o.check {
				return checkRun(c.OutOrStdout(), f, a[0], o.threads)
			}
			level, err := o.logs.parse()
			if err != nil {
				return err
			}
			outputAside(c)
			t := &training{file: f, path: a[0], options: o, level: level, out: c.OutOrStdout(), errout: c.ErrOrStderr()}
			return t.run(c.Context())
		},
	}
	o.run.add(c)
	f := c.Flags()
	f.StringVar(&o.logs.level, "log-level", "", "log to standard error too: debug, info, warn or error; all logs are in checkpoint.dir/logs")
	f.BoolVar(&o.logs.json, "log-json", false, "log JSON lines")
	o.workers = oneWorker()
	f.VarP(&o.workers, "workers", "n", "worker processes, at most batch.lanes; without it one for each node of memory (NUMA); 2..6 begins with one a core in these bounds, and waits while there are fewer than 2")
	o.addWorkerFlags(f)
	f.StringVar(&o.status, "status-addr", defaultStatusAddr, "`HOST:PORT` of the status page; empty: none")
	f.StringArrayVar(&o.statusHosts, "status-host", nil, "`NAME` by which a proxy on this machine asks for the status page (may be given several times)")
	addOnAlarm(f, &o.onAlarm)
	addTensorBoard(f, &o.tensorBoard)
	f.BoolVar(&o.printConfig, "print-config", false, "print the run file with every default filled in, and leave")
	f.BoolVar(&o.check, "check", false, "train nothing, but check on a few steps that the model gives the same bits on any number of workers, and that it learns")
	return c
}

// addWorkerFlags adds the flags for how each worker on this machine computes and reaches the others.
func (o *trainOptions) addWorkerFlags(f *pflag.FlagSet) {
	f.IntVar(&o.threads, "threads", 0, "goroutines that compute in each worker; 0: the cores shared out evenly")
	f.IntVar(&o.passes, "passes", 1, "turns in which a worker takes its lanes; more need less memory")
	f.StringVar(&o.ring, "ring", "unix", "how the workers reach each other: unix (sockets) or tcp (TLS over loopback)")
}

func (o *trainOptions) validate(f *runfile.File) error {
	if err := o.workers.check(f.Batch.Lanes); err != nil {
		return err
	}
	switch {
	case o.threads < 0 || o.threads > worker.MaxThreads:
		return fmt.Errorf("--threads %d: from 1 to %d, or 0 to share out the cores", o.threads, worker.MaxThreads)
	case o.ring != "unix" && o.ring != "tcp":
		return fmt.Errorf("--ring %q: unix and tcp are allowed", o.ring)
	}
	if err := checkOnAlarm(o.onAlarm); err != nil {
		return err
	}
	if err := wantPath("--tensorboard", o.tensorBoard); err != nil {
		return err
	}
	if err := worker.CheckPasses(f, o.passes); err != nil {
		return err
	}
	if o.threads == 0 {
		o.threads = max(1, machine.Threads()/o.workers.start())
	}
	return nil
}

// again is the command that goes on with the run.
func (o *trainOptions) again(path string) string {
	words := []string{program.Name(), "train", path, "--resume"}
	if o.workers.most > 1 {
		words = append(words, "--workers", o.workers.String())
	}
	for _, s := range o.run.set {
		words = append(words, "--set", s)
	}
	return shellText(words...)
}
