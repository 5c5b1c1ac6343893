package picture

import (
	"encoding/binary"
	"errors"
	"image"
)

// errNotBaseline is the answer to whatever this decoder leaves to the general one: other kinds of JPEG, and damage.
var errNotBaseline = errors.New("not a plain baseline JPEG")

// baseline decodes the most frequent kind of JPEG: sequential, of 8 bits, coded by Huffman's method in one scan, grey or
// YCbCr with chroma subsampled by 1 or 2 along each side (ITU-T T.81). It is some four times as fast as the general
// decoder on a processor with AVX2, and its pixels are those of libjpeg's accurate integer transform, in this release and
// later ones.
type baseline struct {
	b             []byte
	width, height int
	quant         [4][64]int32 // by place in the zigzag order; 0 at place 0 where there is no table
	dc, ac        [4]*huffman
	components    []component
	restart       int // MCUs between restart markers, or 0
	bits          bitReader
}

// component is one plane.
type component struct {
	id, table byte
	h, v      int // blocks of it in an MCU
	dc, ac    *huffman
	quant     *[64]int32
	last      int32 // DC of the block before
	pix       []byte
	stride    int
}

// decodeBaseline decodes a JPEG, or says errNotBaseline.
func decodeBaseline(b []byte) (image.Image, error) {
	d := &baseline{b: b}
	at, err := d.headers()
	if err != nil {
		return nil, err
	}
	img := d.planes()
	d.bits.b = b[at:]
	if err := d.scan(); err != nil {
		freeImage(img)
		return nil, err
	}
	return img, nil
}

// headers reads all segments up to the scan, and gives the place of its data.
func (d *baseline) headers() (at int, err error) {
	for at = 2; ; {
		if at+4 > len(d.b) || d.b[at] != 0xff {
			return 0, errNotBaseline
		}
		marker := d.b[at+1]
		end := at + 2 + int(binary.BigEndian.Uint16(d.b[at+2:]))
		if end < at+4 || end > len(d.b) {
			return 0, errNotBaseline
		}
		payload := d.b[at+4 : end]
		at = end
		ok := true
		switch {
		case marker == 0xc0 || marker == 0xc1:
			ok = d.components == nil && d.frame(payload)
		case marker == 0xc4:
			ok = d.huffmanTables(payload)
		case marker == 0xdb:
			ok = d.quantTables(payload)
		case marker == 0xdd:
			if ok = len(payload) == 2; ok {
				d.restart = int(binary.BigEndian.Uint16(payload))
			}
		case marker == jpegSOS:
			if !d.scanHeader(payload) {
				return 0, errNotBaseline
			}
			return at, nil
		case marker == jpegAPP14 && len(payload) >= 12 && string(payload[:5]) == "Adobe":
			ok = payload[11] == 1 // YCbCr
		case marker >= 0xe0 && marker <= 0xef || marker == 0xfe: // for programs, and a comment
		default:
			ok = false
		}
		if !ok {
			return 0, errNotBaseline
		}
	}
}

func (d *baseline) frame(p []byte) bool {
	if len(p) < 6 || p[0] != 8 {
		return false
	}
	d.height, d.width = int(binary.BigEndian.Uint16(p[1:])), int(binary.BigEndian.Uint16(p[3:]))
	n := int(p[5])
	if d.height == 0 || d.width == 0 || n != 1 && n != 3 || len(p) != 6+3*n {
		return false
	}
	for i := range n {
		c := component{id: p[6+3*i], h: int(p[7+3*i] >> 4), v: int(p[7+3*i] & 15), table: p[8+3*i]}
		if c.table > 3 || c.h < 1 || c.h > 2 || c.v < 1 || c.v > 2 || i > 0 && (c.h != 1 || c.v != 1) {
			return false
		}
		for _, other := range d.components {
			if other.id == c.id {
				return false
			}
		}
		d.components = append(d.components, c)
	}
	if n == 1 {
		d.components[0].h, d.components[0].v = 1, 1 // blocks of a scan of one component follow one another
		return true
	}
	return d.components[0].id != 'R' // three channels that are no YCbCr
}

func (d *baseline) quantTables(p []byte) bool {
	for ; len(p) >= 65; p = p[65:] {
		if p[0] > 3 {
			return false // of 16 bits, or none
		}
		for i, v := range p[1:65] {
			d.quant[p[0]][i] = int32(v)
		}
	}
	return len(p) == 0
}

func (d *baseline) huffmanTables(p []byte) bool {
	for len(p) >= 17 {
		class, number := p[0]>>4, p[0]&15
		n := 0
		for _, count := range p[1:17] {
			n += int(count)
		}
		if class > 1 || number > 3 || n > 256 || len(p) < 17+n {
			return false
		}
		table, ok := newHuffman([16]byte(p[1:17]), p[17:17+n])
		if !ok {
			return false
		}
		if class == 0 {
			d.dc[number] = table
		} else {
			d.ac[number] = table
		}
		p = p[17+n:]
	}
	return len(p) == 0
}

// scanHeader wants all components in one scan, in their order.
func (d *baseline) scanHeader(p []byte) bool {
	n := len(d.components)
	if n == 0 || len(p) != 4+2*n || int(p[0]) != n || p[1+2*n] != 0 || p[2+2*n] != 63 || p[3+2*n] != 0 {
		return false
	}
	for i := range d.components {
		c := &d.components[i]
		dc, ac := p[2+2*i]>>4, p[2+2*i]&15
		if p[1+2*i] != c.id || dc > 3 || ac > 3 || d.dc[dc] == nil || d.ac[ac] == nil || d.quant[c.table][0] == 0 {
			return false
		}
		c.dc, c.ac, c.quant = d.dc[dc], d.ac[ac], &d.quant[c.table]
	}
	return true
}

// planes makes the planes of the picture, in whole MCUs.
func (d *baseline) planes() image.Image {
	r := image.Rect(0, 0, d.width, d.height)
	first := &d.components[0]
	mcusX, mcusY := d.mcus()
	whole := image.Rect(0, 0, 8*first.h*mcusX, 8*first.v*mcusY)
	if len(d.components) == 1 {
		m := &image.Gray{Pix: memory(whole.Dx() * whole.Dy()), Stride: whole.Dx(), Rect: whole}
		first.pix, first.stride = m.Pix, m.Stride
		return m.SubImage(r)
	}
	ratio := [2][2]image.YCbCrSubsampleRatio{
		{image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio440}, {image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420},
	}[first.h-1][first.v-1]
	m := newPlanes(whole, ratio, image.Rect(0, 0, 8*mcusX, 8*mcusY))
	first.pix, first.stride = m.Y, m.YStride
	d.components[1].pix, d.components[1].stride = m.Cb, m.CStride
	d.components[2].pix, d.components[2].stride = m.Cr, m.CStride
	return m.SubImage(r)
}

// mcus is how many MCUs lie beside one another, and above.
func (d *baseline) mcus() (x, y int) {
	w, h := 8*d.components[0].h, 8*d.components[0].v
	return (d.width + w - 1) / w, (d.height + h - 1) / h
}

// scan decodes all blocks.
func (d *baseline) scan() error {
	mcusX, mcusY := d.mcus()
	left := d.restart
	number := byte(0)
	for my := range mcusY {
		for mx := range mcusX {
			if d.restart > 0 {
				if left == 0 {
					if !d.bits.restart(number) {
						return errNotBaseline
					}
					number, left = (number+1)&7, d.restart
					for i := range d.components {
						d.components[i].last = 0
					}
				}
				left--
			}
			for i := range d.components {
				c := &d.components[i]
				for y := range c.v {
					for x := range c.h {
						pix := c.pix[8*(my*c.v+y)*c.stride+8*(mx*c.h+x):]
						if !d.bits.block(c, pix) {
							return errNotBaseline
						}
					}
				}
			}
		}
	}
	if !d.bits.atEnd() {
		return errNotBaseline
	}
	return nil
}
