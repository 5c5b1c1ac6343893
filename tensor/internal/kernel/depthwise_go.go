//go:build (!amd64 && !arm64) || purego

package kernel

func (d *DepthwiseRow) vector(int) int     { return 0 }
func (d *DepthwiseWeights) vector(int) int { return 0 }
