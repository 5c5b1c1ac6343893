package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/webp"
)

// ErrNotPicture is in the chain of errors about bytes that are no picture of a known format.
var ErrNotPicture = errors.New("not a JPEG, PNG, GIF or WebP picture")

// DefaultMaxPixels is the limit of width times height unless told otherwise: 8192×8192.
const DefaultMaxPixels = 1 << 26

// smallPixels is how many pixels any file may claim: no memory worth the name.
const smallPixels = 1 << 20

// format is a kind of file.
type format struct {
	name   string
	is     func(b []byte) bool
	config func(r io.Reader) (image.Config, error)
	decode func(b []byte) (image.Image, error)
	exif   func(b []byte) []byte // the EXIF data in the file, or nil

	// packing is the most pixels that a byte can stand for.
	packing int64

	colours ycbcr // where the format has such
}

var formats = []format{
	// One bit a block of 64 pixels: a progressive scan of the means.
	{"JPEG", prefix("\xff\xd8\xff"), jpeg.DecodeConfig, decodeJPEG, jpegEXIF, 512, jfif},
	// Eight pixels of one bit in a byte, 1032 of which deflate packs into one.
	{"PNG", prefix("\x89PNG\r\n\x1a\n"), png.DecodeConfig, decoder(png.Decode), pngEXIF, 8 * 1032, jfif},
	// A code of twelve bits stands for 4096 pixels at most.
	{"GIF", prefix("GIF8"), gif.DecodeConfig, decodeGIF, nil, 2731, jfif},
	// A lossless picture of one colour has no bits for its pixels at all, so this is a matter of taste.
	{"WebP", isWebP, webp.DecodeConfig, decoder(webp.Decode), webpEXIF, 1 << 14, video},
}

func prefix(magic string) func([]byte) bool {
	return func(b []byte) bool { return bytes.HasPrefix(b, []byte(magic)) }
}

func isWebP(b []byte) bool {
	return len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP"
}

func decoder(decode func(io.Reader) (image.Image, error)) func([]byte) (image.Image, error) {
	return func(b []byte) (image.Image, error) { return decode(bytes.NewReader(b)) }
}

// Decode decodes a picture of at most maxPixels pixels; 0 means DefaultMaxPixels. An error says what is wrong with the
// bytes; it is an [ErrNotPicture] if they are of no known format.
func Decode(b []byte, maxPixels int64) (*Picture, error) {
	return decodeTo(b, maxPixels, format.colour)
}

// colour makes pixels of an image that was decoded of b.
func (f format) colour(b []byte, img image.Image, size image.Config) (*Picture, error) {
	p, err := pixelsOf(img, size.Width, size.Height, f.colours)
	if err != nil {
		return nil, err
	}
	if f.name == "PNG" && pngIsGrey(b) {
		p = firstChannel(p)
	}
	return p, nil
}

// decodeTo decodes a picture, has pixels made of it, and turns it upright.
func decodeTo(b []byte, maxPixels int64, pixels func(format, []byte, image.Image, image.Config) (*Picture, error)) (p *Picture, err error) {
	f, err := detect(b)
	if err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil { // the decoders are other people's
			p, err = nil, fmt.Errorf("damaged %s: %v", f.name, r)
		}
	}()
	if maxPixels == 0 {
		maxPixels = DefaultMaxPixels
	}
	size, err := f.config(bytes.NewReader(b))
	if err != nil {
		return nil, f.damaged(err)
	}
	if err := f.justified(size, int64(len(b)), maxPixels); err != nil {
		return nil, err
	}
	img, err := f.decode(b)
	if err != nil {
		return nil, f.damaged(err)
	}
	p, err = pixels(f, b, img, size)
	freeImage(img)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	if f.exif != nil {
		p = p.upright(orientation(f.exif(b)))
	}
	return p, nil
}

// Known says whether the first bytes of a file, 16 or more if it has so many, are those of a picture, and else what they
// are: an [ErrNotPicture].
func Known(head []byte) error {
	_, err := detect(head)
	return err
}

// others are files that people take for pictures, or that are some, told by bytes from a place on.
var others = []struct {
	at          int
	magic, name string
}{
	{0, "\x1f\x8b", "packed by gzip"}, {0, "BM", "BMP"}, {0, "II*\x00", "TIFF"}, {0, "MM\x00*", "TIFF"},
	{4, "ftyphei", "HEIC"}, {4, "ftyphevc", "HEIC"}, {4, "ftypmif1", "HEIF"}, {4, "ftypmsf1", "HEIF"}, {4, "ftypavi", "AVIF"},
	{0, "\xff\x0a", "JPEG XL"}, {4, "JXL ", "JPEG XL"}, {4, "jP  ", "JPEG 2000"}, {0, "%PDF", "PDF"}, {0, "<", "HTML or XML"},
}

// detect tells the format by the first bytes.
func detect(b []byte) (format, error) {
	for _, f := range formats {
		if f.is(b) {
			return f, nil
		}
	}
	for _, other := range others {
		if len(b) > other.at && bytes.HasPrefix(b[other.at:], []byte(other.magic)) {
			return format{}, fmt.Errorf("%w: it is %s", ErrNotPicture, other.name)
		}
	}
	if len(b) == 0 {
		return format{}, fmt.Errorf("%w: it is empty", ErrNotPicture)
	}
	return format{}, fmt.Errorf("%w: it begins with % x", ErrNotPicture, b[:min(8, len(b))])
}

// justified refuses sizes that no memory should be spent on.
func (f format) justified(size image.Config, length, maxPixels int64) error {
	pixels := int64(size.Width) * int64(size.Height)
	switch {
	case size.Width < 1 || size.Height < 1 || size.Width > 1<<20 || size.Height > 1<<20:
		return fmt.Errorf("%s: a picture of %d×%d pixels", f.name, size.Width, size.Height)
	case pixels > maxPixels:
		return fmt.Errorf("%s: %d×%d pixels by its header, the limit is %d pixels", f.name, size.Width, size.Height, maxPixels)
	case pixels > max(smallPixels, f.packing*length):
		return fmt.Errorf("%s: %d×%d pixels by its header, and its %d bytes cannot hold so many", f.name, size.Width, size.Height, length)
	}
	return nil
}

// damaged words the error of a decoder.
func (f format) damaged(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("damaged %s: cut short", f.name)
	}
	return fmt.Errorf("damaged %s: %w", f.name, err)
}
