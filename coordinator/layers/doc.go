// Package layers keeps how the layers of a network have fared, in bounded
// memory, and judges them.
//
// A worker describes its network once (api.Network) and measures a step now and
// then (api.Health). Past takes both and answers what the page shows: the graph,
// a verdict on each layer by the rules of nn/health, and the history of one
// layer. A coordinator has the Past of its run; whoever reads the history of a
// run that is over (coordinator/history) makes one of its frames.
//
// There are no more than 512 records, or fewer where they take more than 16 MiB
// as messages. Where there are more, two neighbouring ones become one: the
// distributions are those of the later step, the numbers keep their extremes, so
// that a spike stays.
//
// CheckNetwork and CheckHealth say what is wrong with what came from outside.
// What they let pass, a Past can show.
package layers
