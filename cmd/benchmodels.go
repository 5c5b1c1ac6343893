package cmd

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"text/tabwriter"

	"github.com/rondo-ml/rondo/cmd/bench"
	"github.com/rondo-ml/rondo/cmd/bench/networks"
	"github.com/rondo-ml/rondo/cmd/draw"
	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn/summary"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/tensor"
	"github.com/rondo-ml/rondo/worker/machine"
)

// benchedKinds are the kinds to measure: those that were named, which take the fields that are set, or all whose accuracy on
// ImageNet is published.
func benchedKinds(given, set []string) (kinds []string, err error) {
	for _, kind := range given {
		if _, err := runfile.OfKind(kind, set); err != nil {
			return nil, err
		}
	}
	if len(given) > 0 {
		return given, nil
	}
	return slices.DeleteFunc(zoo.Names(), func(kind string) bool { return !rated(kind) }), nil
}

// rated says whether an accuracy of a kind on ImageNet is published, of the size that is measured.
func rated(kind string) bool {
	info, _ := zoo.Lookup(kind)
	return info.Top1() > 0
}

// measureModels measures networks one after another.
func (b *benching) measureModels(ctx context.Context, kinds []string) (r bench.Report, err error) {
	pool := tensor.NewPool(machine.Threads())
	defer pool.Close()
	for _, kind := range kinds {
		b.tell(kind)
		m, err := b.measureModel(ctx, kind, pool)
		if err != nil {
			return r, fmt.Errorf("%s: %w", kind, err)
		}
		r.Models = append(r.Models, m)
	}
	if dir := b.options.out; dir != "" {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return r, fmt.Errorf("--out: %w", err)
		}
		return r, drawModels(dir, r.Models)
	}
	return r, nil
}

func (b *benching) measureModel(ctx context.Context, kind string, pool *tensor.Pool) (m bench.Model, err error) {
	f, err := runfile.OfKind(kind, b.options.run.set)
	if err != nil {
		return m, err
	}
	n, err := zoo.New(kind, f.Model.Fields)
	if err != nil {
		return m, err
	}
	s, err := summary.Of(n, f.RowLength())
	if err != nil {
		return m, err
	}
	m = bench.Model{Kind: kind, Parameters: s.Parameters, MultiplyAdds: s.MultiplyAdds}
	if len(s.Inputs) > 0 {
		m.Input = s.Inputs[0].Shape
	}
	if info, _ := zoo.Lookup(kind); len(b.options.run.set) == 0 { // another network has another accuracy
		m.Top1 = info.Top1()
	}
	if m.Seconds, err = networks.Infer(ctx, n, f.Task.New(), pool, f.RowLength()); err != nil {
		return m, err
	}
	m.Rate, m.GFLOPS = 1/m.Seconds, 2e-9*float64(m.MultiplyAdds)/m.Seconds
	return m, nil
}

// modelsText is a table, the fastest first.
func modelsText(models []bench.Model) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	width := len("kind")
	for _, m := range models {
		width = max(width, len(m.Kind))
	}
	row := func(name string, cells ...string) {
		fmt.Fprintln(w, name+strings.Repeat(" ", width-len(name))+"\t"+strings.Join(cells, "\t")+"\t")
	}
	row("kind", "input", "parameters", "multiply-adds", "top-1", "one sample", "a second", "GFLOP/s")
	models = slices.Clone(models)
	sort.SliceStable(models, func(i, j int) bool { return models[i].Seconds < models[j].Seconds })
	for _, m := range models {
		top := "–"
		if m.Top1 > 0 {
			top = fmt.Sprintf("%.1f %%", m.Top1)
		}
		row(m.Kind, sizeText(m.Input), countOr(m.Parameters, "–"), macsText(m.MultiplyAdds), top, stepText(m.Seconds), fmt.Sprintf("%.1f", m.Rate), fmt.Sprintf("%.1f", m.GFLOPS))
	}
	w.Flush()
	b.WriteString("\none sample: inference on all cores, batch of 1, the best of several; top-1: on ImageNet, as published.\n")
	return b.String()
}

// drawModels draws accuracy against speed and against operations.
func drawModels(dir string, models []bench.Model) error {
	speed := &draw.Scatter{Title: "ImageNet top-1 against speed here, batch of 1 (area: parameters)", X: "images a second", Y: "top-1 as published, %", LogX: true}
	work := &draw.Scatter{Title: "ImageNet top-1 against multiply-adds (area: parameters)", X: "multiply-adds of one image", Y: "top-1 as published, %", LogX: true}
	var families []string
	for _, m := range models {
		if m.Top1 == 0 {
			continue
		}
		family := m.Kind
		if cut := strings.IndexAny(family, "0123456789-"); cut > 0 {
			family = family[:cut]
		}
		at := slices.Index(families, family)
		if at < 0 {
			at, families = len(families), append(families, family)
		}
		mark := draw.Mark{Name: m.Kind, Y: m.Top1, Area: float64(m.Parameters), Color: draw.Colors[at%len(draw.Colors)]}
		mark.X = m.Rate
		speed.Marks = append(speed.Marks, mark)
		mark.X = float64(m.MultiplyAdds)
		work.Marks = append(work.Marks, mark)
	}
	for name, c := range map[string]*draw.Scatter{"models-speed": speed, "models-operations": work} {
		for _, ext := range []string{".png", ".svg"} {
			if err := draw.Save(filepath.Join(dir, name+ext), c.Scene()); err != nil {
				return err
			}
		}
	}
	return nil
}
