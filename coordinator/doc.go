// Package coordinator decides who is in a run's ring, when it starts, what a
// checkpoint needs to count, and when and why the run ends.
//
// # From an event to what is done about it
//
//	worker's stream ──> service ──┐                      ┌──> hub ──> workers' streams
//	exit statuses, Stop ──────────┼──> term ──> decide ──┼──> writer ──> record
//	clock ────────────────────────┘   (loop)             └──> board ──> status page, metrics
//
// Everything that happens becomes an event. The term's loop owns the state and
// gives each event to decide, a pure function: equal arguments give the same
// new state, actions and reason. The loop then does the actions. So the whole
// policy can be read, and tested with scripts (testdata), without a clock, a
// socket or a goroutine:
//
//	join.go      who is admitted, and what a refused worker is told
//	view.go      the view: who is in the ring, lanes, where it starts from
//	change.go    joins and leaves, at a step
//	progress.go  steps, evaluations, the end
//	saving.go    checkpoints: saved, read back by another, committed
//	steer.go     stop and checkpoint-now
//	losing.go    signs that a worker is lost
//	verdict.go   which worker it was, and the view without it
//	adopt.go     workers that come again, to this coordinator or to a new leader
//
// # Several coordinators
//
// All coordinators of a run share its record. One leads; the others stand by
// and name the leader to whoever asks (standby.go), and leave with the run. Terms
// number the leaders. Everything that is written is fenced by the leader's key,
// so one that leads no more can write nothing. The next leader takes up the
// workers of the view that the record holds, where they stand (adopt.go). A
// leader whose lease ended is in doubt and says so: it keeps its workers while it
// tries to lead again (regain.go), is left the lead once by whoever won it
// (yield.go), and steps down when it sees another.
//
// # What may be slow or hostile
//
// A worker that does not read fills its own bounded queue and is dropped. One
// that sends what cannot be right loses its stream, with an error that says
// why. The record may be away while a run trains: writes wait, and only the
// start of a view needs it. Gossip spreads news and decides nothing.
package coordinator
