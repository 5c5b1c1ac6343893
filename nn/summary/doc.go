// Package summary says what a network is made of before it has any weights: its layers with the shapes that they yield,
// their parameters and multiply-adds, and how much of an image a pixel of the last maps sees.
//
// A network is recorded on a tape for one row of a batch, which takes no memory for weights or activations, so the
// largest of the zoo is summed up in milliseconds:
//
//	s, err := summary.Of(network, 1)
//	fmt.Println(s.Parameters, s.MultiplyAdds, s.Field)
//
// Multiply-adds are those of convolutions, matrix products and recurrences, on padding too, as papers count them. The
// receptive field is that of convolutions and poolings up to the maps that are averaged or flattened; what
// squeeze-and-excitation gates and group norms tell of the whole image is left out.
package summary
