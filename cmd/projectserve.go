package cmd

import (
	"context"
	"fmt"
	"io"
	"net"

	"github.com/rondo-ml/rondo/coordinator/web"
	"github.com/rondo-ml/rondo/nn/projection/projector"
)

// show serves the page of the points until ctx is done.
func (o *projectFlags) show(ctx context.Context, out io.Writer, layouts *projector.Layouts) error {
	listener, err := net.Listen("tcp", o.serve)
	if err != nil {
		return fmt.Errorf("--serve: %w", err)
	}
	s := o.settings
	s.Method = o.methods[0]
	fmt.Fprintf(out, "open http://%s/ ; Ctrl-C ends it\n", listener.Addr())
	return web.Serve(ctx, listener, web.NewProjector(projector.Handler(ctx, layouts, s)))
}
