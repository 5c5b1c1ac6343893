// Package past reads runs from their checkpoint directories, finished ones and
// those that go on, and shows them as a coordinator shows its run.
//
// A run has left three things there: its history (points of all steps,
// evaluations, the run file), its journal (views, decisions, marks of the
// weights) and its checkpoints (manifests with digests). Library has several
// runs, and says of two how far they have the same bits: by the marks and the
// digests of the steps that both tell of.
//
// Nothing is written. What a run that goes on adds to its history is read when
// somebody looks, once a second at most.
package past
