//go:build race

package allreduce

// raceEnabled makes tests under the race detector go through a smaller product.
const raceEnabled = true
