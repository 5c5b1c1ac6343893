package torchfile

import "github.com/rondo-ml/rondo/nn/safetensors"

// unreadTensor is the note of a tensor of a kind that is not read, by the function of torch._utils that would make it.
func unreadTensor(function string, args tuple) *opaque {
	o := &opaque{what: "a tensor of another kind", tensor: true}
	switch function {
	case "_rebuild_tensor_v3": // of types that have no class of storages
		const dtype = 6 // storage, offset, shape, strides, requires_grad, hooks, type
		if len(args) > dtype {
			if g, ok := args[dtype].(global); ok {
				o.what = "a tensor of " + clip(g.name)
			}
		}
		o.do = "tensor.float()"
	case "_rebuild_sparse_tensor":
		o.what, o.do = "a sparse tensor", "tensor.to_dense()"
	case "_rebuild_qtensor":
		o.what, o.do = "a quantized tensor", "tensor.dequantize()"
	case "_rebuild_nested_tensor":
		o.what, o.do = "a nested tensor", "tensor.to_padded_tensor(0)"
	case "_rebuild_meta_tensor_no_storage":
		o.what, o.do = "a tensor without values, of the device meta", "one that has values"
	}
	return o
}

// unread is what is told of the tensor.
func (o *opaque) unread() safetensors.Unread { return safetensors.Unread{What: o.what, Do: o.do} }
