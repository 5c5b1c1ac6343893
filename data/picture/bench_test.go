package picture

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkFiles decodes the JPEGs in the folders of the directory that PICTURES names; see docs/bench/pictures.sh.
func BenchmarkFiles(b *testing.B) {
	paths, err := filepath.Glob(filepath.Join(os.Getenv("PICTURES"), "*", "*.jp*g"))
	if err != nil || os.Getenv("PICTURES") == "" || len(paths) == 0 {
		b.Skip("PICTURES names no directory of folders of JPEGs")
	}
	var files [][]byte
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		files = append(files, data)
	}
	for _, side := range []int{0, 224} {
		name := "decode"
		if side > 0 {
			name = "resize"
		}
		b.Run(name, func(b *testing.B) {
			began := processorTime()
			for i := range b.N {
				p, err := Decode(files[i%len(files)], 0)
				if err != nil {
					b.Fatal(err)
				}
				if side > 0 {
					p.ShortSide(side, Bilinear)
				}
				p.Free()
			}
			b.ReportMetric(float64(processorTime()-began)/float64(time.Millisecond)/float64(b.N), "cpu-ms/op")
		})
	}
}
