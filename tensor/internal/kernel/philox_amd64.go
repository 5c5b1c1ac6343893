//go:build !purego

package kernel

import "unsafe"

// vectorByteNoise computes as many sixteens of values as make eights of them, and returns how many values that is.
func vectorByteNoise(dst []float32, scale float32, key [2]uint32, counter [4]uint32) int {
	n := len(dst) / 128 * 8
	if n == 0 || !Active.HasVectors() {
		return 0
	}
	byteNoiseAVX2(unsafe.SliceData(dst), scale, &key, &counter, n)
	return 16 * n
}

// ByteNoise for 16*n values, n a positive multiple of 8.
//
//go:noescape
func byteNoiseAVX2(dst *float32, scale float32, key *[2]uint32, counter *[4]uint32, n int)

// vectorUniforms computes as many fours of values as make eights of them, and returns how many values that is.
func vectorUniforms(dst []float32, key [2]uint32, counter [4]uint32) int {
	n := len(dst) / 32 * 8
	if n == 0 || !Active.HasVectors() {
		return 0
	}
	uniformsAVX2(unsafe.SliceData(dst), &key, &counter, n)
	return 4 * n
}

// Uniforms for 4*n values, n a positive multiple of 8.
//
//go:noescape
func uniformsAVX2(dst *float32, key *[2]uint32, counter *[4]uint32, n int)
