// Package onnx writes recorded networks as ONNX files, which other runtimes read (https://onnx.ai): onnxruntime, TensorRT,
// OpenVINO, and what runs in browsers and on phones.
//
//	tape := nn.NewTape(params, nil, nn.Shape{Steps: 1, Lanes: 1, Rows: 1}, nn.Inference, 0)
//	batch := tape.NewBatch(nil)
//	out := model.Forward(tape, batch)
//	err := onnx.Write(file, tape, batch, out, onnx.Options{Name: "lenet5"})
//
// The graph is of operator set [Opset] and computes what inference does, in float32. Its inputs are the parts of the batch
// by their names, ready as the network reads them; its output is called "output". Images are [batch, channels, height,
// width] as everywhere outside this module, sequences [time, batch, features], tokens [time, batch] of int64. The batch
// may be of any size, and time too, unless a layer turns time into the width of images. A recurrent state that is carried
// from batch to batch is an input under its name, and an output with ".next" behind it.
//
// A multiplicative LSTM is a Scan over time, other cells are operators.
// Weights keep their names and shapes; what an operator of ONNX wants in another order (the gates of an LSTM) is a copy.
// A layer that has no counterpart is refused by its name ([*Unsupported]).
//
// With [Options].Int8, convolutions and dense layers compute in eight bits, of which weights take a quarter of the room:
// weights are rounded output by output, values by the ranges that a [Calibration] has found on samples (int8plan.go).
//
// Messages are encoded by hand, a field at a time (proto.go): the format is small, and nothing is read.
package onnx
