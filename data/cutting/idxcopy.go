package cutting

import (
	"encoding/binary"
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

// batchBytes is about the size of a batch but the last; at least one image.
const batchBytes = 512 << 10

// copyImages writes the images of one file. Reading, which unpacks, and writing, which hashes, go on at the same time.
func (o IDXOptions) copyImages(out *output, book *journal, s idxSource, shape []int, p *progress) error {
	x, f, err := openOne(s.images)
	if err != nil {
		return err
	}
	// Batches go round: one is written, one is read, one waits.
	batches, free, stop, stopped := make(chan imageBatch, 1), make(chan []byte, 3), make(chan struct{}), make(chan struct{})
	for range cap(free) {
		free <- make([]byte, max(1, batchBytes/x.Size())*x.Size())
	}
	go func() {
		defer close(stopped)
		readImages(x, batches, free, stop)
	}()
	defer func() {
		close(stop)
		<-stopped
		f.Close()
	}()
	turned := make([]byte, x.Size())
	base := filepath.Base(s.images)
	class := make([]byte, 4)
	sample := samples.Sample{{Shape: shape}, {Shape: []int{}, Data: class}}
	for i := 0; ; {
		batch := <-batches
		images := batch.images
		for ; len(images) > 0 && i < len(s.labels); i++ {
			sample[0].Data, images = images[:x.Size()], images[x.Size():]
			if o.Transpose {
				transpose(turned, sample[0].Data, s.shape)
				sample[0].Data = turned
			}
			binary.LittleEndian.PutUint32(class, uint32(s.labels[i]))
			if err := out.addNumbered(s.held, base, i, sample); err != nil {
				return err
			}
			p.step()
		}
		if err := book.uploaded(out.shards()); err != nil {
			return err
		}
		switch {
		case batch.err == io.EOF && i == len(s.labels) && len(images) == 0:
			return nil
		case batch.err == io.EOF || len(images) > 0:
			return fmt.Errorf("%s changed while it was read", s.images)
		case batch.err != nil:
			return fmt.Errorf("%s: %w", s.images, batch.err)
		}
		free <- batch.images[:cap(batch.images)]
	}
}

// readImages sends all images of x in batches, in the memory that is free, until the first error or until stop.
func readImages(x *idx.Reader, batches chan<- imageBatch, free <-chan []byte, stop <-chan struct{}) {
	for {
		var b imageBatch
		select {
		case b.images = <-free:
		case <-stop:
			return
		}
		var n int
		n, b.err = x.Read(b.images)
		b.images = b.images[:n*x.Size()]
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
