package kernel

import (
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
)

// lastBytes is memory behind which the process may not read: what goes beyond an end of its ends the test.
func lastBytes(t *testing.T) func(n int) []byte {
	t.Helper()
	page := os.Getpagesize()
	const pages = 64
	b, err := syscall.Mmap(-1, 0, (pages+1)*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(b) })
	if err := syscall.Mprotect(b[pages*page:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	return func(n int) []byte { return b[pages*page-n : pages*page : pages*page] }
}

// No kernel reads or writes behind the end of what it is given.
func TestReadsNothingBehind(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	row, from, cb, cr := lastBytes(t), lastBytes(t), lastBytes(t), lastBytes(t)
	for range 2000 {
		taps := 4 * (1 + r.IntN(4))
		old, now := taps+r.IntN(40), 1+r.IntN(40)
		Across(row(3*now), from(3*old), 3, weightsOf(r, old, now, taps))

		n := 1 + r.IntN(200)
		stride := n + r.IntN(9)
		Down(row(n), from((taps-1)*stride+n), stride, weightsOf(r, taps, 1, taps).Factor)

		RGB(row(3*n), from(n), cb(n), cr(n), false)
		RGB(row(3*n), from(n), cb((n+1)/2), cr((n+1)/2), true)

		var b [64]int32
		b[r.IntN(64)] = r.Int32N(1000)
		stride = 8 + r.IntN(9)
		Inverse(row(7*stride+8), stride, &b)
	}
}
