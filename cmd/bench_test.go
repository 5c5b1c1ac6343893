package cmd

import (
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/rondo-ml/rondo/cmd/bench"
)

// TestBenchFields wants every field of --json in the page that says what they mean.
func TestBenchFields(t *testing.T) {
	page, err := os.ReadFile("../docs/bench/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var walk func(reflect.Type)
	walk = func(of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct {
			return
		}
		for i := range of.NumField() {
			f := of.Field(i)
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			if name == "-" {
				continue
			}
			if name == "" || !strings.Contains(string(page), name+"`") && !strings.Contains(string(page), name+".") && !strings.Contains(string(page), name+"[].") {
				t.Errorf("%v.%s: %q is not in docs/bench/README.md", of, f.Name, name)
			}
			walk(f.Type)
		}
	}
	walk(reflect.TypeFor[bench.Report]())
}

// TestReportText writes a table of made-up figures: aligned, and within 100 columns.
func TestReportText(t *testing.T) {
	p := bench.Pair{One: 1234.5, All: 98765.4}
	r := bench.Report{
		Machine: &bench.Machine{Processor: "A Processor", Arch: "amd64", Cores: 128, Quota: "128.5 of 256 cores by the quota of /sys/fs/cgroup", Tier: "avx512", Ceiling: p,
			Memory: bench.Memory{Read: p, Write: p, Copy: p, Update: p}},
		Kernels: []bench.Kernel{
			{Name: "weight gradient, one block", Shape: "(1*1024)x1024^T * x1024", Bound: "compute", GFLOPS: &p, Share: bench.Pair{One: 0.5, All: 1}},
			{Name: "exp", Shape: "x = exp(x)", Bound: "memory", GBytes: &p, Share: bench.Pair{One: 0.5, All: 1}},
		},
		Ring: &bench.Ring{Workers: 2, Transport: "unix", Sizes: []bench.RingSize{
			{Bytes: 4096, Micros: 20.04, Bus: 0.2}, {Bytes: 64 << 20, Micros: 93456, Bus: 0.71}, {Bytes: 1000, Micros: 999.96, Bus: 1}}},
	}
	text := reportText(r)
	for line := range strings.Lines(text) {
		if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 100 || strings.HasSuffix(line, " \n") {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	for _, want := range []string{"A Processor, amd64, 128 cores, kernels avx512\n", "128.5 of 256 cores by the quota of /sys/fs/cgroup\n\n", "1234.5", "98765.4", "50 %", "100 %",
		"4 KiB", "64 MiB", "1000 bytes", "20.0 µs", "93.46 ms", "unix sockets"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// A ring whose members do not get on in time is ended, and its error says for how long it was awaited.
func TestRingTakesTooLong(t *testing.T) {
	t.Setenv("RONDO_TEST_CHILD", "stay")
	b := &benching{work: workDir{path: t.TempDir()}}
	const most = 20 * time.Millisecond
	_, err := b.measureRing(t.Context(), 2, "unix", ringLoad{sizes: []int{4}, budget: (most - ringGrace) / 2})
	if err == nil || !strings.Contains(err.Error(), "is not measured within 20ms") {
		t.Errorf("error %v", err)
	}
}
