package cutting

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/rondo-ml/rondo/data/idx"
	"github.com/rondo-ml/rondo/data/samples"
)

// imageBatch is consecutive images of one file, unpacked while those before are written.
type imageBatch struct {
	images []byte
	err    error // after the last whole image; io.EOF at the end
}

// batchBytes is the least size of a batch but the last.
const batchBytes = 512 << 10

// copyImages writes the images of one file. Reading, which unpacks, and writing, which hashes, go on at the same time.
func (o IDXOptions) copyImages(out *output, s idxSource, shape []int, p *progress) error {
	x, f, err := openOne(s.images)
	if err != nil {
		return err
	}
	batches, stop, stopped := make(chan imageBatch, 2), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		readImages(x, batches, stop)
	}()
	defer func() {
		close(stop)
		<-stopped
		f.Close()
	}()
	turned := make([]byte, x.Size())
	base := filepath.Base(s.images)
	for i := 0; ; {
		batch := <-batches
		for ; len(batch.images) > 0 && i < len(s.labels); i++ {
			image := batch.images[:x.Size()]
			batch.images = batch.images[x.Size():]
			if o.Transpose {
				transpose(turned, image, s.shape)
				image = turned
			}
			sample := samples.Sample{{Shape: shape, Data: image}, samples.Class(int(s.labels[i]))}
			if err := out.add(s.held, fmt.Sprintf("%s/%d", base, i), sample); err != nil {
				return err
			}
			p.step()
		}
		switch {
		case batch.err == io.EOF && i == len(s.labels) && len(batch.images) == 0:
			return nil
		case batch.err == io.EOF || len(batch.images) > 0:
			return fmt.Errorf("%s changed while it was read", s.images)
		case batch.err != nil:
			return fmt.Errorf("%s: %w", s.images, batch.err)
		}
	}
}

// readImages sends all images of x in batches, until the first error or until stop.
func readImages(x *idx.Reader, batches chan<- imageBatch, stop <-chan struct{}) {
	for {
		var b imageBatch
		for len(b.images) < batchBytes {
			at := len(b.images)
			b.images = append(b.images, make([]byte, x.Size())...)
			if b.err = x.Next(b.images[at:]); b.err != nil {
				b.images = b.images[:at]
				break
			}
		}
		select {
		case batches <- b:
		case <-stop:
			return
		}
		if b.err != nil {
			return
		}
	}
}
