package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/rondo-ml/rondo/data/labelled"
	"github.com/rondo-ml/rondo/nn/probe"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker/checkpoint"
	"github.com/rondo-ml/rondo/worker/machine"
)

// probeTexts are the labelled texts of each set; nil where there are none.
type probeTexts [3]*labelled.Texts

// The sets by their places.
var probeSets = [3]string{"train", "valid", "test"}

// texts reads the files.
func (o *probeFlags) texts() (all probeTexts, err error) {
	for i, path := range []string{o.data, o.valid, o.test} {
		if path == "" {
			continue
		}
		t, err := labelled.Read(path, o.columns)
		if err != nil {
			return all, err
		}
		if n := countTrue(t.Positive); n == 0 || n == len(t.Positive) {
			return all, o.oneLabel(path, len(t.Positive), min(n, 1))
		}
		all[i] = t
	}
	if all[1] == nil { // before hours of reading
		if err := probe.Foldable(all[0].Positive); err != nil {
			return all, fmt.Errorf("%s: %w (--valid)", o.data, err)
		}
	}
	return all, nil
}

// sayAgain says of a file that is given again, as which nothing is held out.
func (o *probeFlags) sayAgain(errout io.Writer) {
	flags, paths := []string{"--data", "--valid", "--test"}, []string{o.data, o.valid, o.test}
	for i := range paths {
		for k := range i {
			a, _ := os.Stat(paths[i]) // nil, which is no file's, where there is none
			b, _ := os.Stat(paths[k])
			if os.SameFile(a, b) {
				voice{w: errout}.say(slog.LevelWarn, fmt.Sprintf("%s is the file of %s, so its accuracies are of texts that were met before", flags[i], flags[k]))
			}
		}
	}
}

// oneLabel is the error of texts that have one label. The first ones of a file that is sorted by its labels have.
func (o *probeFlags) oneLabel(path string, texts, label int) error {
	what := fmt.Sprintf("all %d texts are", texts)
	if texts == 1 {
		what = "its only text is"
	}
	hint := ""
	if texts == o.columns.Most {
		hint = "; where a file is sorted by its labels, its first --most have one: shuffle it, or read all"
	}
	return fmt.Errorf("%s: %s labelled %d, and both labels are wanted%s", path, what, label, hint)
}

func countTrue(list []bool) (n int) {
	for _, v := range list {
		if v {
			n++
		}
	}
	return n
}

// read has a checkpoint read the texts.
func (o *probeFlags) read(ctx context.Context, errout io.Writer, pool *tensor.Pool, r *probed, dir string, m *checkpoint.Manifest, texts probeTexts) (sets probe.Sets, err error) {
	model, err := loadWriter(dir, m)
	if err != nil {
		return sets, err
	}
	defer zoo.Recover(model.Kind, &err)
	none, state, err := probe.States(ctx, model, pool, nil, probe.StateOptions{Name: o.state})
	if err != nil && o.state != "" {
		return sets, fmt.Errorf("--state: %w", err)
	}
	if err != nil {
		return sets, err
	}
	if o.asks.Unit >= none.Cols { // before all texts are read
		return sets, &usageError{fmt.Errorf("--unit %d: %s of step %d has %d units, from 0 on", o.asks.Unit, state, m.Step, none.Cols)}
	}
	var joined [][]byte
	for _, t := range texts {
		if t == nil {
			continue
		}
		for _, text := range t.Texts {
			joined = append(joined, cleanText(r.Cleaned, text))
		}
	}
	copied := o.copied(len(texts[0].Texts), texts[1] != nil || texts[2] != nil)
	if err := fitFeatures(len(joined), copied, none.Cols, machine.Here().Memory); err != nil {
		return sets, err
	}
	bar := &cutBar{out: errout}
	defer bar.done()
	x, _, err := probe.States(ctx, model, pool, joined, probe.StateOptions{Name: o.state, Rows: o.rows, Report: bar.report})
	if err != nil {
		return sets, o.ofFile(err, texts)
	}
	if err := (probe.Dense{Matrix: x}).Check(); err != nil {
		return sets, fmt.Errorf("step %d: %s: %w", m.Step, state, o.ofFile(err, texts))
	}
	r.Step, r.State = m.Step, state
	at := 0
	for i, t := range texts {
		if t != nil {
			r.put(&sets, i, x.Slice(at, at+len(t.Texts)), t.Positive)
			at += len(t.Texts)
		}
	}
	return sets, nil
}

// copied is of how many texts there are copies at a time, of so many that are fitted to. A fold is one copy; halves and draws go on side by
// side, and a draw is measured on all other texts where none are held out.
func (o *probeFlags) copied(fitted int, held bool) int {
	most := max(fitted, min(o.threads, o.asks.Resamples)*fitted/2)
	for _, n := range o.asks.Labels {
		switch {
		case n >= fitted:
		case held:
			most = max(most, min(o.threads, o.asks.Draws)*n)
		default:
			most = max(most, min(o.threads, o.asks.Draws)*fitted)
		}
	}
	return most
}

// fitFeatures refuses, before all texts are read, features and copies that the memory does not hold, in bytes; 0: it is not known.
func fitFeatures(texts, copied, units int, memory int64) error {
	if need := (int64(texts) + int64(copied)) * int64(units) * 4; memory > 0 && need > memory {
		return fmt.Errorf("the features of %d texts, %d units each, and copies of %d take %s, and there are %s of memory; read fewer texts (--most), have fewer --threads, or another --state",
			texts, units, copied, bytesText(need), bytesText(memory))
	}
	return nil
}

// ofFile has an error of one of all texts name its file, and the text's place there.
func (o *probeFlags) ofFile(err error, texts probeTexts) error {
	var bad *probe.TextError
	if !errors.As(err, &bad) {
		return err
	}
	at := bad.Text
	for i, path := range []string{o.data, o.valid, o.test} {
		switch {
		case texts[i] == nil:
		case at < len(texts[i].Texts):
			return fmt.Errorf("%s: %w", path, &probe.TextError{Text: at, Err: bad.Err})
		default:
			at -= len(texts[i].Texts)
		}
	}
	return err
}

// put makes features the set of that place, and counts them.
func (r *probed) put(sets *probe.Sets, i int, x tensor.Matrix, positive []bool) {
	*[]**probe.Set{&sets.Train, &sets.Valid, &sets.Test}[i] = &probe.Set{X: probe.Dense{Matrix: x}, Positive: positive}
	r.Texts[i] = textCount{probeSets[i], len(positive), countTrue(positive)}
}
