package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rondo-ml/rondo/data/labelled"
	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/nn/probe"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/machine"
)

// probeFlags are the flags of `rondo probe`.
type probeFlags struct {
	data, valid, test string
	columns           labelled.Options
	raw, ascii        bool
	said              map[string]bool // flags that were given
	state, steps      string
	asked             []uint64 // the steps of --steps
	rows, threads     int
	asks              probe.Asks
	baseline          bool
	words             int
	features, out     string
	kept              string // files of features that are written
	leftOut           int    // checkpoints of --steps that are damaged
	asJSON            bool
}

func newProbe() *cobra.Command {
	var o probeFlags
	c := &cobra.Command{
		Use:   "probe DIR|FILE.safetensors --data FILE",
		Short: "Ask what a model that reads texts knows about a label: the sentiment neuron",
		Long: `Has the newest checkpoint in DIR (or the checkpoint that DIR is, or its 0.npy to 14.npy) read labelled texts, each from a
state of zeros and as "\n text ", and tells the labels 0 and 1 apart by what its cells then hold:
logistic regression with an L1 penalty, its C chosen from 2^-8 to 2^0 on --valid, or without it by
five folds. It prints the accuracy, how few labels do, and the units that tell the labels apart
by themselves, each by one threshold.

Texts come from .csv, .tsv, .txt (tabs) or .jsonl, packed by gzip, bzip2, zstd or not. Columns are
found where that is plain, else --text and --label name them, or give their numbers from 1 on.
They are cleaned as the reviews that the network has learnt were: its checkpoint says how, or that
of a release before 0.15.0 its training set, where that lies where it was; else --ascii says it.

Reading takes most of the time: --features FILE.safetensors keeps what was read, and such a file
is probed in place of DIR. The same texts, model and seed give the same report.`,
		Example: `  rondo probe runs/reviews --data train.csv --valid dev.csv --test test.csv --out probe
  rondo probe runs/reviews --data train.tsv.bz2 --test test.tsv.bz2 --text 4 --label 1 --baseline
  rondo probe runs/reviews --data train.csv --steps all`,
		Args: args(1, 1, "a directory of checkpoints or a file of features"),
		RunE: func(c *cobra.Command, a []string) error { return o.run(c, a[0]) },
	}
	f := c.Flags()
	f.StringVar(&o.data, "data", "", "`FILE` of labelled texts to fit to")
	f.StringVar(&o.valid, "valid", "", "`FILE` of texts to choose C on; empty: five folds of --data")
	f.StringVar(&o.test, "test", "", "`FILE` of texts that are met once, at the end")
	f.StringVar(&o.columns.Text, "text", "", "`COLUMN` of the text: a name, a number from 1 on, or a key")
	f.StringVar(&o.columns.Label, "label", "", "`COLUMN` of the label, 0 or 1")
	f.IntVar(&o.columns.Most, "most", 0, "texts of each file to read, the first ones; 0: all")
	f.BoolVar(&o.raw, "raw", false, `read texts as they are, without "\n " before and " " behind`)
	f.BoolVar(&o.ascii, "ascii", false, "clean texts as \"shard reviews --ascii\" does; not given: as the reviews that were learnt")
	f.StringVar(&o.state, "state", "", "`NAME` of the state, as rnn.c_l0, or c or h of the last layer; empty: the last layer's memory (c), or h where it has none")
	f.StringVar(&o.steps, "steps", "", "probe these `STEPS` too, with commas between, or all checkpoints that are kept")
	f.IntVar(&o.rows, "rows", 128, "texts that are read side by side; changes no bit")
	f.Float64SliceVar(&o.asks.Cs, "c", nil, "`NUMBERS` to choose C from; not given: 2^-8, 2^-7 to 2^0")
	f.Lookup("c").DefValue = ""
	f.IntSliceVar(&o.asks.Labels, "labels", []int{11, 30, 100, 232, 1000, 3000, 10000}, "`NUMBERS` of labels to draw")
	f.IntVar(&o.asks.Draws, "draws", 10, "draws of each number of labels")
	f.IntVar(&o.asks.Resamples, "resamples", 10, "halves of --data to fit to, to see which unit leads")
	f.IntVar(&o.asks.Unit, "unit", -1, "`NUMBER` of a unit to report whatever its rank")
	f.Uint64Var(&o.asks.Seed, "seed", 1, "of the draws, halves and folds")
	f.BoolVar(&o.baseline, "baseline", false, "fit to the words of the texts as well")
	f.IntVar(&o.words, "words", 20000, "most frequent words for --baseline")
	f.StringVar(&o.features, "features", "", "`FILE` for the features: .safetensors, or .npy, which makes FILE-train-features.npy, FILE-train-labels.npy and so on")
	f.StringVarP(&o.out, "out", "o", "", "`DIR` for the report: index.html, report.json, pictures as .png and .svg")
	f.BoolVar(&o.asJSON, "json", false, "print the report as JSON")
	f.IntVar(&o.threads, "threads", machine.Threads(), "goroutines that compute")
	_ = c.MarkFlagDirname("out")
	return c
}

// ofReading are the flags that say how checkpoints read texts.
var ofReading = []string{"data", "valid", "test", "text", "label", "most", "raw", "ascii", "state", "steps", "rows", "baseline", "words", "features"}

func (o *probeFlags) check(c *cobra.Command, source string) error {
	kept, ignored := isFeatures(source), ""
	o.said = map[string]bool{}
	c.Flags().Visit(func(f *pflag.Flag) { o.said[f.Name] = true })
	if at := slices.IndexFunc(ofReading, func(name string) bool { return o.said[name] }); at >= 0 {
		ignored = ofReading[at]
	}
	switch {
	case filepath.Ext(source) == ".npy":
		return &usageError{fmt.Errorf("%s: features in .npy are for NumPy; probe those of --features FILE.safetensors, or the run", source)}
	case !kept && o.data == "":
		return wrongUsage(c, fmt.Errorf("%s needs --data FILE, of labelled texts", c.CommandPath()))
	case kept && ignored != "":
		return &usageError{fmt.Errorf("%s has features of texts that were read; --%s is of checkpoints", source, ignored)}
	case o.threads < 1 || o.threads > worker.MaxThreads:
		return &usageError{fmt.Errorf("--threads %d: from 1 to %d", o.threads, worker.MaxThreads)}
	case o.rows < 1 || o.rows > 4096:
		return &usageError{fmt.Errorf("--rows %d: from 1 to 4096", o.rows)}
	case o.columns.Most < 0:
		return &usageError{fmt.Errorf("--most %d: at least 0", o.columns.Most)}
	case o.asks.Draws < 0 || o.asks.Draws > 1000 || o.asks.Resamples < 0 || o.asks.Resamples > 1000:
		return &usageError{fmt.Errorf("--draws %d, --resamples %d: from 0 to 1000", o.asks.Draws, o.asks.Resamples)}
	case o.words < 1 || o.words > 1<<20:
		return &usageError{fmt.Errorf("--words %d: from 1 to %d", o.words, 1<<20)}
	case o.raw && o.ascii:
		return &usageError{errors.New("--raw and --ascii: texts are read as they are, or cleaned")}
	case o.asks.Unit < 0 && o.said["unit"]:
		return &usageError{fmt.Errorf("--unit %d: units count from 0", o.asks.Unit)}
	case o.features != "" && filepath.Ext(o.features) != ".safetensors" && filepath.Ext(o.features) != ".npy":
		return &usageError{fmt.Errorf("--features %s: written as .safetensors or .npy", o.features)}
	}
	slices.Sort(o.asks.Cs)
	for _, v := range o.asks.Cs {
		if !(v > 0) || v > 1e6 {
			return &usageError{fmt.Errorf("--c %v: above 0, and at most 1e6", v)}
		}
	}
	var err error
	if o.asked, err = parseSteps(o.steps); err != nil {
		return &usageError{err}
	}
	for _, n := range o.asks.Labels {
		if n < 2 {
			return &usageError{fmt.Errorf("--labels %d: at least 2, one of each class", n)}
		}
	}
	if err := cmp.Or(wantPlace("the directory", source), wantPath("--data", o.data), wantPath("--valid", o.valid),
		wantPath("--test", o.test), wantPath("--features", o.features), wantPath("--out", o.out)); err != nil {
		return err
	}
	return o.checkOutputs()
}

// checkOutputs says, before hours of reading, where nothing can be written.
func (o *probeFlags) checkOutputs() error {
	if o.features != "" {
		dir := filepath.Dir(o.features)
		if err := cmp.Or(wantDirectory(dir), wantWritable(dir)); err != nil {
			return fmt.Errorf("--features: %w", err)
		}
		if info, err := os.Stat(o.features); err == nil && info.IsDir() {
			return fmt.Errorf("--features: %s is a directory", o.features)
		}
	}
	if o.out != "" {
		if err := wantWritable(o.out); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
	}
	return nil
}

// checkLabels refuses numbers of labels that were asked for and are not fewer than the texts to draw from.
func (o *probeFlags) checkLabels(source string, texts int) error {
	if most := slices.Max(append(slices.Clone(o.asks.Labels), 0)); o.said["labels"] && most >= texts {
		return &usageError{fmt.Errorf("--labels %d: %s has %s to draw from, and fewer are drawn", most, source, countText(texts, "text"))}
	}
	return nil
}

func isFeatures(source string) bool { return strings.HasSuffix(source, ".safetensors") }

func (o *probeFlags) run(c *cobra.Command, source string) error {
	if err := o.check(c, source); err != nil {
		return err
	}
	ctx, cancel := onSignal(c.Context(), voice{w: c.ErrOrStderr()}, func() {})
	defer cancel()
	out := c.OutOrStdout()
	if o.asJSON {
		out = io.Discard
	}
	r, err := o.ask(ctx, c.ErrOrStderr(), out, source)
	if errors.Is(err, context.Canceled) {
		written := "nothing was written"
		if o.kept != "" {
			written = "the files of --features stay: " + o.kept
		}
		return &exitError{exitStopped, errors.New("interrupted; " + written)}
	}
	if err != nil {
		return err
	}
	if o.asJSON {
		err = printJSON(c.OutOrStdout(), r)
	}
	if err == nil && o.out != "" {
		if err = r.write(o.out); err != nil {
			return fmt.Errorf("--out: %w", err)
		}
		fmt.Fprintf(out, "\nwrote %s\n", filepath.Join(o.out, "index.html"))
	}
	return cmp.Or(err, o.allSteps())
}

// ask reads the features and asks all about them. It prints each part to out when it is found.
func (o *probeFlags) ask(ctx context.Context, errout, out io.Writer, source string) (*probed, error) {
	pool := tensor.NewPool(o.threads)
	defer pool.Close()
	if isFeatures(source) {
		sets, r, err := readFeatures(source)
		if err != nil {
			return nil, err
		}
		if err := o.checkLabels(source, r.Texts[0].Texts); err != nil {
			return nil, err
		}
		return r, o.report(ctx, errout, out, pool, r, sets)
	}
	texts, err := o.texts()
	if err != nil {
		return nil, err
	}
	o.sayAgain(errout)
	if err := o.checkLabels(o.data, len(texts[0].Texts)); err != nil {
		return nil, err
	}
	m, dir, err := findWriter(source)
	if err != nil {
		return nil, err
	}
	before, err := o.earlier(errout, source, m)
	if err != nil {
		return nil, err
	}
	r := &probed{Run: m.Run, Cleaned: o.cleaning(errout, objects.Dir(dir), m), source: source}
	sets, err := o.read(ctx, errout, pool, r, dir, m, texts)
	if err != nil {
		return nil, err
	}
	if o.features != "" {
		names, removed, err := writeFeatures(o.features, r, sets)
		if err != nil {
			return nil, fmt.Errorf("--features: %w", err)
		}
		o.kept = strings.Join(names, ", ")
		fmt.Fprintf(out, "wrote %s\n", o.kept)
		if len(removed) > 0 {
			fmt.Fprintf(out, "removed %s of an earlier call\n", strings.Join(removed, ", "))
		}
	}
	if err := o.report(ctx, errout, out, pool, r, sets); err != nil {
		return nil, err
	}
	if o.baseline {
		if r.Baseline, err = o.bagOfWords(ctx, errout, out, pool, texts); err != nil {
			return nil, fmt.Errorf("--baseline: %w", err)
		}
	}
	if err := o.through(ctx, errout, pool, r, before, texts); err != nil {
		return nil, err
	}
	printTable(out, "\nThrough training\n", r.stepTable())
	return r, nil
}

// report asks all about features.
func (o *probeFlags) report(ctx context.Context, errout, out io.Writer, pool *tensor.Pool, r *probed, sets probe.Sets) error {
	bar := &cutBar{out: errout}
	defer bar.done()
	asks := o.asks
	asks.Report = bar.report
	asks.Chosen = func(f *probe.Fitted) {
		bar.done()
		r.Fitted = *f
		r.printFit(out)
	}
	_, r.Columns = sets.Train.X.Size()
	r.printTitle(out)
	found, err := probe.Run(ctx, pool, sets, asks)
	if err != nil {
		return err
	}
	bar.done()
	r.Report = *found
	r.printUnits(out)
	return nil
}
