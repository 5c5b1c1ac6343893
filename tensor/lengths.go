package tensor

import "fmt"

// same panics unless a slice of n values fits a destination of want.
func same(op string, want, n int) {
	if n != want {
		panic(fmt.Sprintf("tensor: %s: %d values for a destination of %d", op, n, want))
	}
}

// wholeRows panics unless n values make so many rows of one length.
func wholeRows(op string, rows, n int) {
	if rows == 0 && n > 0 || rows > 0 && n%rows != 0 {
		panic(fmt.Sprintf("tensor: %s: %d values for %d rows", op, n, rows))
	}
}

// sameAll panics unless all of x are as long as dst.
func sameAll(op string, dst []float32, x ...[]float32) {
	for _, s := range x {
		same(op, len(dst), len(s))
	}
}
