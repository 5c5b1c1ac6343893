package torchfile

import (
	"errors"
	"fmt"
)

// passedOver are the classes and functions whose calls in a checkpoint are harmless data beside
// the weights. None is built: a call is the note of its name. The list is closed, and it takes
// names letter by letter: whatever else a file calls is refused.
var passedOver = setOf(
	// Python's own values
	"builtins.bytearray", "builtins.complex", "builtins.frozenset", "builtins.list", "builtins.object",
	"builtins.range", "builtins.set", "builtins.slice",
	"__builtin__.bytearray", "__builtin__.complex", "__builtin__.frozenset", "__builtin__.list",
	"__builtin__.object", "__builtin__.set", "__builtin__.slice",
	"_codecs.encode", "collections.deque", "datetime.date", "datetime.datetime", "datetime.timedelta",
	// settings of training scripts
	"argparse.Namespace", "types.SimpleNamespace",
	"pathlib.Path", "pathlib.PosixPath", "pathlib.PurePosixPath", "pathlib.PureWindowsPath", "pathlib.WindowsPath",
	"pathlib._local.Path", "pathlib._local.PosixPath", "pathlib._local.PurePosixPath", "pathlib._local.PureWindowsPath", "pathlib._local.WindowsPath",
	// numbers and arrays of NumPy
	"numpy.dtype", "numpy.ndarray",
	"numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar",
	"numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct",
	"numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer",
	// tensors of kinds that are not read, and what belongs to tensors
	"torch.device", "torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer",
	"torch.serialization._get_layout",
	"torch._utils._rebuild_device_tensor_from_numpy", "torch._utils._rebuild_device_tensor_from_cpu_tensor",
)

// objectOf is what stands before the name of what is passed over.
const objectOf = "an object of "

func setOf(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// call gives what calls of a few functions of PyTorch give, and the note of the name for those
// that are passed over. A call of anything else is an error that names it: Python would run it.
func call(callee any, args tuple) (any, error) {
	g, ok := callee.(global)
	if !ok {
		return nil, refusal(callee)
	}
	switch name := g.String(); name {
	case "collections.OrderedDict", "collections.defaultdict", "collections.Counter", "builtins.dict", "__builtin__.dict":
		return newDictOf(args), nil
	case "torch.Size", "builtins.tuple", "__builtin__.tuple":
		if len(args) == 1 {
			if t, ok := args[0].(tuple); ok {
				return t, nil
			}
		}
		return &opaque{what: objectOf + name}, nil
	case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
		return rebuild(args)
	case "torch._utils._rebuild_tensor_v3", "torch._utils._rebuild_sparse_tensor", "torch._utils._rebuild_qtensor",
		"torch._utils._rebuild_nested_tensor", "torch._utils._rebuild_meta_tensor_no_storage":
		return unreadTensor(g.name, args), nil
	case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
		if len(args) == 0 {
			return nil, errors.New("a parameter without a tensor")
		}
		return args[0], nil
	case "torch._tensor._rebuild_from_type_v2":
		return rebuildOfType(args)
	case "copyreg._reconstructor", "copy_reg._reconstructor":
		if len(args) < 2 {
			return nil, errors.New("an object without a class")
		}
		if _, err := noted(args[1]); err != nil { // what makes the object: Python calls it, too
			return nil, err
		}
		return noted(args[0])
	}
	return noted(g)
}

// noted is the note of a class that is passed over.
func noted(class any) (any, error) {
	if g, ok := class.(global); ok && passedOver[g.String()] {
		return &opaque{what: objectOf + g.String()}, nil
	}
	return nil, refusal(class)
}

// refusal says what a file would run.
func refusal(callee any) error {
	name := describe(callee)
	if g, ok := callee.(global); ok {
		name = clip(g.String())
	}
	return fmt.Errorf("it calls %s, and loading it in Python would run that; refused. "+
		"A file of a state_dict alone is wanted: torch.save(model.state_dict(), path)", quote(name))
}

// rebuildOfType is torch._tensor._rebuild_from_type_v2(function, class, arguments, state), by
// which tensors with attributes are saved. The attributes are passed over.
func rebuildOfType(args tuple) (any, error) {
	if len(args) < 3 {
		return nil, fmt.Errorf("a tensor of %d arguments, want function, class and arguments", len(args))
	}
	own, ok := args[2].(tuple)
	if !ok {
		return nil, fmt.Errorf("the arguments of a tensor are %s", describe(args[2]))
	}
	if args[1] != any(global{"torch", "Tensor"}) && args[1] != any(global{"torch.nn.parameter", "Parameter"}) {
		return nil, refusal(args[1])
	}
	g, ok := args[0].(global)
	if !ok || g.module != "torch._utils" {
		return nil, refusal(args[0])
	}
	switch g.name {
	case "_rebuild_tensor_v2":
		return rebuild(own)
	case "_rebuild_tensor_v3", "_rebuild_sparse_tensor", "_rebuild_qtensor", "_rebuild_nested_tensor", "_rebuild_meta_tensor_no_storage":
		return unreadTensor(g.name, own), nil
	}
	return nil, refusal(g)
}

// build drops the attributes of an object, which BUILD of the machine would set. They are
// harmless where the object is a dictionary or one that is not built.
func (m *machine) build() error {
	state, err := m.pop()
	if err != nil {
		return err
	}
	object, err := m.top()
	if err != nil {
		return err
	}
	switch object := object.(type) {
	case *dict, *opaque:
		return nil
	case global:
		return refusal(object)
	}
	return fmt.Errorf("it sets attributes of %s to %s", describe(object), describe(state))
}
