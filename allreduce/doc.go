// Package allreduce sums gradients around a ring of workers, to the same bits on
// any number of them. It knows []float32, the standard library and golang.org/x/sys,
// nothing else.
//
// # Words
//
//	lane    a fixed 1/L share of the global batch, owned by one worker
//	ring    the lanes 0, 1, …, L−1, 0 in a circle
//	bucket  gradients that travel together: one slice for each lane in, their sum out
//	chunk   1/L of a bucket: chunk c of n numbers is [c·n/L, (c+1)·n/L)
//	part    consecutive numbers of a bucket that are reduced by themselves, in its chunks
//	segment what of a chunk travels as one frame: 63·2^10 numbers, the last fewer
//	view    which of n workers owns which lanes, numbered by a generation
//
// # The ring runs over lanes
//
// The classic ring among n workers adds in an order that depends on n, and so do
// its bits. This is the classic ring among the L lanes, laid over n workers, each
// of which owns neighbouring lanes: a hop within a worker is free, a hop to the
// next worker is a message. Six lanes on three workers:
//
//	      worker 0          worker 1          worker 2
//	   ┌────────────┐    ┌────────────┐    ┌────────────┐
//	┌─►│ 0 ──► 1    │───►│ 2 ──► 3    │───►│ 4 ──► 5    │──┐
//	│  └────────────┘    └────────────┘    └────────────┘  │
//	└──────────────────────────────────────────────────────┘
//
// Chunk 3 starts as lane 3's gradient on worker 1, which sends it on. Worker 2
// adds lanes 4 and 5, worker 0 adds lanes 0 and 1, and it is back at worker 1 for
// lane 2: (((((g3 + g4) + g5) + g0) + g1) + g2), whoever owns which lane.
//
// One bucket takes these steps on each worker:
//
//  1. For every own lane c, chunk c starts as the gradient of lane c, the own
//     lanes after c are added in order, and the partial sum is sent on.
//  2. A partial of chunk c that arrives has the own lanes added in order, up to
//     and without lane c if that is one of them.
//  3. If lane c−1 was the last added, the chunk is finished: it is written to
//     out and sent on as a sum. Otherwise it is sent on as a partial.
//  4. A sum that arrives is written to out, and sent on unless the next worker
//     is the one that finished it.
//
// Every partial hop adds all lanes of a worker in one pass over the data.
//
// A chunk makes its way in segments, each by itself and in order, so that one is
// folded while the next is on its way, and is folded, summed and sent from the
// second cache. To which lane's gradient an element is added when depends on its
// chunk alone, so segments do not show in the bits. A worker begins the segments
// of its own chunks as earlier ones come round: no more than a window of them is
// away at a time. As whatever is sent out comes back, that needs no signal.
//
// Cost per worker and bucket of S bytes: (L−1)/L·S + (n−1)/n·S sent, the second
// term on average. With n = L this is exactly the classic ring. With n = 1 nothing
// is sent and the same additions run at home, also on the processor of a caller
// that waits for them. An empty chunk needs no message.
//
// With [BFloat16] on the wire half as many bytes are sent. A sum is rounded then
// where it begins and after every addition, also between two lanes of one worker,
// so that these bits do not depend on the workers either; what is finished is
// rounded already and the same for all.
//
// A sum that is not a number is one on every worker, but which of the many NaNs
// it is, IEEE 754 leaves to the machine.
//
// # Layers
//
//	Reduction   the steps above: a state machine, frames in, frames out
//	Group       runs the machines of one worker: a reader, an engine, a sender
//	Link        brings frames to a neighbour: in memory, over a socket, or over a
//	            socket with memory beside it that both processes see
//	Frame       one message: its fields, its payload, a CRC-32C over each
//
// Between two workers of one host payloads lie in shared memory (Linux): the fold
// reads what came where the neighbour wrote it and writes its result where the
// next one reads it. The unix socket stays for headers, for what finds no room and
// for the end of a process. Over TCP the CRC-32C of what came and of what goes are
// taken in the pass that folds. Under TLS, which authenticates every byte, payloads
// have no sum of their own, and many records are read and written in one call.
//
// A group may have many buckets under way, begun in any order, while the backward
// pass still runs: a frame of a bucket that has not begun here is kept until it
// does. Whoever has folded a frame sends it as far as the connection takes it at
// once; only what it has no room for waits for the sender, whose waking costs more
// than a call of the system. The reader and the engine never wait for the sender, so
// two neighbours with much to send to each other cannot block each other. What is
// queued lies in the group's own memory, not in the caller's: once Wait returns,
// gradients and sum are the caller's alone.
//
// # Errors
//
// Whatever goes wrong with a neighbour is a [PeerError] that names it. The group
// is dead then, tells both neighbours the reason, and every call returns the error:
// a ring is built anew under a new generation, never mended. What is merely
// wrong at a call (lengths, a step that goes back) is returned by that call and
// leaves the group alive.
//
// # Safety
//
// A socket lies in a directory that is closed to other users; memory is passed over
// it, is in no directory, and cannot be cut while it is mapped; nothing that tells
// sizes or places is read from it. TCP is always TLS
// with certificates on both sides, verified before a byte of ours is read. Both
// ends then agree on run, configuration, generation and their numbers, or refuse
// with the field that differs.
package allreduce
