// Package worker is one worker of a run: it joins the coordinator, takes the
// lanes that a view gives it, runs steps with its neighbours around the ring,
// and saves its part of every checkpoint.
//
// # The path of a step
//
//	rows of own lanes ─> forward ─> loss ─> backward ─┬─> part of a bucket complete ─> ring
//	                                                  └─> next part …
//	all buckets reduced ─> gather losses (this is the barrier) ─> clip ─> optimizer
//
// The gather comes after the last bucket, so a worker that has its result
// knows that every worker holds all sums of the step. Only then does anybody
// apply it: after a failure either somebody has applied the step, and everybody
// can, or nobody has. See step.go.
//
// # From view to view
//
// A worker lives through many views. Each gives it a seat in a ring (seat.go), in
// which it first comes to stand where all others do (bring.go, agree.go): it may
// bring the step that a broken ring has ended to its end, hand states of lanes
// on, or be given all by the others. What it has computed of a step outlives the
// ring (kept.go), and so do the states of a lost neighbour (mirror.go).
//
// # Who says what
//
// Everything that decides bits is a function of the run file, the data and the
// step: rows, learning rate, dropout, when to evaluate and to save. What comes
// from outside (stop, save now) reaches the view's first worker alone, which
// puts it into its part of the gather, so that all act on it at the same step.
//
// # Whoever leads
//
// The talk with the coordinator is a session (session.go), which outlives the
// stream and the coordinator: a seeker finds the one that leads (seek.go), and the
// outbox keeps what the next must be told (outbox.go, standing.go). Steps go on
// meanwhile. A worker of `rondo train` ends with its coordinator instead.
//
// # Rows
//
// A network asks its batch for parts of the data by name, and a data set says in
// its schema which parts it has: bind.go brings one to the other when the data is
// opened. samplerows.go says which samples a step has, changes them as the run
// file says, and ahead.go reads those of the next step beside this one. Losses
// whose divisor depends on the targets of all lanes are weighed first (losses.go).
//
// # Goroutines
//
// The step loop owns the model. One goroutine reads the next rows, one reads the coordinator's stream
// and acts on it (session.go, control.go), one writes checkpoints from a copy
// of the state (save.go), and the ring has two of its own.
package worker
