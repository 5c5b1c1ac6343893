//go:build !purego

package kernel

func setAVX2(on bool) { useAVX2 = on }
