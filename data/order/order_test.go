package order

import (
	"fmt"
	"slices"
	"testing"
)

// Every item stands at one place.
func TestPermutation(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 4, 5, 15, 16, 17, 255, 256, 257, 1000, 65537} {
		for epoch := range 3 {
			o, seen := New(7, epoch, n), make([]bool, n)
			for i := range n {
				x := o.At(i)
				if x < 0 || x >= n || seen[x] {
					t.Fatalf("%d items, epoch %d: place %d has item %d, which is out of range or elsewhere too", n, epoch, i, x)
				}
				seen[x] = true
			}
		}
	}
}

// All 24 orders of four items are about as frequent, over many epochs and over
// many seeds.
func TestUniform(t *testing.T) {
	const draws = 24000
	for name, make := range map[string]func(i int) Order{
		"epochs": func(i int) Order { return New(3, i, 4) },
		"seeds":  func(i int) Order { return New(uint64(i)*0x9e3779b97f4a7c15, 0, 4) },
	} {
		count := map[[4]int]int{}
		for i := range draws {
			o := make(i)
			count[[4]int{o.At(0), o.At(1), o.At(2), o.At(3)}]++
		}
		chi := 0.0
		for _, c := range count {
			d := float64(c) - draws/24
			chi += d * d / (draws / 24)
		}
		// 23 degrees of freedom: above 58 in one of ten thousand. The draws are fixed.
		if len(count) != 24 || chi > 58 {
			t.Errorf("%s: %d of 24 orders, chi-square %.1f", name, len(count), chi)
		}
	}
}

// Neighbours do not stay neighbours, and epochs have orders of their own.
func TestLooksRandom(t *testing.T) {
	const n = 10000
	a, b := New(1, 0, n), New(1, 1, n)
	neighbours, same := 0, 0
	for i := range n - 1 {
		if d := a.At(i+1) - a.At(i); d == 1 || d == -1 {
			neighbours++
		}
		if a.At(i) == b.At(i) {
			same++
		}
	}
	if neighbours > 12 || same > 8 { // 2 and 1 are expected
		t.Errorf("%d neighbours stay so, %d places have one item in both epochs", neighbours, same)
	}
}

// The order is fixed for good: runs depend on it.
func TestOrderForGood(t *testing.T) {
	var got []int
	o := New(1, 2, 10)
	for i := range 10 {
		got = append(got, o.At(i))
	}
	got = append(got, New(1<<40, 1<<33, 1<<40).At(12345))
	if want := []int{8, 2, 5, 6, 4, 3, 7, 9, 1, 0, 42678234755}; !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}

func TestOutOfRangePanics(t *testing.T) {
	for name, f := range map[string]func(){
		"place":  func() { New(1, 0, 3).At(3) },
		"before": func() { New(1, 0, 3).At(-1) },
		"items":  func() { New(1, 0, -1) },
		"epoch":  func() { New(1, -1, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func ExampleNew() {
	shuffled := New(1, 0, 5)
	for i := range 5 {
		fmt.Print(shuffled.At(i), " ")
	}
	// Output: 0 4 2 3 1
}

func BenchmarkAt(b *testing.B) {
	o := New(1, 0, 60000)
	for i := 0; b.Loop(); i++ {
		o.At(i % 60000)
	}
}
