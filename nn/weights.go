package nn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// Tensors returns all weights by their names, as a state_dict of PyTorch holds
// them: parameters, statistics and counters, each in order of registration. The
// tensors share the weights' memory.
func (ps *Params) Tensors() []safetensors.Tensor {
	var list []safetensors.Tensor
	for _, p := range ps.List {
		list = append(list, safetensors.Tensor{Name: p.Name, Shape: slices.Clone(p.Shape), Data: p.Value().Data})
	}
	for _, s := range ps.Statistics {
		list = append(list, safetensors.Tensor{Name: s.Name, Shape: []int{s.Size}, Data: s.Value()})
	}
	for _, c := range ps.Counters {
		list = append(list, safetensors.Tensor{Name: c.Name, Shape: []int{}, Data: c.Value})
	}
	return list
}

// SetTensors copies a tensor into every weight. Names must be the same on both
// sides, shapes and types of elements too; only counters may be missing, as in
// files of old, and are then 0. It returns an error, and changes nothing, when
// they are not.
func (ps *Params) SetTensors(tensors map[string]safetensors.Tensor) error {
	known := 0
	for _, own := range ps.Tensors() {
		t, ok := tensors[own.Name]
		_, counter := own.Data.([]int64)
		if !ok && counter {
			continue
		}
		known++
		if !ok {
			return fmt.Errorf("nn: no tensor %s, which the model has with shape %v", own.Name, own.Shape)
		}
		if err := accepts(own, t); err != nil {
			return err
		}
	}
	if len(tensors) > known {
		return fmt.Errorf("nn: the model has no parameter %s", ps.strangers(tensors))
	}
	for _, own := range ps.Tensors() {
		switch dst := own.Data.(type) {
		case []float32:
			copy(dst, tensors[own.Name].Data.([]float32))
		case []int64:
			src, _ := tensors[own.Name].Data.([]int64) // nil when missing
			clear(dst)
			copy(dst, src)
		}
	}
	ps.Changed()
	return nil
}

// accepts returns an error unless the tensor fits the model's own.
func accepts(own, t safetensors.Tensor) error {
	if !slices.Equal(t.Shape, own.Shape) {
		return fmt.Errorf("nn: tensor %s has shape %v, but the model's has %v", own.Name, t.Shape, own.Shape)
	}
	if t.DType() != own.DType() {
		return fmt.Errorf("nn: tensor %s holds %s elements; %s is wanted", own.Name, t.DType(), own.DType())
	}
	if t.Len() != own.Len() {
		return fmt.Errorf("nn: tensor %s has %d elements, but its shape is %v", own.Name, t.Len(), own.Shape)
	}
	return nil
}

// strangers names a few of the tensors that the model lacks.
func (ps *Params) strangers(tensors map[string]safetensors.Tensor) string {
	var names []string
	for name := range tensors {
		if !ps.names[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) > 4 {
		return strings.Join(names[:4], ", ") + fmt.Sprintf(" (and %d others)", len(names)-4)
	}
	return strings.Join(names, ", ")
}

// LoadFile sets all weights from a safetensors file, such as PyTorch's
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
