package picture

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func read(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func decode(t testing.TB, name string) *Picture {
	t.Helper()
	p, err := Decode(read(t, name), 0)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return p
}

// A red square in every colour model and coding is red.
func TestRed(t *testing.T) {
	for _, name := range []string{"red.jpg", "red-progressive.jpg", "red-cmyk.jpg", "red-cmyk-unmarked.jpg", "red-ycck.jpg", "red.webp"} {
		p := decode(t, name)
		if p.Height != 16 || p.Width != 16 || p.Channels != 3 {
			t.Errorf("%s: %d×%d×%d", name, p.Height, p.Width, p.Channels)
		}
		for i, want := range bytes.Repeat([]byte{255, 0, 0}, 256) {
			if d := int(p.Pixels[i]) - int(want); d < -8 || d > 8 {
				t.Errorf("%s: pixel %d is %v", name, i/3, p.Pixels[i/3*3:][:3])
				break
			}
		}
	}
	if p := decode(t, "red-grey.jpg"); p.Channels != 1 || p.Pixels[0] != 76 {
		t.Errorf("grey: %d channels, %d", p.Channels, p.Pixels[0])
	}
}

// Lossless pictures have exactly the colours that are stored, whatever their alpha.
func TestLossless(t *testing.T) {
	for _, c := range []struct {
		name     string
		channels int
		pixels   []byte
	}{
		{"palette-alpha.png", 3, []byte{17, 34, 51, 68, 85, 102}},
		{"grey-1.png", 1, []byte{255, 0, 255, 255, 0, 0, 255, 0}},
		{"grey-2.png", 1, []byte{0, 85, 170, 255}},
		{"grey-4.png", 1, []byte{0, 255}},
		{"grey-16.png", 1, []byte{0, 0, 0, 1, 1, 1, 1, 2, 127, 128, 254, 255, 255}},
		{"rgb-16.png", 3, []byte{1, 255, 2}},
		{"rgba-16.png", 3, []byte{1, 255, 2}},
		{"rgb-trns.png", 3, []byte{1, 2, 3, 4, 5, 6}},
		{"rgba.png", 3, []byte{1, 2, 3, 4, 5, 6}},
		{"grey-alpha.png", 1, []byte{9, 200}},
		{"interlaced.png", 1, []byte{1, 2, 3, 4}},
		{"transparent.gif", 3, []byte{255, 0, 0, 17, 34, 51, 17, 34, 51, 255, 0, 0}},
		{"lossless.webp", 3, []byte{1, 2, 3, 250, 128, 7}},
		{"alpha.webp", 3, []byte{1, 2, 3, 250, 128, 7}},
	} {
		if p := decode(t, c.name); p.Channels != c.channels || !slices.Equal(p.Pixels, c.pixels) {
			t.Errorf("%s: %d channels, %v, want %d, %v", c.name, p.Channels, p.Pixels, c.channels, c.pixels)
		}
	}
}

// However a picture is stored, it comes out upright.
func TestUpright(t *testing.T) {
	for i := range 9 {
		checkUpright(t, fmt.Sprintf("upright-%d.jpg", i), 3) // 0 has no EXIF
	}
	checkUpright(t, "upright-6.png", 0)
	checkUpright(t, "upright-6.webp", 0)
}

func checkUpright(t *testing.T, name string, noise int) {
	t.Helper()
	p := decode(t, name)
	if p.Height != 16 || p.Width != 24 {
		t.Errorf("%s: %d×%d, want 24×16", name, p.Width, p.Height)
		return
	}
	for y := range 16 {
		for x := range 24 {
			if d := int(p.row(y)[x*p.Channels]) - (10*x + y); d < -noise || d > noise {
				t.Errorf("%s: (%d, %d) is off by %d", name, x, y, d)
				return
			}
		}
	}
}

// A bad orientation, or EXIF that cannot be read, leaves a picture as it is.
func TestOrientation(t *testing.T) {
	exif := func(order binary.AppendByteOrder, mark string, value uint16) []byte {
		b := append([]byte(mark), 0, 0)
		order.(binary.ByteOrder).PutUint16(b[2:], 42)
		b = order.AppendUint32(b, 8)
		b = order.AppendUint16(b, 2)
		b = append(b, make([]byte, 12)...)
		b = order.AppendUint16(b, 0x0112)
		b = order.AppendUint16(b, 3)
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, value)
		return append(b, 0, 0)
	}
	little, big := exif(binary.LittleEndian, "II", 6), exif(binary.BigEndian, "MM", 8)
	for _, c := range []struct {
		name string
		exif []byte
		want int
	}{
		{"little-endian", little, 6}, {"big-endian", big, 8}, {"none", nil, 1}, {"cut", little[:25], 1},
		{"far away", append([]byte("II*\x00\xff\xff\xff\x7f"), little[8:]...), 1},
	} {
		if got := orientation(c.exif); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	p := &Picture{Height: 1, Width: 2, Channels: 1, Pixels: []byte{1, 2}}
	for _, bad := range []int{-1, 0, 1, 9, 65535} {
		if p.upright(bad) != p {
			t.Errorf("orientation %d turns the picture", bad)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	jpg, png := read(t, "upright-1.jpg"), read(t, "interlaced.png")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(jpg)
	z.Close()
	for _, c := range []struct {
		name string
		b    []byte
		not  bool // a picture at all
		want string
	}{
		{"empty", nil, true, "it is empty"},
		{"text", []byte("hello, world"), true, "it begins with 68 65 6c"},
		{"gzip", packed.Bytes(), true, "packed by gzip"},
		{"BMP", []byte("BM\x46\x00\x00\x00"), true, "it is BMP"},
		{"a telephone's", []byte("\x00\x00\x00\x24ftypheic\x00\x00\x00\x00"), true, "it is HEIC"},
		{"AVIF", []byte("\x00\x00\x00\x20ftypavif\x00\x00\x00\x00"), true, "it is AVIF"},
		{"JPEG XL in a container", []byte("\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a"), true, "it is JPEG XL"},
		{"as short as a magic", []byte("\x00\x00\x00\x24"), true, "it begins with 00 00 00 24"},
		{"half a JPEG", jpg[:len(jpg)/2], false, "damaged JPEG: cut short"},
		{"half a PNG", png[:len(png)/2], false, "damaged PNG: cut short"},
		{"a flipped bit", flipped(png), false, "damaged PNG"},
		{"60,000×60,000 PNG", read(t, "huge.png"), false, "60000×60000 pixels by its header, the limit is"},
		{"60,000×60,000 JPEG", hugeJPEG(jpg, 60000), false, "60000×60000 pixels by its header, the limit is"},
		{"7,000×7,000 JPEG", hugeJPEG(jpg, 7000), false, "cannot hold so many"},
	} {
		_, err := Decode(c.b, 0)
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, ErrNotPicture) != c.not {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := Decode(jpg, 24*16-1); err == nil || !strings.Contains(err.Error(), "24×16 pixels by its header, the limit is 383") {
		t.Errorf("a limit: %v", err)
	}
	// Two bytes too many before a marker are passed over, as other decoders do.
	at := bytes.Index(jpg, []byte{0xff, 0xda})
	if _, err := Decode(slices.Concat(jpg[:at], []byte{1, 2}, jpg[at:]), 0); err != nil {
		t.Errorf("bytes before a marker: %v", err)
	}
}

func flipped(b []byte) []byte {
	b = bytes.Clone(b)
	b[len(b)-20] ^= 1
	return b
}

// hugeJPEG is a JPEG whose header claims another size.
func hugeJPEG(b []byte, side int) []byte {
	b = bytes.Clone(b)
	at := bytes.Index(b, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(b[at+5:], uint16(side))
	binary.BigEndian.PutUint16(b[at+7:], uint16(side))
	return b
}

// A header costs no memory beyond what the bytes can hold.
func TestHeadersCostNoMemory(t *testing.T) {
	for _, b := range [][]byte{read(t, "huge.png"), hugeJPEG(read(t, "upright-1.jpg"), 65500), hugeJPEG(read(t, "upright-1.jpg"), 8000)} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Decode(b, 1<<40); err == nil {
			t.Error("decoded")
		}
		runtime.ReadMemStats(&after)
		if spent := after.TotalAlloc - before.TotalAlloc; spent > 1<<20 {
			t.Errorf("%d bytes allocated for a file of %d", spent, len(b))
		}
	}
}

// FuzzDecode feeds any bytes, PNG checksums mended: an error or a picture of the size that it says.
func FuzzDecode(f *testing.F) {
	names, err := filepath.Glob("testdata/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		if b, err := os.ReadFile(name); err == nil && len(b) < 1000 {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := DecodeMask(mended(b), 1<<20); err == nil && (m.Channels != 1 || len(m.Pixels) != m.Height*m.Width) {
			t.Fatalf("a mask of %d×%d×%d with %d pixels", m.Height, m.Width, m.Channels, len(m.Pixels))
		}
		p, err := Decode(mended(b), 1<<20)
		if err != nil {
			return
		}
		if len(p.Pixels) != p.Height*p.Width*p.Channels || p.Height*p.Width > 1<<20 {
			t.Fatalf("%d×%d×%d with %d bytes", p.Height, p.Width, p.Channels, len(p.Pixels))
		}
	})
}

// mended is a PNG with the checksums that its chunks should have, or other bytes as they are.
func mended(b []byte) []byte {
	b = bytes.Clone(b)
	if !prefix("\x89PNG\r\n\x1a\n")(b) {
		return b
	}
	for at := 8; at+12 <= len(b); {
		n := int64(binary.BigEndian.Uint32(b[at:]))
		if n > int64(len(b)-at-12) {
			break
		}
		end := at + 8 + int(n)
		binary.BigEndian.PutUint32(b[end:], crc32.ChecksumIEEE(b[at+4:end]))
		at = end + 4
	}
	return b
}

// A scan of a few bytes goes through all pixels, so that a file of many would take hours.
func TestScansWithoutEnd(t *testing.T) {
	frame := []byte{0xff, 0xc2, 0, 11, 8, 0x20, 0, 0x20, 0, 1, 1, 0x11, 0} // progressive, 8192×8192, grey
	table := append([]byte{0xff, 0xc4, 0, 20, 0x10, 1}, make([]byte, 15)...)
	table = append(table, 0xe0) // one code of AC: the end of 16384 blocks and more
	scan := []byte{0xff, 0xda, 0, 8, 1, 1, 0, 1, 63, 1}
	for range 32 {
		scan = append(scan, 0x7e, 0x7e, 0x7e, 0x7e)
	}
	head := slices.Concat([]byte{0xff, 0xd8}, frame, table)
	if _, err := Decode(slices.Concat(head, bytes.Repeat(scan, 1000), []byte{0xff, 0xd9}), 0); err == nil || !strings.Contains(err.Error(), "1000 scans, and at most 500") {
		t.Error(err)
	}
	thumbnail := slices.Concat([]byte{0xff, 0xe1, 0, byte(2 + len(scan))}, scan)
	film := bytes.Repeat(scan, 1000) // behind the end, as some phones have it
	if n := jpegScans(slices.Concat([]byte{0xff, 0xd8}, thumbnail, frame, table, scan, []byte{0xff, 0xd3, 7, 0xff, 0, 0xff}, scan, []byte{0xff, 0xd9}, film)); n != 2 {
		t.Errorf("%d scans, want 2", n)
	}
}
