package picture

import (
	"image"
	"testing"
)

// A row of subsampled colour takes, from any column on, the pixels that the image says.
func TestSubsampledColour(t *testing.T) {
	for _, ratio := range []image.YCbCrSubsampleRatio{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420,
		image.YCbCrSubsampleRatio440, image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410} {
		m := image.NewYCbCr(image.Rect(0, 0, 11, 5), ratio)
		for _, plane := range [][]byte{m.Y, m.Cb, m.Cr} {
			for i := range plane {
				plane[i] = byte(100 + 11*i%97)
			}
		}
		for y := range 5 {
			for x0 := range 5 {
				row := make([]byte, 3*(11-x0))
				jfif.copyRow(row, m, x0, y)
				for x := x0; x < 11; x++ {
					r, g, b, _ := m.YCbCrAt(x, y).RGBA()
					for c, want := range []uint32{r, g, b} {
						if d := int(row[3*(x-x0)+c]) - int(want>>8); d < -1 || d > 1 {
							t.Fatalf("%v: (%d, %d) from %d: %v", ratio, x, y, x0, row[3*(x-x0):][:3])
						}
					}
				}
			}
		}
	}
}
