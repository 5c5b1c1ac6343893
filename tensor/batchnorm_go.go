//go:build (!amd64 && !arm64) || purego

package tensor

func vectorMoments(channelRows) int  { return 0 }
func vectorNorm(channelRows) int     { return 0 }
func vectorNormSums(channelRows) int { return 0 }
func vectorNormBack(channelRows) int { return 0 }
