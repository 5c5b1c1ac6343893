package nn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// Tensors returns all parameters by their names, in order of registration. The
// tensors share the parameters' memory.
func (ps *Params) Tensors() []safetensors.Tensor {
	list := make([]safetensors.Tensor, len(ps.List))
	for i, p := range ps.List {
		list[i] = safetensors.Tensor{Name: p.Name, Shape: slices.Clone(p.Shape), Data: p.Value().Data}
	}
	return list
}

// SetTensors copies a tensor into every parameter. Names must be the same on
// both sides, shapes too, and elements float32. It returns an error, and
// changes nothing, when they are not.
func (ps *Params) SetTensors(tensors map[string]safetensors.Tensor) error {
	for _, p := range ps.List {
		t, ok := tensors[p.Name]
		if !ok {
			return fmt.Errorf("nn: no tensor %s, which the model has with shape %v", p.Name, p.Shape)
		}
		if err := p.accepts(t); err != nil {
			return err
		}
	}
	if len(tensors) > len(ps.List) {
		return fmt.Errorf("nn: the model has no parameter %s", ps.strangers(tensors))
	}
	for _, p := range ps.List {
		copy(p.Value().Data, tensors[p.Name].Data.([]float32))
	}
	ps.Changed()
	return nil
}

// accepts returns an error unless the tensor fits the parameter.
func (p *Param) accepts(t safetensors.Tensor) error {
	if !slices.Equal(t.Shape, p.Shape) {
		return fmt.Errorf("nn: tensor %s has shape %v, but the model's has %v", p.Name, t.Shape, p.Shape)
	}
	data, ok := t.Data.([]float32)
	if !ok {
		return fmt.Errorf("nn: tensor %s holds %s elements; F32 is wanted", p.Name, t.DType())
	}
	if len(data) != p.Size() {
		return fmt.Errorf("nn: tensor %s has %d elements, but its shape is %v", p.Name, len(data), p.Shape)
	}
	return nil
}

// strangers names a few of the tensors that the model lacks.
func (ps *Params) strangers(tensors map[string]safetensors.Tensor) string {
	var names []string
	for name := range tensors {
		if ps.byName[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) > 4 {
		return strings.Join(names[:4], ", ") + fmt.Sprintf(" (and %d others)", len(names)-4)
	}
	return strings.Join(names, ", ")
}

// LoadFile sets all parameters from a safetensors file, such as PyTorch's
// safetensors.torch.save_file(model.state_dict(), path) writes. Errors name the
// file and the tensor.
func (ps *Params) LoadFile(path string) error {
	f, err := safetensors.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	tensors := map[string]safetensors.Tensor{}
	for _, name := range f.Names() {
		if tensors[name], err = f.Read(name); err != nil {
			return err
		}
	}
	if err := ps.SetTensors(tensors); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
