package inside

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // for the size of a picture
	_ "image/png"  // the same
	"io"
	"net/http"

	"github.com/rondo-ml/rondo/data/cutting"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/nn"
)

const (
	maxUpload    = 4 << 20  // bytes
	maxPicture   = 16 << 20 // pixels
	mostPictures = 8        // that are kept
)

// picture is one that was sent.
type picture struct {
	id    string
	bytes []byte
}

// takePicture keeps a picture that is sent. Its type is one that no form of another site can send.
func (d *Desk) takePicture(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, http.StatusMethodNotAllowed, errors.New("a picture is sent by POST"))
		return
	}
	if kind := r.Header.Get("Content-Type"); kind != "image/png" && kind != "image/jpeg" {
		refuse(w, http.StatusUnsupportedMediaType, fmt.Errorf("Content-Type %s: image/png or image/jpeg", short(kind)))
		return
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpload))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, fmt.Errorf("the picture has more than %d MiB, or did not come whole: make it smaller", maxUpload>>20))
		return
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(b))
	if err == nil && (size.Width < 1 || size.Height < 1 || size.Width > maxPicture/size.Height) {
		err = fmt.Errorf("%d×%d pixels, at most %d in all", size.Width, size.Height, maxPicture)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, fmt.Errorf("the picture: %w", err))
		return
	}
	sum := sha256.Sum256(b)
	id := hex.EncodeToString(sum[:16])
	d.keepPicture(id, b)
	writeJSON(w, http.StatusOK, map[string]string{"picture": id})
}

// keepPicture keeps a picture in the place of the one that was sent first.
func (d *Desk) keepPicture(id string, b []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i, p := range d.pictures {
		if p.id == id {
			d.pictures = append(d.pictures[:i], d.pictures[i+1:]...)
			break
		}
	}
	d.pictures = append(d.pictures, picture{id, b})
	d.pictures = d.pictures[max(0, len(d.pictures)-mostPictures):]
}

// uploaded is a picture that was sent, as a set of one sample of what the network reads.
func (n *network) uploaded(id string) (samples.Source, error) {
	var b []byte
	n.desk.mu.Lock()
	for _, p := range n.desk.pictures {
		if p.id == id {
			b = p.bytes
		}
	}
	n.desk.mu.Unlock()
	if b == nil {
		return nil, errors.New("this picture is not here any more; choose it again")
	}
	reads := n.p.Reads()
	if len(reads) != 1 {
		return nil, errors.New("the network reads more than a picture; look at samples of its data")
	}
	part := samples.Part{Name: reads[0].Name, Element: samples.Uint8, Shape: []int{samples.Varies, samples.Varies, 0}}
	holds, is := reads[0].Holds.(*nn.Images)
	if !is {
		return nil, errors.New("the network reads no pictures")
	}
	part.Shape[2] = holds.Channels
	if known := n.p.Part(part.Name); known != nil && len(known.Shape) == 3 && known.Element == samples.Uint8 {
		part = *known
	} else if n.p.Keeps(holds.Height, holds.Width) {
		part.Shape = []int{holds.Height, holds.Width, holds.Channels}
	}
	p, err := cutting.OnePicture(b, part, maxPicture)
	if err != nil {
		return nil, err
	}
	v := samples.Value{Shape: []int{p.Height, p.Width, p.Channels}, Data: p.Pixels}
	return &memorySet{samples.Schema{Parts: []samples.Part{part}}, []samples.Sample{{v}}}, nil
}
