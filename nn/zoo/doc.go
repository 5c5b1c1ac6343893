// Package zoo holds the architectures that a run file can name, and what is
// done with a trained one: sample text from it, measure a text with it.
//
//	model, err := zoo.New(zoo.Config{Kind: "charlm", Cell: "lstm", Vocab: 256, Hidden: 256, Layers: 1, Embed: 64})
//	…
//	model.Params().Allocate()
//	model.Params().Initialize(seed)
//
// A model is a list of parameters and a plain Go Forward method that records
// the network on a tape (see package nn): a [SequenceModel] reads text, an
// [ImageModel] images. Parameters are named as in PyTorch, those of ResNet-18
// and MobileNetV2 as in torchvision, so that PyTorch loads the weights. A program with models of its own
// registers them in an init function and then runs the same commands:
//
//	func init() {
//		zoo.Register("mymodel", zoo.Info{About: "…", Reads: zoo.Text, Fields: …}, func(c zoo.Config) (zoo.Model, error) { … })
//	}
//
// (examples/own-model is such a program.) What a kind is registered with decides
// what the run file's section model may hold for it, the defaults, and which
// fields decide bits. A model that panics is an error of its user: [New], [Check]
// and those who train or use a model return a [PanicError].
// Package nn/check, and `train --check` for a run file, run a model through what
// is promised of all of them.
//
// Errors about a configuration name the field as the run file does
// ("model.hidden") and say what is allowed.
package zoo
