// Package wordvectors gives words vectors that no label has had a part in: by
// principal components of the texts in which the words stand.
//
// A text is a point of as many dimensions as there are words: the share that each
// has of the text, times its idf. [PCA] finds the main directions of these
// points. This is latent semantic analysis (Deerwester et al. 1990) with the mean
// taken off. A word's vector is what it adds to where a text lies: the mean of the
// vectors of a text's words, as a network makes it of a bag, is the place of the
// text along the directions, but for a constant.
//
// All vectors are then multiplied by one number, after which the mean square of
// an element is that of a new embedding, which is drawn from U(-0.1, 0.1).
//
// The same texts give the same vectors on any number of threads; processors of
// another kind may give other last bits.
package wordvectors
