//go:build purego || !amd64

package kernel

func setAVX2(bool) {}
