package cmd

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/allreduce"
	"github.com/rondo-ml/rondo/cmd/bench"
	"github.com/rondo-ml/rondo/worker"
)

// maxBurst bounds the buckets of a ring that are under way at once.
const maxBurst = 1024

// newBenchMember is a process of the ring that `rondo bench` measures. It lives as long as its standard input.
func newBenchMember() *cobra.Command {
	var (
		tls     tlsFlags
		m       bench.Member
		listen  string
		threads int
	)
	c := &cobra.Command{
		Use:    "bench-member",
		Short:  "One process of the ring of `rondo bench`, which starts its own",
		Hidden: true,
		Args:   args(0, 0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case m.Workers < 2 || m.Workers > maxRing || m.Self < 0 || m.Self >= m.Workers:
				return &usageError{fmt.Errorf("--self %d --workers %d: from 2 to %d workers, and one of them", m.Self, m.Workers, maxRing)}
			case threads < 1 || threads > worker.MaxThreads:
				return &usageError{fmt.Errorf("--threads %d: from 1 to %d", threads, worker.MaxThreads)}
			}
			if m.Burst < 1 || m.Burst > maxBurst {
				return &usageError{fmt.Errorf("--burst %d: from 1 to %d", m.Burst, maxBurst)}
			}
			for _, size := range m.Sizes {
				if size < 4 || size%4 != 0 || size > 1<<30 {
					return &usageError{fmt.Errorf("--sizes %d: multiples of 4 from 4 to 1073741824 are allowed", size)}
				}
			}
			computeOn(threads, m.Workers) // as a worker does
			return member(c, m, listen, &tls)
		},
	}
	tls.add(c)
	f := c.Flags()
	f.IntVar(&m.Self, "self", 0, "number of this process")
	f.IntVar(&m.Workers, "workers", 2, "number of processes")
	f.StringVar(&listen, "listen", "", "`ADDRESS` of this process, unix:///path or tcp://host:port")
	f.IntSliceVar(&m.Sizes, "sizes", nil, "bytes of the buckets")
	f.IntVar(&m.Burst, "burst", 1, "buckets summed at once")
	f.DurationVar(&m.Budget, "budget", time.Second, "about how long each size is measured")
	f.IntVar(&threads, "threads", 1, "goroutines that would compute")
	return c
}

func member(c *cobra.Command, m bench.Member, listen string, tls *tlsFlags) error {
	creds, err := tls.load()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(c.Context())
	defer cancel()
	l, err := allreduce.Listen(ctx, creds.Server(), []string{listen})
	if err != nil {
		return err
	}
	defer l.Close()
	fmt.Fprintln(c.OutOrStdout(), l.Addresses()[0])
	in := bufio.NewReader(os.Stdin)
	next, err := in.ReadString('\n')
	if err != nil {
		return fmt.Errorf("the address of the next member: %w", err)
	}
	go func() { // until whoever started this process is gone
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	view, err := allreduce.EvenView(1, m.Workers, m.Workers)
	if err != nil {
		return err
	}
	hello := allreduce.Hello{Run: "bench", Config: "bench", Name: fmt.Sprintf("member-%d", m.Self)}
	m.Next, m.Prev, err = allreduce.Connect(ctx, view, m.Self, l, strings.TrimSpace(next), creds.Client(), hello)
	if err != nil {
		return err
	}
	sizes, err := m.Run(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(c.OutOrStdout()).Encode(sizes)
}
