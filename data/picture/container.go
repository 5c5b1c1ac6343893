package picture

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"slices"
)

// Markers of a JPEG.
const (
	jpegSOI   = 0xd8
	jpegEOI   = 0xd9
	jpegAPP1  = 0xe1
	jpegAPP14 = 0xee
	jpegSOS   = 0xda
)

// mostScans bounds the scans of a progressive JPEG, each of which goes through all pixels and may have a few bytes: without a bound a
// small file takes hours. Encoders make some ten of them.
const mostScans = 500

// jpegScans is how many scans a JPEG has, up to its end or the end of the bytes. What stands behind it, such as a film, has none.
func jpegScans(b []byte) (n int) {
	for at := 2; at+4 <= len(b); {
		marker := b[at+1]
		switch {
		case b[at] != 0xff || marker == 0xff: // pixels, or a fill byte
			at++
		case marker <= 1 || marker >= 0xd0 && marker <= jpegSOI: // within pixels, or without a payload
			at += 2
		case marker == jpegEOI:
			return n
		default:
			if marker == jpegSOS {
				n++
			}
			at += 2 + int(binary.BigEndian.Uint16(b[at+2:]))
		}
	}
	return n
}

// jpegSegments calls each for the segments before the first scan, with the marker and the payload, until it is told to
// stop.
func jpegSegments(b []byte, each func(marker byte, payload []byte) (more bool)) {
	for at := 2; at+4 <= len(b) && b[at] == 0xff; {
		marker := b[at+1]
		if marker == 0xff { // a fill byte
			at++
			continue
		}
		end := at + 2 + int(binary.BigEndian.Uint16(b[at+2:]))
		if marker == jpegSOS || end < at+4 || end > len(b) || !each(marker, b[at+4:end]) {
			return
		}
		at = end
	}
}

// decodeJPEG decodes a JPEG. One of four channels without Adobe's marker is given one: it is inverted CMYK.
func decodeJPEG(b []byte) (image.Image, error) {
	if m, err := decodeBaseline(b); err == nil {
		return m, nil
	}
	if n := jpegScans(b); n > mostScans {
		return nil, fmt.Errorf("%d scans, and at most %d are decoded", n, mostScans)
	}
	channels, marked := 0, false
	jpegSegments(b, func(marker byte, payload []byte) bool {
		isFrame := marker >= 0xc0 && marker <= 0xc2
		if isFrame && len(payload) >= 6 {
			channels = int(payload[5])
		}
		marked = marked || marker == jpegAPP14 && bytes.HasPrefix(payload, []byte("Adobe"))
		return true
	})
	if channels == 4 && !marked {
		adobe := []byte{0xff, jpegAPP14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0}
		b = slices.Concat(b[:2], adobe, b[2:])
	}
	return jpeg.Decode(bytes.NewReader(b))
}

// jpegEXIF is the EXIF data of a JPEG.
func jpegEXIF(b []byte) (exif []byte) {
	jpegSegments(b, func(marker byte, payload []byte) bool {
		if rest, ok := bytes.CutPrefix(payload, []byte("Exif\x00\x00")); ok && marker == jpegAPP1 {
			exif = rest
		}
		return exif == nil
	})
	return exif
}

// pngEXIF is the EXIF data of a PNG.
func pngEXIF(b []byte) []byte {
	for at := 8; at+12 <= len(b); {
		n := int64(binary.BigEndian.Uint32(b[at:]))
		if n > int64(len(b)-at-12) {
			return nil
		}
		if string(b[at+4:at+8]) == "eXIf" {
			return b[at+8:][:n]
		}
		at += 12 + int(n)
	}
	return nil
}

// pngIsGrey says whether a PNG is grey, with alpha or without.
func pngIsGrey(b []byte) bool { return len(b) > 25 && (b[25] == 0 || b[25] == 4) }

// webpEXIF is the EXIF data of a WebP.
func webpEXIF(b []byte) []byte {
	for at := 12; at+8 <= len(b); {
		n := int64(binary.LittleEndian.Uint32(b[at+4:]))
		if n > int64(len(b)-at-8) {
			return nil
		}
		if string(b[at:at+4]) == "EXIF" {
			return bytes.TrimPrefix(b[at+8:][:n], []byte("Exif\x00\x00"))
		}
		at += 8 + int(n+n%2)
	}
	return nil
}

// decodeGIF decodes the first frame of a GIF. The decoder forgets the colour of the transparent pixels, so the file
// tells it that there are none.
func decodeGIF(b []byte) (image.Image, error) {
	b = bytes.Clone(b)
	if flags := gifTransparency(b); flags >= 0 {
		b[flags] &^= 1
	}
	return gif.Decode(bytes.NewReader(b))
}

// gifTransparency is the place of the flags of the last graphic control block before the first frame, or -1.
func gifTransparency(b []byte) int {
	flags := -1
	if len(b) < 13 {
		return flags
	}
	at := 13
	if b[10]&0x80 != 0 { // a palette of 2 to 256 colours
		at += 3 << (b[10]&7 + 1)
	}
	for at+3 < len(b) && b[at] == 0x21 {
		if b[at+1] == 0xf9 {
			flags = at + 3
		}
		for at += 2; at < len(b) && b[at] != 0; at += 1 + int(b[at]) {
		}
		at++
	}
	return flags
}

// orientation is the one that EXIF data give, 1 to 8, or 1 where they give none that can be read.
func orientation(exif []byte) int {
	if len(exif) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if string(exif[:2]) == "MM" {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(exif[4:]))
	if at+2 > int64(len(exif)) {
		return 1
	}
	entries := exif[at+2:]
	for range order.Uint16(exif[at:]) {
		const entry, tag, short = 12, 0x0112, 3
		if len(entries) < entry {
			return 1
		}
		if order.Uint16(entries) == tag && order.Uint16(entries[2:]) == short {
			return int(order.Uint16(entries[8:]))
		}
		entries = entries[entry:]
	}
	return 1
}
