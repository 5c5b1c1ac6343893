package probe

import "github.com/rondo-ml/rondo/tensor"

// What numbers are counted for.
const (
	useFolds uint32 = iota
	useLabels
	useResamples
)

// shuffled is 0 to n-1 in an order of chance: one for each seed, use and draw.
func shuffled(n int, seed uint64, use, draw uint32) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	key := [2]uint32{uint32(seed), uint32(seed >> 32)}
	for i := range n - 1 {
		words := tensor.Philox(key, [4]uint32{uint32(i), draw, use, 0x70726f62})
		k := i + int((uint64(words[0])<<32|uint64(words[1]))%uint64(n-i))
		order[i], order[k] = order[k], order[i]
	}
	return order
}

// drawn picks k texts by chance, of each class one at least.
func drawn(positive []bool, k int, seed uint64, use, draw uint32) []int {
	order := shuffled(len(positive), seed, use, draw)
	first := order[:k]
	same := true
	for _, row := range first {
		same = same && positive[row] == positive[first[0]]
	}
	for i := k; same && i < len(order); i++ {
		if positive[order[i]] != positive[first[0]] {
			first[k-1] = order[i]
			break
		}
	}
	return first
}
