package cifar

import (
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	for _, f := range []Format{Ten, Hundred} {
		record := make([]byte, f.Record())
		record[f.labels-1] = 7
		planes := record[f.labels:]
		planes[33], planes[1024+33], planes[2048+33] = 1, 2, 3 // row 1, column 1
		image := make([]byte, pixels)
		class, err := f.Decode(image, record)
		at := (32 + 1) * 3
		if err != nil || class != 7 || image[at] != 1 || image[at+1] != 2 || image[at+2] != 3 {
			t.Errorf("%d classes: class %d, pixel %v, %v", f.Classes, class, image[at:at+3], err)
		}
		record[f.labels-1] = byte(f.Classes)
		if _, err := f.Decode(image, record); err == nil || !strings.Contains(err.Error(), "want one from 0 to") {
			t.Errorf("%d classes: %v", f.Classes, err)
		}
	}
}

func TestDetect(t *testing.T) {
	for _, c := range []struct {
		length int64
		want   Format
	}{{30730000, Ten}, {3073, Ten}, {3074 * 50000, Hundred}, {3074, Hundred}, {0, Format{}}, {30729999, Format{}}, {100, Format{}}} {
		if got, err := Detect(c.length); got != c.want || (err == nil) != (c.want != Format{}) {
			t.Errorf("%d bytes: %+v, %v", c.length, got, err)
		}
	}
}
