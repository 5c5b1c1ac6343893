// Package comparison plans and judges the runs of `rondo compare`: the same data learnt by variants of one run
// file, with shares of the training set and seeds.
//
// A [Plan] holds for every [Variant] the fields in which it differs from the run file, and what makes it equal to
// the first: as many steps, as many parameters (a field is fitted to the count), or as much time (its steps follow
// from the time of one). It is written down before the first run begins, since measured times are others on the
// next day, and a comparison that goes on must go on with the same runs. [Results] gathers what the runs came to.
package comparison
