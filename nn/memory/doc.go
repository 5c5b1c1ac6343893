// Package memory plans the activations of a network at inference: which are alive while each operation runs, where
// most of them are, and how few would do.
//
// A network is recorded for some rows of a batch, which takes no memory for weights or activations:
//
//	plan, err := memory.Of(network, pool, 1, 1)
//	fmt.Println(plan.Peak.Bytes, plan.Moments[plan.Peak.At].Name)
//
// What is counted are the values that pass between operations, in float32, the network's input among them: an operation
// holds its inputs until it has written its outputs, and a value is held until its last reader is done. Functions of each
// element (norms, activations), reshaping and sums write over an input that nobody else reads; those that alone read
// what they change belong to the operation before. A concatenation copies. Weights, hidden states between batches, and the
// room that kernels need for themselves are beside it. This is how papers count, as section 5 of Sandler et al. (2018).
//
// Three things are told of a network: the peak in its own order; the least peak of any order, where the orders are few
// enough to be searched ([Plan.Best]); and the peak when convolutions are joined channel by channel ([Plan.Fused]), so
// that what is between them never exists as a whole. The last is why an inverted bottleneck, narrow at its ends and
// wide within, needs less memory than one that is wide at its ends.
package memory
