// Package predict says what a step would take on a cluster, from what it takes on one worker and from what the
// network does. It is arithmetic alone: no clock, no measurement.
//
// # The model
//
// All workers are alike, and the slowest is one with m = ceil(L/n) of the L lanes. Its step with m lanes and no
// other worker has been measured: when each bucket's gradients are there, when all are, and the whole. What n
// workers add is:
//
//   - The ring. Of a bucket of S bytes a worker sends (L-1)/L*S + (n-1)/n*S. Buckets go one after another, none
//     before its gradients are there, each for as long as the slowest of three takes: the network, sending with
//     one core's work for every byte, and adding up the own lanes; where the node has no second core for one of
//     these two, both after one another. A chunk makes 2(n-1) hops from worker to
//     worker, or one more where workers own several lanes, and each hop costs the latency once.
//   - A frame that finds the ring at rest, since the network is slower than the core or the hops are long, wakes who waits for it,
//     which costs a core more than a frame that comes right behind another.
//   - What a link carries beside gradients: the headers of packets and of TLS, by [Payload].
//   - The cores that the ring takes from backward while that is still at work: the processor time of what is
//     sent, spread over a worker's cores.
//   - The gather of the losses, which ends a step: n-1 hops.
//   - The slowest. Steps of the same work differ, and all wait for the longest of n: the mean of the greatest of n draws
//     from the measured steps ([Late]).
//
// [Predict] shares the run file's batch among the workers (strong scaling), [Plan] gives every node the whole of it
// (weak scaling).
//
// What the measured step has beyond this model of itself (clipping, the optimizer, reading of rows) is added as
// it is, so that one worker is predicted to take exactly what was measured.
package predict
