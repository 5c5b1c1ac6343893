package kernel

// The equations of JFIF in fixed point of 16 binary places.
const (
	redCr   = 91881
	greenCb = 22554
	greenCr = 46802
	blueCb  = 116130
)

// RGB makes a row of pixels of luma and colour differences. Where pairs, a difference is that of two pixels beside one
// another, and of the last one if their number is odd.
func RGB(row, luma, cb, cr []byte, pairs bool) {
	n, done := len(luma), 0
	if useAVX2 && n >= 32 {
		wide := 0
		if pairs {
			wide = 1
		}
		_, _, _ = row[3*n-1], cb[(n-1)>>wide], cr[(n-1)>>wide]
		rgbAVX2(&row[0], &luma[0], &cb[0], &cr[0], n&^31, pairs)
		done = n &^ 1
		if at := done - 32; n&31 > 1 { // the last 32 pixels, some of them once more
			rgbAVX2(&row[3*at], &luma[at], &cb[at>>wide], &cr[at>>wide], 32, pairs)
		}
	}
	if pairs {
		rgbPairs(row[3*done:], luma[done:], cb[done/2:], cr[done/2:])
	} else {
		rgbEach(row[3*done:], luma[done:], cb[done:], cr[done:])
	}
}

// shares are what colour adds to luma.
func shares(cb, cr byte) (red, green, blue int32) {
	const half = 1 << 15
	b, r := int32(cb)-128, int32(cr)-128
	return (redCr*r + half) >> 16, (half - greenCb*b - greenCr*r) >> 16, (blueCb*b + half) >> 16
}

func rgbEach(row, luma, cbs, crs []byte) {
	cbs, crs = cbs[:len(luma)], crs[:len(luma)]
	for i, y := range luma {
		red, green, blue := shares(cbs[i], crs[i])
		y, p := int32(y), row[3*i:][:3]
		p[0], p[1], p[2] = Clip(y+red), Clip(y+green), Clip(y+blue)
	}
}

func rgbPairs(row, luma, cbs, crs []byte) {
	pairs := len(luma) / 2
	cbs, crs = cbs[:(len(luma)+1)/2], crs[:(len(luma)+1)/2]
	for i, cb := range cbs {
		red, green, blue := shares(cb, crs[i])
		if i == pairs { // one column alone
			y, p := int32(luma[2*i]), row[6*i:][:3]
			p[0], p[1], p[2] = Clip(y+red), Clip(y+green), Clip(y+blue)
			return
		}
		y, p := luma[2*i:][:2], row[6*i:][:6]
		y0, y1 := int32(y[0]), int32(y[1])
		p[0], p[1], p[2] = Clip(y0+red), Clip(y0+green), Clip(y0+blue)
		p[3], p[4], p[5] = Clip(y1+red), Clip(y1+green), Clip(y1+blue)
	}
}
