package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rondo-ml/rondo/nn/projection"
	"github.com/rondo-ml/rondo/nn/projection/projector"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

// projectFlags are the flags of `rondo project`.
type projectFlags struct {
	of, features, labels string
	methods              []string
	settings             projector.Settings
	most                 int
	out, serve, cache    string
	threads              int
}

func newProject() *cobra.Command {
	var o projectFlags
	c := &cobra.Command{
		Use:   "project DIR|FILE",
		Short: "Lay embeddings, output weights or features out in two or three dimensions",
		Long: `Takes points of many dimensions and lays them out to be looked at, by PCA, t-SNE or UMAP.
The points are

  the rows of a weight     of the newest checkpoint in DIR (or the checkpoint that DIR is):
                           --of names it; else it is the embedding, or else the output layer's
  features of a set        with --features SET: what the model makes of each sample
                           before its last layer
  points of a file         a projector_config.pbtxt or .json of TensorBoard, a directory
                           with one, or a .tsv with a line of numbers for each point

Labels are words or classes of the training data, where the checkpoint has them, or are read
from --labels: a line for each point; several columns need a line of names first.

It prints how far each layout may be believed: trustworthiness tells whether neighbours in it
are neighbours in all dimensions, preservation how many of the true neighbours are still some.
With --out DIR it writes files that TensorBoard's projector reads, the layouts among them
(METHOD-2d.tsv); with --serve it shows them on a page until it is interrupted.

The same points, settings and seed give the same layout on any number of threads. Layouts are
kept in the run's directory (projections/), or in this user's cache where that cannot be written.`,
		Example: `  rondo project runs/sentiment --of embedding.weight --method umap --out words
  rondo project runs/lenet5 --features mnist/valid --method tsne,umap --serve
  rondo project logs/projector_config.pbtxt --method umap --dims 3 --out logs/umap`,
		Args: args(1, 1, "one directory or file"),
		RunE: func(c *cobra.Command, a []string) error { return o.run(c, a[0]) },
	}
	f := c.Flags()
	o.addPoints(f)
	f.IntVar(&o.settings.Dims, "dims", 2, "2 or 3")
	f.StringVar(&o.out, "out", "", "`DIR` for files of TensorBoard's projector")
	f.StringVar(&o.serve, "serve", "", "show a page at 127.0.0.1:7075, or with --serve=`ADDRESS` there")
	f.Lookup("serve").NoOptDefVal = "127.0.0.1:7075"
	_ = c.MarkFlagDirname("out")
	return c
}

// addPoints adds the flags that say which points there are, and how they are laid out.
func (o *projectFlags) addPoints(f *pflag.FlagSet) {
	f.StringVar(&o.of, "of", "", "`NAME` of the weight whose rows are the points, as embedding.weight")
	f.StringVar(&o.features, "features", "", "`SET` of samples whose features are the points")
	f.StringVar(&o.labels, "labels", "", "`FILE` with what is known of each point")
	f.StringSliceVar(&o.methods, "method", []string{"pca"}, "`METHODS`: pca, tsne, umap, with commas between")
	f.BoolVar(&o.settings.Sphereize, "sphereize", false, "move points to their mean and make them as long as one another first")
	f.StringVar(&o.settings.Metric, "metric", "cosine", "which points are near for t-SNE and UMAP: cosine or euclidean")
	f.Float64Var(&o.settings.Perplexity, "perplexity", 30, "about how many neighbours count for t-SNE")
	f.IntVar(&o.settings.Neighbors, "neighbors", projection.UMAPNeighbors+1, "how many count for UMAP")
	f.Uint64Var(&o.settings.Seed, "seed", 1, "of UMAP; another seed, another layout")
	f.IntVar(&o.most, "most", 50000, "points to take, the first ones")
	f.StringVar(&o.cache, "cache", "", "`DIR` for layouts in place of the run's own")
	f.IntVar(&o.threads, "threads", machine.Threads(), "goroutines that compute")
}

func (o *projectFlags) check(source string) error {
	if len(o.methods) == 0 {
		return &usageError{errors.New("--method: name at least one of pca, tsne and umap")}
	}
	for _, m := range o.methods {
		s := o.settings
		s.Method = m
		if err := s.Check(); err != nil {
			return &usageError{err}
		}
	}
	switch {
	case o.threads < 1 || o.threads > worker.MaxThreads:
		return &usageError{fmt.Errorf("--threads %d: from 1 to %d", o.threads, worker.MaxThreads)}
	case o.most < 2 || o.most > projector.MostPoints:
		return &usageError{fmt.Errorf("--most %d: from 2 to %d", o.most, projector.MostPoints)}
	case o.of != "" && o.features != "":
		return &usageError{fmt.Errorf("--of and --features: the points are either rows of a weight or features of a set")}
	}
	return cmp.Or(wantPlace("the directory", source), wantPlace("--features", o.features), wantPath("--labels", o.labels),
		wantPath("--out", o.out), wantPath("--cache", o.cache))
}

func (o *projectFlags) run(c *cobra.Command, source string) error {
	if err := o.check(source); err != nil {
		return err
	}
	return o.withPoints(c, source, func(ctx context.Context, p openPoints) error { return o.tell(ctx, c, p) })
}

// withPoints opens the points for as long as use takes, which ends with a signal.
func (o *projectFlags) withPoints(c *cobra.Command, source string, use func(ctx context.Context, p openPoints) error) error {
	ctx, cancel := onSignal(c.Context(), voice{w: c.ErrOrStderr()}, func() {})
	defer cancel()
	p, err := o.open(ctx, source)
	if err != nil {
		return err
	}
	defer p.pool.Close()
	return use(ctx, p)
}

// tell lays points out, prints how good that is, writes and serves them.
func (o *projectFlags) tell(ctx context.Context, c *cobra.Command, p openPoints) error {
	set, out := p.set, c.OutOrStdout()
	fmt.Fprintf(out, "%s: %s of %s\n", visible([]byte(set.Name)), countText(set.Points.Rows, "point"), countText(set.Points.Cols, "number"))
	var all []*projector.Layout
	for _, m := range o.methods {
		l, err := o.layout(ctx, c.ErrOrStderr(), p.layouts, m)
		if err != nil {
			return err
		}
		all = append(all, l)
		printLayout(out, l)
	}
	if o.out != "" {
		names, err := projector.Write(o.out, set, all...)
		if err != nil {
			return fmt.Errorf("--out: %w", err)
		}
		fmt.Fprintf(out, "wrote %s in %s\n", strings.Join(names, ", "), o.out)
	}
	if o.serve != "" {
		return o.show(ctx, out, p.pool, projector.One{Set: set, Cache: p.cache})
	}
	return nil
}

// openPoints are points and who lays them out.
type openPoints struct {
	set     *projector.Set
	pool    *tensor.Pool
	cache   projector.Cache
	layouts *projector.Layouts
}

// open reads the points and what is known of them. The caller closes the pool.
func (o *projectFlags) open(ctx context.Context, source string) (p openPoints, err error) {
	var home string
	if p.set, home, err = o.points(ctx, source); err != nil {
		return p, err
	}
	if o.labels != "" {
		dir, name := filepath.Split(o.labels)
		if err := p.set.Label(cmp.Or(dir, "."), name); err != nil {
			return p, fmt.Errorf("--labels: %w", err)
		}
	}
	p.pool, p.cache = tensor.NewPool(o.threads), projector.Cache{Dir: cmp.Or(o.cache, cacheDir(home))}
	p.layouts = projector.NewLayouts(p.pool, p.set, p.cache)
	return p, nil
}

// layout has a layout computed, behind a bar.
func (o *projectFlags) layout(ctx context.Context, errout io.Writer, layouts *projector.Layouts, method string) (*projector.Layout, error) {
	s := o.settings
	s.Method = method
	bar := &cutBar{out: errout}
	defer bar.done()
	return layouts.Get(ctx, s, bar.report)
}

// printLayout prints a line of a layout.
func printLayout(out io.Writer, l *projector.Layout) {
	fmt.Fprintf(out, "%s:", l.Name())
	if len(l.Shares) > 0 {
		sum := 0.0
		for _, share := range l.Shares {
			sum += share
		}
		fmt.Fprintf(out, " %.1f %% of the variance;", 100*sum)
	}
	if l.Preservation > 0 {
		fmt.Fprintf(out, " trustworthiness %.3f, preservation %.3f;", l.Trustworthiness, l.Preservation)
	}
	if l.Kept {
		fmt.Fprintln(out, " kept from before")
	} else {
		fmt.Fprintf(out, " %s\n", l.Took.Round(10*time.Millisecond))
	}
}

// cacheDir is where layouts are kept of what lies at home: projections in it, or this user's cache; "": nowhere.
func cacheDir(home string) string {
	if home != "" {
		dir := filepath.Join(home, "projections")
		if os.MkdirAll(dir, 0o777) == nil {
			if f, err := os.CreateTemp(dir, ".try-*"); err == nil {
				_, _ = f.Close(), os.Remove(f.Name())
				return dir
			}
		}
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "rondo", "projections")
}
