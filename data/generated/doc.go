// Package generated makes images of classes out of nothing: a stand-in for a
// data set, large or small, that needs no files.
//
// A run file names such a set in the place of a directory:
//
//	data:
//	  train: generated:train?count=50000
//	  valid: generated:valid?count=2000&noise=0.5
//
// The word behind the colon keys the images, so that sets of different names
// hold different images of the same classes. The fields behind it are
//
//	count  images in the set
//	noise  how much of a pixel is noise: 0, the picture alone, to below 1; 0.5 by default
//	seed   keys what the classes look like and all else; 1 by default
//	shift  how far an image is moved at most, in fields, from 0 to 8; 1 by default
//
// The size of the images and the number of classes are the model's. A class is a
// coat of arms: 8x8 fields, each of a random colour. An image is one of them,
// moved up and to the left by up to shift fields, around the edges, under uniform
// noise.
// Pixels are numbers of [-1, 1).
//
// Image i of a set is a pure function of the set and i, through Philox: any
// worker can make any image, and there is nothing to save.
package generated
