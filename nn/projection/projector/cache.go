package projector

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/rondo-ml/rondo/tensor"
)

// Cache is where layouts are kept, as many as there is room for; the zero Cache keeps none.
type Cache struct {
	Dir  string
	most int // layouts; 0: mostLayouts
}

// What is kept of all points together. Layouts are as large as their points are many.
const (
	mostLayouts     = 500
	mostLayoutBytes = 1 << 30
)

func (c Cache) path(key string) string { return filepath.Join(c.Dir, key+".layout") }

// read returns a layout from the cache: a line of JSON, then the numbers. A file that is not whole is none.
func (c Cache) read(key string, s Settings, n int) *Layout {
	if c.Dir == "" {
		return nil
	}
	b, err := readFile(c.path(key), mostBytes)
	if err != nil {
		return nil
	}
	head, body, _ := bytes.Cut(b, []byte("\n"))
	l := &Layout{}
	if json.Unmarshal(head, l) != nil || l.Settings != s {
		return nil
	}
	if l.Points, err = readBytes(body, []int{n, s.Dims}); err != nil || tensor.HasNonFinite(l.Points.Data) {
		return nil
	}
	l.Kept = true
	return l
}

// write keeps a layout. A cache that cannot be written to costs time alone.
func (c Cache) write(key string, l *Layout) {
	if c.Dir == "" || os.MkdirAll(c.Dir, 0o777) != nil {
		return
	}
	head, err := json.Marshal(l)
	if err != nil {
		return
	}
	f, err := os.CreateTemp(c.Dir, ".layout-*")
	if err != nil {
		return
	}
	_, err = f.Write(append(append(head, '\n'), bytesOf(l.Points)...))
	if closed := f.Close(); err != nil || closed != nil || os.Rename(f.Name(), c.path(key)) != nil {
		_ = os.Remove(f.Name())
		return
	}
	c.trim(c.path(key))
}

// trim removes the layouts that were written first, until few enough are left. The one that was just written stays.
func (c Cache) trim(newest string) {
	type kept struct {
		path    string
		size    int64
		written time.Time
	}
	var list []kept
	total := int64(0)
	paths, _ := filepath.Glob(c.path("*")) // the pattern is a right one
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && path != newest {
			list, total = append(list, kept{path, info.Size(), info.ModTime()}), total+info.Size()
		}
	}
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		return cmp.Or(a.written.Compare(b.written), strings.Compare(a.path, b.path)) < 0
	})
	for len(list) > 0 && (len(list) >= cmp.Or(c.most, mostLayouts) || total > mostLayoutBytes) {
		_ = os.Remove(list[0].path) // another process may have removed it
		list, total = list[1:], total-list[0].size
	}
}
