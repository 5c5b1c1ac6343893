package zoo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Cell is a small graph that a network of the kind cells repeats: nodes, each of
// which sums operations on what was made before it. Its text has "|" between nodes
// and "+" within them:
//
//	sep5x5 h + identity h | conv3x3 1 + max3x3 p
//
// h is what the cell before made, p what the one before that made, and 1, 2, … are
// nodes further left.
type Cell []CellNode

// CellNode is a sum of terms.
type CellNode []CellTerm

// CellTerm is an operation on one input.
type CellTerm struct {
	Operation string // one of CellOperations
	Input     int    // CellHere, CellBefore, or CellNodes and the node's place from 0 on
}

// The inputs of a term.
const (
	CellHere   = iota // h
	CellBefore        // p
	CellNodes         // the first node
)

// What the text of a cell may hold.
const (
	maxCellText  = 4096
	maxCellNodes = 16
	maxCellTerms = 8
)

// ParseCell reads the text of a cell. An error names the node and the term.
func ParseCell(text string) (Cell, error) {
	if len(text) > maxCellText {
		return nil, fmt.Errorf("%d bytes; at most %d are allowed", len(text), maxCellText)
	}
	nodes := strings.Split(text, "|")
	if len(nodes) > maxCellNodes {
		return nil, fmt.Errorf("%d nodes; at most %d are allowed", len(nodes), maxCellNodes)
	}
	var c Cell
	for i, node := range nodes {
		terms := strings.Split(node, "+")
		if len(terms) > maxCellTerms {
			return nil, fmt.Errorf("node %d: %d terms; at most %d are allowed", i+1, len(terms), maxCellTerms)
		}
		var sum CellNode
		for k, term := range terms {
			t, err := parseCellTerm(strings.Fields(term), i)
			if err != nil {
				return nil, fmt.Errorf("node %d, term %d: %w", i+1, k+1, err)
			}
			sum = append(sum, t)
		}
		c = append(c, sum)
	}
	return c, nil
}

// parseCellTerm reads a term of a node with so many nodes before it.
func parseCellTerm(words []string, before int) (t CellTerm, err error) {
	if len(words) != 2 {
		return t, fmt.Errorf("%q: want an operation and its input, as sep3x3 h", strings.Join(words, " "))
	}
	if cellOperations[words[0]] == nil {
		return t, fmt.Errorf("%q is no operation; there are %s", words[0], strings.Join(CellOperations(), ", "))
	}
	for input := range CellNodes + before {
		if words[1] == cellInput(input) {
			return CellTerm{words[0], input}, nil
		}
	}
	switch before {
	case 0:
		return t, fmt.Errorf("%q is no input; the first node reads h or p", words[1])
	case 1:
		return t, fmt.Errorf("%q is no input; there are h, p and 1", words[1])
	}
	return t, fmt.Errorf("%q is no input; there are h, p and 1 to %d", words[1], before)
}

// cellInput is an input as the text has it.
func cellInput(i int) string {
	switch i {
	case CellHere:
		return "h"
	case CellBefore:
		return "p"
	}
	return strconv.Itoa(i - CellNodes + 1)
}

func (t CellTerm) String() string { return t.Operation + " " + cellInput(t.Input) }

// String is the text that ParseCell reads.
func (c Cell) String() string {
	nodes := make([]string, len(c))
	for i, node := range c {
		terms := make([]string, len(node))
		for k, t := range node {
			terms[k] = t.String()
		}
		nodes[i] = strings.Join(terms, " + ")
	}
	return strings.Join(nodes, " | ")
}

// reads says whether a node reads an input.
func (c Cell) reads(input int) bool {
	return slices.ContainsFunc(c, func(n CellNode) bool {
		return slices.ContainsFunc(n, func(t CellTerm) bool { return t.Input == input })
	})
}

// Ends are the inputs that no node reads, but for p: their concatenation is what the
// cell makes. So no cell leaves out what the cell before made.
func (c Cell) Ends() (ends []int) {
	for input := range CellNodes + len(c) {
		if input != CellBefore && !c.reads(input) {
			ends = append(ends, input)
		}
	}
	return ends
}
