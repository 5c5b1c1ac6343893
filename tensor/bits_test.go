package tensor

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strings"
	"testing"
)

// bitsForGood is a line for each kernel: the first 64 bits of the SHA-256 of its results on fixed operands, and its name.
// These bits are the same for every tier, number of goroutines, processor and architecture, and for good: a changed line
// breaks the promise that a run can be repeated. A new kernel adds lines.
//
//go:embed testdata/bits.txt
var bitsForGood []byte

// everyKernel prepares a run of many kernels, which gives put the results of each under its name.
type everyKernel func(t testing.TB, p *Pool, put func(name string, x []float32)) (run func())

// requireBits compares the results of all kernels with the lines of bitsForGood that begin with section, on every tier.
func requireBits(t *testing.T, section string, every everyKernel) {
	t.Helper()
	want := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(bitsForGood)); lines.Scan(); {
		hash, name, _ := strings.Cut(lines.Text(), " ")
		if strings.HasPrefix(name, section+" ") {
			want[name] = hash
		}
	}
	p := NewPool(3)
	defer p.Close()
	eachTier(t, func(t *testing.T) {
		seen := map[string]bool{}
		every(t, p, func(name string, x []float32) {
			name = section + " " + name
			var words []byte
			for _, v := range x {
				words = binary.LittleEndian.AppendUint32(words, math.Float32bits(v))
			}
			sum := sha256.Sum256(words)
			if got := hex.EncodeToString(sum[:8]); got != want[name] {
				t.Errorf("the bits are\n%s %s\nnot %s", got, name, want[name])
			}
			if seen[name] {
				t.Errorf("two kernels are called %q", name)
			}
			seen[name] = true
		})()
		for name := range want {
			if !seen[name] {
				t.Errorf("nothing has computed %q", name)
			}
		}
	})
}

// requireNoAllocations runs the kernels again and again.
func requireNoAllocations(t *testing.T, every everyKernel) {
	t.Helper()
	for size := 1; size <= 3; size++ {
		p := NewPool(size)
		run := every(t, p, func(string, []float32) {})
		// A goroutine that is interrupted for the first time while it holds its buffers makes another take some of its
		// own, so a pool may grow late. It does so once for each goroutine, and not for ever.
		n := testing.AllocsPerRun(5, run)
		for tries := 0; n > 0 && tries < 2*size; tries++ {
			n = testing.AllocsPerRun(5, run)
		}
		if n > 0 {
			t.Errorf("%v allocations on %d goroutines, again and again", n, size)
		}
		p.Close()
	}
}

// words is the two halves of a float64.
func words(v float64) []float32 {
	b := math.Float64bits(v)
	return []float32{math.Float32frombits(uint32(b)), math.Float32frombits(uint32(b >> 32))}
}

func everyProduct(_ testing.TB, p *Pool, put func(name string, x []float32)) func() {
	return func() {
		s := source{Seed: 18}
		c, a, b := product(&s, 19, 333, 70)
		var w Panels
		w.Pack(p, b.Matrix)
		p.MatMulAdd(c.Matrix, a.Matrix, &w)
		put("MatMulAdd", copyOf(c.Matrix).Data)
		d := NewMatrix(333, 70)
		p.MatMulTransAdd(d, AllRows(a.Matrix), AllRows(c.Matrix))
		put("MatMulTransAdd", d.Data)
		sums := make([]float32, 70)
		p.ColumnSumAdd(sums, AllRows(c.Matrix))
		put("ColumnSumAdd", sums)
		x := d.Data[:5000]
		everyFunction(x, a.Data[:5000], put)
		SoftmaxRow(x, x)
		put("SoftmaxRow", x)
		m, v := make([]float32, len(x)), make([]float32, len(x))
		for step := 1; step < 5; step++ {
			AdamStep(x, m, v, a.Data[:len(x)], NewAdamCoeffs(step, 1e-3, 0.9, 0.999, 1e-8, 0.1))
			SGDStep(x, m, v, 0.1, 0.9, 0.01)
			Axpy(x, 0.3, m)
		}
		put("AdamStep, SGDStep and Axpy in turn", x)
	}
}

// everyFunction computes functions of x, or of x and a, which it leaves as they are.
func everyFunction(x, a []float32, put func(name string, x []float32)) {
	y := make([]float32, len(x))
	for _, f := range []struct {
		name string
		call func()
	}{
		{"Exp", func() { Exp(y, x) }}, {"Sigmoid", func() { Sigmoid(y, x) }}, {"Tanh", func() { Tanh(y, x) }},
		{"Erf", func() { Erf(y, x) }}, {"GELU", func() { GELU(y, x) }}, {"SiLU", func() { SiLU(y, x) }},
		{"GELUBack", func() { GELUBack(y, a, x) }}, {"SiLUBack", func() { SiLUBack(y, a, x) }},
		{"TanhBack", func() { TanhBack(y, a, x) }}, {"SigmoidBack", func() { SigmoidBack(y, a, x) }},
		{"ReLU", func() { Rectify(y, x, ReLU) }}, {"ReLU6", func() { Rectify(y, x, ReLU6) }},
		{"ReLU6 back", func() { RectifyBack(y, a, x, ReLU6) }},
		{"Add", func() { Add(y, a, x) }}, {"Mul", func() { Mul(y, a, x) }}, {"Scale", func() { Scale(y, x, 0.3) }},
		{"SubtractFrom", func() { SubtractFrom(y, x, 0.3) }}, {"SoftmaxBackRow", func() { SoftmaxBackRow(y, a, x) }},
		{"ByteNoise", func() { ByteNoise(y, 0.1, [2]uint32{1, 2}, [4]uint32{3, 4, 5, 6}) }},
		{"Normal", func() {
			for i := range uint32(5000) {
				y[i] = Normal([2]uint32{3, i}, [4]uint32{i, 1, 2, 3})
			}
		}},
	} {
		copy(y, a)
		f.call()
		put(f.name, y)
	}
	put("SumSquares", words(SumSquares(x)))
	put("LogSumExp", words(LogSumExp(x)))
	put("Dot", words(Dot(x, a)))
	put("Maximum", []float32{Maximum(x)})
}

// everyUpdate is the functions that change several slices at a time.
func everyUpdate(_ testing.TB, _ *Pool, put func(name string, x []float32)) func() {
	return func() {
		const n = 1000
		for _, f := range []struct {
			name string
			call func(x [gateSlices][]float32)
		}{
			{"AddMul", func(x [gateSlices][]float32) { AddMul(x[0], x[1], x[2]) }},
			{"Mix", func(x [gateSlices][]float32) { Mix(x[0], x[1], x[2], x[3]) }},
			{"SumOfProducts", func(x [gateSlices][]float32) { SumOfProducts(x[0], x[1], x[2], x[3], x[4]) }},
			{"LSTMBack", func(x [gateSlices][]float32) { LSTMBack(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]) }},
			{"PeepholeBack", func(x [gateSlices][]float32) {
				PeepholeBack(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10])
			}},
			{"GRUBack", func(x [gateSlices][]float32) { GRUBack(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]) }},
			{"MixBack", func(x [gateSlices][]float32) { MixBack(x[0], x[1], x[2], x[3]) }},
			{"ResetBack", func(x [gateSlices][]float32) { ResetBack(x[0], x[1], x[2], x[3]) }},
			{"TanhSlope", func(x [gateSlices][]float32) { TanhSlope(x[0], x[1]) }},
			{"AdamStep", func(x [gateSlices][]float32) {
				Mul(x[2], x[2], x[2]) // means of squares
				for step := 1; step < 5; step++ {
					AdamStep(x[0], x[1], x[2], x[3], NewAdamCoeffs(step, 1e-3, 0.9, 0.999, 1e-8, 0.1))
				}
			}},
			{"SGDStep", func(x [gateSlices][]float32) {
				for range 4 {
					SGDStep(x[0], x[1], x[2], 0.1, 0.9, 0.01)
				}
			}},
		} {
			s := source{Seed: 20}
			all := make([]float32, gateSlices*n)
			s.Fill(all)
			var x [gateSlices][]float32
			for i := range x {
				x[i] = all[i*n : (i+1)*n]
			}
			f.call(x)
			put(f.name, all)
		}
	}
}

// gateSlices is the most slices that a function takes.
const gateSlices = 11

func TestBitsForGood(t *testing.T) {
	requireBits(t, "plain", everyProduct)
	requireBits(t, "update", everyUpdate)
}

func TestImageBitsForGood(t *testing.T) { requireBits(t, "image", everyImageKernel) }

func TestWinogradBitsForGood(t *testing.T) { requireBits(t, "winograd", everyWinograd) }

func TestImageKernelsAllocateNothing(t *testing.T) { requireNoAllocations(t, everyImageKernel) }

func TestWinogradAllocatesNothing(t *testing.T) { requireNoAllocations(t, everyWinograd) }
