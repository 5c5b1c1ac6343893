package cifar

import (
	"errors"
	"fmt"
)

// An image is Side×Side pixels of Channels bytes.
const (
	Side     = 32
	Channels = 3
	pixels   = Side * Side * Channels
)

// Names10 are the classes of CIFAR-10 in the order of their numbers.
var Names10 = []string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}

// Format is one of the two layouts of a record.
type Format struct {
	Classes int // 10 or 100
	labels  int // bytes before the pixels; the last one is the class
}

// The two formats.
var (
	Ten     = Format{10, 1}
	Hundred = Format{100, 2}
)

// Record is the number of bytes of a record.
func (f Format) Record() int { return f.labels + pixels }

// Detect tells the format of a file by its length in bytes.
func Detect(length int64) (Format, error) {
	switch {
	case length == 0:
		return Format{}, errors.New("the file is empty")
	case length%int64(Ten.Record()) == 0:
		return Ten, nil
	case length%int64(Hundred.Record()) == 0:
		return Hundred, nil
	}
	return Format{}, fmt.Errorf("%d bytes are not a whole number of records, which have %d bytes (CIFAR-10) or %d (CIFAR-100)",
		length, Ten.Record(), Hundred.Record())
}

// Decode takes a record apart: it writes the pixels to image, [32, 32, 3], and returns the class.
func (f Format) Decode(image, record []byte) (class int, err error) {
	class = int(record[f.labels-1])
	if class >= f.Classes {
		return 0, fmt.Errorf("class %d, want one from 0 to %d", class, f.Classes-1)
	}
	planes := record[f.labels:f.Record()]
	for i := range Side * Side {
		for c := range Channels {
			image[Channels*i+c] = planes[Side*Side*c+i]
		}
	}
	return class, nil
}
