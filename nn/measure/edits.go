package measure

import "slices"

// Edits counts the edits that make sequences of symbols right: 4 numbers.
type Edits struct {
	sums // edits, symbols, sequences that need edits, sequences
	row  []int
}

// NewEdits returns a measure of sequences.
func NewEdits() *Edits { return &Edits{sums: newSums(4)} }

// Add counts a sequence and what was read.
func (m *Edits) Add(target, read []int32) {
	if len(m.row) < len(read)+1 {
		m.row = make([]int, len(read)+1)
	}
	edits := distance(m.row[:len(read)+1], target, read)
	m.v[0] += float64(edits)
	m.v[1] += float64(len(target))
	if edits > 0 {
		m.v[2]++
	}
	m.v[3]++
}

// Rate is the edits for each symbol of the targets: the character error rate
// where symbols are characters, the word error rate where they are words. It may
// exceed 1.
func (m *Edits) Rate() float64 { return m.v[0] / m.v[1] }

// SequenceRate is the share of sequences that are not all right.
func (m *Edits) SequenceRate() float64 { return m.v[2] / m.v[3] }

// Distance is the least number of symbols that must be inserted, left out or
// replaced to make one sequence of the other (Levenshtein).
func Distance(a, b []int32) int { return distance(make([]int, len(b)+1), a, b) }

// distance works in a row of len(b)+1: row[j] is the distance of the first
// symbols of a, as many as were looked at, from the first j of b.
func distance(row []int, a, b []int32) int {
	if slices.Equal(a, b) {
		return 0
	}
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range b {
			replace := diagonal
			if x != y {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
