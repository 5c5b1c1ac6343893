package checkpoint

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/rondo-ml/rondo/nn/safetensors"
)

// Snapshot is a checkpoint, or some groups of it, in memory.
type Snapshot struct {
	*Manifest
	tensors map[string]safetensors.Tensor // by group/name
}

// Tensors are a group's tensors, by name. Their memory is the snapshot's.
func (s *Snapshot) Tensors(group string) []safetensors.Tensor {
	var list []safetensors.Tensor
	for full, t := range s.tensors {
		if strings.HasPrefix(full, group+"/") {
			list = append(list, t)
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list
}

// Tensor is one tensor of a group. An error means that the checkpoint is of another model.
func (s *Snapshot) Tensor(group, name string) (safetensors.Tensor, error) {
	t, ok := s.tensors[group+"/"+name]
	if !ok {
		return t, s.foreign(group, name, "it is not there")
	}
	return t, nil
}

// Float32 copies a tensor of F32 to dst, which must have as many elements and the same shape.
func (s *Snapshot) Float32(group, name string, shape []int, dst []float32) error {
	t, err := s.Tensor(group, name)
	if err != nil {
		return err
	}
	src, ok := t.Data.([]float32)
	if !ok || !slices.Equal(t.Shape, shape) || len(src) != len(dst) {
		return s.foreign(group, name, fmt.Sprintf("found %s%v, want F32%v", t.DType(), t.Shape, shape))
	}
	copy(dst, src)
	return nil
}

// Int64 copies a tensor of I64 to dst, which must have as many elements and the same shape.
func (s *Snapshot) Int64(group, name string, shape []int, dst []int64) error {
	t, err := s.Tensor(group, name)
	if err != nil {
		return err
	}
	src, ok := t.Data.([]int64)
	if !ok || !slices.Equal(t.Shape, shape) || len(src) != len(dst) {
		return s.foreign(group, name, fmt.Sprintf("found %s%v, want I64%v", t.DType(), t.Shape, shape))
	}
	copy(dst, src)
	return nil
}

func (s *Snapshot) foreign(group, name, why string) error {
	return fmt.Errorf("checkpoint: %s: %s: tensor %q: %s; the checkpoint is of another model",
		DirName(s.Step), FileName(group), name, why)
}
