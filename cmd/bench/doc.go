// Package bench measures what this machine can do and what Rondo makes of it: the ceiling of its floating-point
// units, the bandwidth of its memory, the share of either that each kernel reaches, and a ring of local processes.
//
//	meter := bench.Meter{Budget: 300 * time.Millisecond, Cores: runtime.GOMAXPROCS(0)}
//	machine := meter.Machine()
//	for _, c := range bench.Kernels() {
//		kernel := meter.Kernel(c, machine)
//		…
//	}
//
// # How it measures
//
// What runs on one core is timed by the processor time of its thread where the system tells it, so that other
// work on the machine counts as little as it can; what runs on all cores by the clock on the wall. The best
// stretch counts: others only ever make a stretch slower. The ceiling is a loop of fused multiply-adds out of
// registers alone, in the instruction set in use, and the bandwidth of memory that of x += a*y over slices
// that no cache holds: two of its three accesses read, and no line is written that was not read, so that all
// bytes that move are counted.
//
// Package cmd/bench/predict says, from what a step takes here, what it would take on a cluster.
package bench
