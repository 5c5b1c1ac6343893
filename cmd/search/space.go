package search

import (
	"cmp"
	"math"
	"sort"

	"github.com/rondo-ml/rondo/nn/zoo"
)

// Space is which pairs of cells there are, one that keeps the size of a map and one that halves it. Each node of either
// is the sum of two terms.
type Space struct {
	Nodes      int      // of a cell
	Operations []string // that a term may do, of zoo.CellOperations
}

// Terms of a node.
const terms = 2

// Cells are a pair of cells.
type Cells struct {
	Normal string `json:"normal"`
	Reduce string `json:"reduce"`
}

// Sets are the fields of a run file that make a network of the cells.
func (c Cells) Sets() []string {
	return []string{"model.normal=" + c.Normal, "model.reduce=" + c.Reduce}
}

// Choices is how many ways each decision has. By cell, node and term one decision is of the input and one of the
// operation.
func (s Space) Choices() (ways []int) {
	for range 2 {
		for node := range s.Nodes {
			for range terms {
				ways = append(ways, zoo.CellNodes+node, len(s.Operations))
			}
		}
	}
	return ways
}

// Size is the decimal logarithm of how many ways all decisions together have. Some of them are the same cells.
func (s Space) Size() float64 {
	sum := 0.0
	for _, n := range s.Choices() {
		sum += math.Log10(float64(n))
	}
	return sum
}

// Cells are what the decisions choose. The terms of a node are in an order of their own: a sum has none, and what is the
// same network is to be the same text.
func (s Space) Cells(choice []int) Cells {
	half := len(choice) / 2
	return Cells{s.cell(choice[:half]), s.cell(choice[half:])}
}

func (s Space) cell(choice []int) string {
	var c zoo.Cell
	for range s.Nodes {
		var node zoo.CellNode
		for range terms {
			node = append(node, zoo.CellTerm{Operation: s.Operations[choice[1]], Input: choice[0]})
			choice = choice[2:]
		}
		sort.SliceStable(node, func(i, j int) bool {
			a, b := node[i], node[j]
			return cmp.Or(cmp.Compare(a.Input, b.Input), cmp.Compare(a.Operation, b.Operation)) < 0
		})
		c = append(c, node)
	}
	return c.String()
}
