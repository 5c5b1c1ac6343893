package cmd

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/inside"
	"github.com/rondo-ml/rondo/cmd/past"
	"github.com/rondo-ml/rondo/coordinator/web"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker/machine"
)

// On how many goroutines a coordinator looks into checkpoints, and how many bytes of weights it loads: beside it, workers
// train, and the run ends with the process that leads it.
const (
	lookThreads = 1
	lookWeights = 256 << 20
)

func newPage() *cobra.Command {
	var (
		addr, data string
		hosts      []string
	)
	c := &cobra.Command{
		Use:   "page DIRECTORY…",
		Short: "Show runs in the browser, finished ones too",
		Long: `Serves the status page for runs by their checkpoint directories, without a coordinator: curves of all steps, evaluations,
checkpoints, decisions. Its tab Runs lays several over one another and tells what each came to, in which fields their run
files differ and how far they have the same bits; a click shows one of them in all views. A run that goes on is read anew
each second, one that has long said nothing each half minute. The view Look inside asks checkpoints what their networks have
learnt, with samples of the set that the run was evaluated on, or of --data. Nothing is written but layouts of points, where
somebody asks for them. Ctrl-C ends it.`,
		Example: `  rondo page runs/a runs/b
  rondo page runs/mnist --data mnist/valid`,
		Args: args(1, -1, "one or more checkpoint directories"),
		RunE: func(c *cobra.Command, dirs []string) error {
			for _, dir := range dirs {
				if err := wantPlace("the directory", dir); err != nil {
					return err
				}
			}
			if err := wantSet("--data", data); err != nil {
				return err
			}
			if addr == "" { // which net would take for any port on every address
				return &usageError{errors.New("--status-addr: is empty; give HOST:PORT, as 127.0.0.1:0 for a free port")}
			}
			library, err := past.OpenAll(dirs, time.Now)
			if err != nil {
				return err
			}
			l, err := net.Listen("tcp", addr)
			if errors.Is(err, syscall.EADDRINUSE) && !c.Flags().Changed("status-addr") {
				l, err = net.Listen("tcp", "127.0.0.1:0") // a run of this machine has the usual one
			}
			if err != nil {
				return fmt.Errorf("--status-addr: %w", err)
			}
			ctx, cancel := onSignal(c.Context(), voice{c.ErrOrStderr(), false}, func() {})
			pool := tensor.NewPool(machine.Threads())
			defer pool.Close()
			points, wait := pagePoints(ctx, pool, machine.Threads(), pastRuns(library)...)
			defer wait()
			defer cancel()
			fmt.Fprintf(c.OutOrStdout(), "status page  http://%s\n", l.Addr())
			desk := inside.New(inside.Options{Threads: machine.Threads(), Data: data})
			return web.Serve(ctx, l, web.New(library.First(), web.Options{Hosts: hosts, Library: library, Projector: points, Look: desk.Serve}))
		},
	}
	c.Flags().StringVar(&addr, "status-addr", defaultStatusAddr, "`HOST:PORT` of the page")
	c.Flags().StringVar(&data, "data", "", "`SET` whose samples are looked at; empty: the one that the run was evaluated on")
	c.Flags().StringArrayVar(&hosts, "status-host", nil, "`NAME` by which a proxy on this machine asks for the page (may be given several times)")
	return c
}
