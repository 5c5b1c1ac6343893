package cutting

import (
	"archive/tar"
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/gunzip"
)

// groupReader reads the samples of one tar.
type groupReader struct {
	path string
	f    *os.File
	in   *tail
	r    *tar.Reader
	head *tar.Header // of the member that comes next, if it was read already
	seen map[string]bool
	left []files.LeftOut
	most int64 // bytes of the pictures of one sample
}

func openTar(path string) (*groupReader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	g := &groupReader{path: path, f: f, in: &tail{r: f}, seen: map[string]bool{}, most: maxFile}
	g.r = tar.NewReader(seekingTail{g.in, f}) // which seeks over what is not read
	var magic [2]byte
	if n, _ := f.ReadAt(magic[:], 0); n == 2 && magic == [2]byte{0x1f, 0x8b} {
		z, err := gunzip.NewReader(bufio.NewReaderSize(f, 1<<20))
		if err != nil {
			f.Close()
			return nil, fmt.Errorf("%s: packed by gzip, and damaged: %w", path, err)
		}
		g.in = &tail{r: z}
		g.r = tar.NewReader(g.in)
	}
	return g, nil
}

// tail is a reader that remembers its last block. A whole tar ends in blocks of zeros; the decoder takes one that is cut
// between two members for whole.
type tail struct {
	r    io.Reader
	last []byte
}

const tarBlock = 512

func (t *tail) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	t.last = append(t.last, p[max(0, n-tarBlock):n]...)
	t.last = t.last[max(0, len(t.last)-tarBlock):]
	return n, err
}

func (t *tail) isZero() bool { return len(bytes.Trim(t.last, "\x00")) == 0 }

type seekingTail struct {
	*tail
	io.Seeker
}

func (g *groupReader) close() { g.f.Close() }

// splitName cuts the name of a member at the first dot of its last part.
func splitName(name string) (key, field string) {
	dir, base := path.Split(name)
	base, field, _ = strings.Cut(base, ".")
	return dir + base, field
}

// member is the next member that may belong to a sample.
func (g *groupReader) member() (*tar.Header, error) {
	if h := g.head; h != nil {
		g.head = nil
		return h, nil
	}
	for {
		h, err := g.r.Next()
		if err == io.EOF && !g.in.isZero() {
			return nil, fmt.Errorf("%s: cut short: it does not end in blocks of zeros", g.path)
		}
		if err == io.EOF {
			return nil, err
		}
		if err != nil {
			return nil, fmt.Errorf("%s: damaged tar: %w", g.path, err)
		}
		name := g.path + ":" + h.Name
		_, field := splitName(h.Name)
		switch hidden := strings.HasPrefix(path.Base(h.Name), ".") || strings.Contains("/"+h.Name, "/__MACOSX/"); {
		case h.Typeflag == tar.TypeDir:
		case hidden:
			g.left = append(g.left, files.LeftOut{Path: name, Reason: files.Hidden, Offset: files.NoOffset})
		case h.Typeflag != tar.TypeReg:
			g.left = append(g.left, files.LeftOut{Path: name, Reason: files.NotFile, Offset: files.NoOffset})
		case field == "":
			g.left = append(g.left, files.LeftOut{Path: name, Reason: NoField, Offset: files.NoOffset})
		default:
			return h, nil
		}
	}
}

// NoField is the reason to leave out a member of a tar whose name has no dot.
const NoField files.Reason = "no dot in the name"

// next reads the members of the next sample: the class and, if pictures is set, the picture.
func (g *groupReader) next(pictures bool) (*group, error) {
	const longestClass = 4096
	var sample *group
	var room int64 // for pictures
	for {
		h, err := g.member()
		if err == io.EOF && sample != nil {
			return sample, nil
		}
		if err != nil {
			return nil, err
		}
		key, field := splitName(h.Name)
		if sample != nil && key != sample.key {
			g.head = h
			return sample, nil
		}
		if sample == nil {
			sample = &group{key: key, has: map[string]bool{}, content: map[string][]byte{}, late: g.seen[key]}
			g.seen[key], room = true, g.most
		}
		if sample.has[field] {
			sample.again = field
		}
		sample.has[field], sample.fields = true, append(sample.fields, field)
		last := strings.ToLower(field[strings.LastIndexByte(field, '.')+1:])
		isPicture := slices.Contains(pictureFields, last)
		limit := int64(longestClass)
		if isPicture {
			limit = room
		}
		switch {
		case last != "cls" && !(pictures && isPicture):
			continue
		case h.Size > limit:
			sample.large, sample.limit = field, limit
			continue
		case isPicture:
			room -= h.Size
		}
		if sample.content[field], err = io.ReadAll(g.r); err != nil {
			return nil, fmt.Errorf("%s: %s: damaged tar: %w", g.path, h.Name, err)
		}
	}
}
