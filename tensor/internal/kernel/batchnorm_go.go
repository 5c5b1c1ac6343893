//go:build (!amd64 && !arm64) || purego

package kernel

func vectorMoments(ChannelRows) int  { return 0 }
func vectorNorm(ChannelRows) int     { return 0 }
func vectorNormSums(ChannelRows) int { return 0 }
func vectorNormBack(ChannelRows) int { return 0 }
