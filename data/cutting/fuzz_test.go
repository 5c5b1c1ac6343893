package cutting

import (
	"archive/tar"
	"bytes"
	"io"
	"testing"

	"github.com/rondo-ml/rondo/data/packed"
)

// FuzzTar feeds any bytes as a tar: an error, or samples that are decoded or say why not.
func FuzzTar(f *testing.F) {
	f.Add(archive(f, tar.FormatPAX, member{"a.png", square(2, 1)}, member{"a.cls", []byte("1")}, member{"b.cls", []byte("1")}))
	f.Add(archive(f, tar.FormatGNU, member{"d/", nil}, member{"d/._x.png", []byte("x")}))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := &tail{r: bytes.NewReader(b)}
		g := &groupReader{path: "x.tar", in: in, r: tar.NewReader(in), seen: map[string]bool{}}
		opts := PictureOptions{MaxPixels: 1 << 16}
		for {
			sample, err := g.next(true)
			if err != nil {
				return
			}
			class, noClass := sample.class()
			field, noPicture := sample.picture()
			if noClass != nil || noPicture != nil {
				continue
			}
			p, err := opts.decode(sample.content[field])
			if err != nil {
				continue
			}
			if s, err := opts.samples(p, nil, 0, class); err == nil && len(s[0][0].Data) != p.Height*p.Width*p.Channels {
				t.Fatalf("%v with %d bytes", s[0][0].Shape, len(s[0][0].Data))
			}
		}
	})
}

// FuzzRows feeds any bytes as a table: rows come to an end, and those without a problem can be stored.
func FuzzRows(f *testing.F) {
	f.Add([]byte("a,b\n\"c\"\"\n\",d\n"), true)
	f.Add([]byte("a\tb\tc\n\n\x00\t\xff\n"), false)
	f.Fuzz(func(t *testing.T, b []byte, commas bool) {
		r, err := packed.NewReader(bytes.NewReader(b))
		if err != nil {
			return
		}
		next := tabRows(io.LimitReader(r, 1<<20), columns{at: [columnKinds][]int{textColumn: {0}, classColumn: {1}}})
		if commas {
			next = commaRows(io.LimitReader(r, 1<<20))
		}
		for last := 0; ; {
			fields, line, err := next()
			if err != nil {
				return
			}
			if line <= last || len(fields) == 0 {
				t.Fatalf("line %d after %d, with %d fields", line, last, len(fields))
			}
			last = line
		}
	})
}
