package kernel

// Clip is v, or the nearest to it of 0 to 255.
func Clip(v int32) byte {
	if uint32(v) > 255 {
		v = ^(v >> 31) // 0 below, all ones above
	}
	return byte(v)
}
