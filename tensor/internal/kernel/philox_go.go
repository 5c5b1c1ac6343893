//go:build !amd64 || purego

package kernel

func vectorByteNoise([]float32, float32, [2]uint32, [4]uint32) int { return 0 }

func vectorUniforms([]float32, [2]uint32, [4]uint32) int { return 0 }
