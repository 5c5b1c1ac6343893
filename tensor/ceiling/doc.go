// Package ceiling measures how fast the floating-point units of this machine can be, against which everything that
// is computed on them is held.
//
//	peak := ceiling.Of(threads) // operations a second; a multiply-add is two
//	share := operations / (seconds * peak)
//
// Of takes a few milliseconds. Its loop is [tensor.Ceiling]: fused multiply-adds of float32 out of registers, in the
// instruction set in use. Every thread runs the loop at the same time as the others, for they may share units and
// power, and is timed by its own processor time, so that what else the machine does counts as little as it can. The
// best stretch of each thread counts: others only ever make a stretch slower.
//
// A share may be above 1: Winograd's convolutions and bfloat16 need fewer float32 multiply-adds than are counted.
//
// [Best] is the loop of the measurement, for whoever measures something else.
package ceiling
