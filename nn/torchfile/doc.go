// Package torchfile reads weights out of the files that torch.save of PyTorch writes
// (.pth, .pt), without Python and without running anything that a file asks for.
//
// # The format
//
// Such a file is a pickle that refers to storages, in one of two framings:
//
//	zip      (since PyTorch 1.6) an archive with NAME/data.pkl, the pickle, and
//	         NAME/data/KEY, the raw elements of each storage, not compressed
//	legacy   five pickles after one another (a magic number, the version 1001, the
//	         writer's sizes of integers, the object, the list of storage keys), then for
//	         each key the number of elements as 8 bytes and the elements
//
// (torch/serialization.py, _save and _legacy_save.) A tensor in the pickle is a call of
// torch._utils._rebuild_tensor_v2 with a storage, an offset, a shape and strides; several
// tensors may lie in one storage.
//
// # What is read
//
// A pickle is a program for a small stack machine, and Python's own machine calls any
// function that it names. The one of this package builds dictionaries, lists, tuples,
// numbers, texts and tensors alone. A name is never looked up. What a file calls decides
// (classes.go):
//
//	collections.OrderedDict, torch._utils._rebuild_tensor_v2 …   is built
//	argparse.Namespace, scalars of NumPy, pathlib.PosixPath …    becomes a note of the name:
//	                                                             the list is closed
//	anything else                                                the file is refused, and
//	                                                             the error names it
//
// So a file that would run something in Python is refused even where its weights are whole.
//
// [Open] finds the state_dict: the object itself, or one of its entries "state_dict",
// "model_state_dict" or "model" ([File.Within]), and lists what it passed over
// ([File.LeftOut]). Tensors are read one at a time, in row-major order whatever their
// strides.
//
// # Bad files
//
// Nothing in a file can make the reader panic, or hold more memory than a few times the
// tensor that is read, the part of its storage over which strides spread it, and about a
// hundred bytes for each byte of the pickle. Lengths,
// shapes, strides and offsets that leave the file or their storage are errors that name
// the file and the tensor. So are storages whose length is another in the pickle or that have two types, entries of an
// archive that overlap, are compressed, are there twice or have names outside of it, numbers
// that begin with the highest byte, and tensors that take sixteen times the file's bytes.
package torchfile
