package allreduce_test

import (
	"fmt"
	"sync"

	"github.com/rondo-ml/rondo/allreduce"
)

// Two workers sum one bucket over three lanes.
func Example() {
	view, err := allreduce.EvenView(1, 3, 2) // worker 0 owns lanes 0 and 1, worker 1 owns lane 2
	if err != nil {
		fmt.Println(err)
		return
	}
	lanes := [][]float32{{1, 2, 3, 4}, {10, 20, 30, 40}, {100, 200, 300, 400}}
	next, prev := allreduce.NewMemNetwork(0).Ring([]string{"a", "b"})

	sums := make([][]float32, 2)
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			g, err := allreduce.NewGroup(view, w, next[w], prev[w])
			if err != nil {
				fmt.Println(err)
				return
			}
			defer g.Close()
			lo, hi := view.LanesOf(w)
			sums[w] = make([]float32, 4)
			pending, err := g.AllReduce(1, 0, lanes[lo:hi], sums[w])
			if err != nil {
				fmt.Println(err)
				return
			}
			// The backward pass would go on here.
			if err := pending.Wait(); err != nil {
				fmt.Println(err)
			}
		})
	}
	wg.Wait()
	fmt.Println(sums[0])
	fmt.Println(sums[1])
	// Output:
	// [111 222 333 444]
	// [111 222 333 444]
}
