package worker

import (
	"fmt"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/runfile"
	"github.com/rondo-ml/rondo/nn"
	"github.com/rondo-ml/rondo/nn/zoo"
)

// A run may begin from the weights of a file (model.weights) but for some (model.weights_skip),
// leave weights as they are (model.freeze), and have others learn at rates of their own
// (model.rates).

// freeze freezes what the run file says, before anything is recorded. It is an error for a
// pattern of the section to pick no weight, and for nothing to be left that learns.
func freeze(m runfile.Model, ps *nn.Params) error {
	for _, field := range []struct {
		path     string
		patterns nn.Names
	}{{"model.freeze", m.Frozen()}, {"model.rates", m.Factors().Names()}} {
		if unused := field.patterns.Unused(ps); len(unused) > 0 {
			return fmt.Errorf("%s: no weight of %s is called %s; their names begin with %s", field.path, m.Kind, unused[0], beginnings(ps))
		}
	}
	if over := m.Factors().Shadowed(ps); len(over) > 0 {
		return fmt.Errorf("model.rates: the factor of %s counts for no weight, as others before it pick all of its own; name it first", over[0])
	}
	if n := ps.Freeze(m.Frozen()); n > 0 && n == len(ps.List) {
		return fmt.Errorf("model.freeze: %q picks every parameter of %s; leave some to learn", m.Freeze, m.Kind)
	}
	return nil
}

// beginnings lists how the names of parameters begin, up to the first dot.
func beginnings(ps *nn.Params) string {
	const most = 20
	var list []string
	for _, p := range ps.List {
		head, _, dotted := strings.Cut(p.Name, ".")
		if dotted {
			head += "."
		}
		if len(list) == 0 || list[len(list)-1] != head {
			list = append(list, head)
		}
	}
	if len(list) > most {
		list = append(list[:most], "…")
	}
	return strings.Join(list, ", ")
}

// loadOptions are those for the weights that the run begins from. A model whose weights once had
// other names translates them by a method WeightName.
func loadOptions(m runfile.Model, model *zoo.Network) nn.LoadOptions {
	o := nn.LoadOptions{Skip: m.Skips()}
	if old, ok := model.Model.(interface{ WeightName(string) string }); ok {
		o.Rename = old.WeightName
	}
	return o
}

// CheckWeights returns an error unless the weights that the run begins from, if it does, are the
// model's, and what the run file says of weights is of some. The parameters need no memory.
func CheckWeights(m runfile.Model, model *zoo.Network) error {
	if err := freeze(m, model.Params()); err != nil || m.Weights == "" {
		return err
	}
	file, err := runfile.OpenWeights(m.Weights)
	if err != nil {
		return fmt.Errorf("model.weights: %w", err)
	}
	defer file.Close()
	report, err := model.Params().Fits(file, loadOptions(m, model))
	if err == nil && len(report.Idle) > 0 {
		return fmt.Errorf("model.weights_skip: neither a weight of %s nor a tensor of %s is called %s; the weights' names begin with %s",
			m.Kind, m.Weights, report.Idle[0], beginnings(model.Params()))
	}
	return misfit(m, err)
}

// misfit is an error of loading with what to do.
func misfit(m runfile.Model, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("model.weights: %s: %w; model.weights_skip names what is to begin anew", m.Weights, err)
}

// loadInitial sets the weights that the run begins from, after they were initialized. Those that are not finite are an error: no step
// could be taken with them.
func loadInitial(m runfile.Model, model *zoo.Network) (*nn.LoadReport, error) {
	now := runfile.File{Model: m}
	if err := now.HashWeights(); err != nil {
		return nil, fmt.Errorf("model.weights: %w", err)
	}
	if now.Model.WeightsHash != m.WeightsHash {
		return nil, fmt.Errorf("model.weights: %s is not what it was when this process began", m.Weights)
	}
	file, err := runfile.OpenWeights(m.Weights)
	if err != nil {
		return nil, fmt.Errorf("model.weights: %w", err)
	}
	defer file.Close()
	report, err := model.Params().Load(file, loadOptions(m, model))
	if err == nil {
		err = model.Params().CheckFinite()
	}
	return report, misfit(m, err)
}
