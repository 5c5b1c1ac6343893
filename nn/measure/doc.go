// Package measure tells how well a network does: what a loss leaves out.
//
// A [Measure] counts samples one by one. Its [Measure.Vector] holds all that it
// has counted, so that a worker gathers the vectors of its lanes, and everybody
// merges those of all lanes in lane order:
//
//	top := measure.NewTop(1, 5) // one for each lane
//	for … { top.Add(logits, target) }
//	… gather top.Vector() of every lane …
//	whole := measure.NewTop(1, 5)
//	for _, vector := range all {
//		whole.Merge(vector)
//	}
//	whole.Right(5)
//
// Counts are whole numbers in float64, exact up to 2^53, so their sums do not
// depend on an order at all; those of [Regression] depend on that of lanes alone.
// Vectors are merged by adding them. But for [AUC], whose exact value needs every
// score, and for [Guesses]: their vectors are lists, one put behind the other. So a measure has the
// same bits on any number of workers. Where the vectors of lanes are kept
// elsewhere, one measure serves all by [Measure.Bind].
//
//	| measure     | of                                      | gives                                                         |
//	| ----------- | --------------------------------------- | ------------------------------------------------------------- |
//	| Top         | scores of classes                       | top-1, top-5 accuracy                                         |
//	| PerClass    | classes: of images, or of pixels        | accuracy, recall, precision, F1, IoU of each; mean IoU        |
//	| Confusion   | the same                                | the same, and which class is taken for which                  |
//	| Labels      | several labels that hold or do not      | exact and single-label accuracy; recall, precision, … of each |
//	| Edits       | sequences of symbols                    | character error rate, sequence error rate                     |
//	| Regression  | numbers                                 | mean squared and absolute error, R²                           |
//	| AUC         | one score a sample                      | area under the ROC curve                                      |
//	| Calibration | how sure a guess is, and if it is right | reliability by bins, expected calibration error               |
//	| Guesses     | classes of single samples               | what each sample is taken for, and its loss                   |
//
// [Greedy] and [Beam] read the symbols of a sequence off the logits of CTC.
// Where there is nothing to measure, a ratio is NaN.
package measure
