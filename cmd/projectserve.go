package cmd

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/rondo-ml/rondo/cmd/past"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/coordinator/web"
	"github.com/rondo-ml/rondo/nn/projection/projector"
	"github.com/rondo-ml/rondo/tensor"
)

// show serves the page of the points until ctx is done.
func (o *projectFlags) show(ctx context.Context, out io.Writer, pool *tensor.Pool, source projector.Source) error {
	listener, err := net.Listen("tcp", o.serve)
	if err != nil {
		return fmt.Errorf("--serve: %w", err)
	}
	s := o.settings
	s.Method = o.methods[0]
	fmt.Fprintf(out, "open http://%s/ ; Ctrl-C ends it\n", listener.Addr())
	ctx, cancel := context.WithCancel(ctx)
	points, wait := projector.Handler(ctx, pool, source, s)
	defer wait()
	defer cancel()
	return web.Serve(ctx, listener, web.NewProjector(points))
}

// pagePoints answers for the page of runs, about the points of their checkpoints. A nil pool computes on one goroutine.
func pagePoints(ctx context.Context, pool *tensor.Pool, threads int, runs ...*shownRun) (points http.Handler, wait func()) {
	return projector.Handler(ctx, pool, &runPoints{runs: runs, threads: threads}, usualLayout())
}

// pastRuns are the runs of a library.
func pastRuns(l *past.Library) (runs []*shownRun) {
	for _, name := range l.Names() {
		src, _ := l.Source(name)
		runs = append(runs, &shownRun{name: name, dir: src.Status().Run.Dir, file: func() *runfile.File {
			f, err := runfile.Parse("run.yaml", []byte(src.Status().Run.File), nil)
			if err != nil {
				return nil
			}
			return f
		}})
	}
	return runs
}

// livePoints answer about the run that a coordinator leads, on one goroutine: its workers may be on this machine.
func livePoints(ctx context.Context, f *runfile.File) http.Handler {
	points, _ := pagePoints(ctx, nil, 1, &shownRun{name: f.Name, dir: f.Checkpoint.Dir, leads: true, file: func() *runfile.File { return f }})
	return points
}
