// Package networks takes the time of whole networks of the zoo on this machine, on made-up data: a training step, forward
// and backward without the optimizer, and one sample at inference. The best of several replays counts, after the first
// one, which packs the weights and touches memory for the first time.
//
// Times are read from an injected clock; tests count replays instead.
package networks
