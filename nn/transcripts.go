package nn

import (
	"fmt"
	"slices"
)

// Transcripts is what the sequences of a batch should be taken for where that is
// other sequences: so many symbols for each of its L*R rows. Symbol 0 is the
// blank of [Tape.CTC], which no transcript has.
type Transcripts struct {
	Lanes, Rows int // L and R
	Most        int // symbols that a transcript has room for
	Symbols     int // V: how many there are, the blank included; 0: nobody said

	// Longer says that transcripts of more than Most symbols are taken too. No path leads to one of them, so it is for
	// losses that leave such rows out ([CTCOptions].ZeroInfinity), and for what is measured beside them.
	Longer bool

	Symbol []int32 // [L*R, Most], each in [1, V)
	Length []int32 // [L*R], each in [0, Most] unless Longer; negative where there is nothing to predict
	Count  int     // transcripts of the whole global batch; see Loss.Total

	long [][]int32 // [L*R]: of a row whose Length is above Most, its transcript, which nobody writes to
}

// NewTranscripts returns room for one batch of the shape. There is nothing to
// predict in any row.
func NewTranscripts(s Shape, most int) *Transcripts {
	k := &Transcripts{Lanes: s.Lanes, Rows: s.Rows, Most: most,
		Symbol: make([]int32, s.Lanes*s.Rows*most), Length: make([]int32, s.Lanes*s.Rows), long: make([][]int32, s.Lanes*s.Rows)}
	for i := range k.Length {
		k.Length[i] = -1
	}
	return k
}

// Set sets the transcript of row i. It returns an error when it has no room.
func (k *Transcripts) Set(i int, symbols []int32) error {
	if len(symbols) > k.Most {
		if !k.Longer {
			return fmt.Errorf("nn: a transcript of %d symbols; the batch has room for %d", len(symbols), k.Most)
		}
		k.long[i], k.Length[i] = slices.Clone(symbols), int32(len(symbols))
		return nil
	}
	k.Length[i] = int32(copy(k.Symbol[i*k.Most:(i+1)*k.Most], symbols))
	return nil
}

// Clone returns a copy that shares nothing.
func (k *Transcripts) Clone() *Transcripts {
	c := *k
	c.Symbol, c.Length, c.long = slices.Clone(k.Symbol), slices.Clone(k.Length), slices.Clone(k.long)
	return &c
}

// CopyFrom takes over what another batch of the same shape holds.
func (k *Transcripts) CopyFrom(other *Transcripts) {
	k.Count = other.Count
	copy(k.Symbol, other.Symbol)
	copy(k.Length, other.Length)
	copy(k.long, other.long)
}

// Of returns the transcript of row i; nil where there is nothing to predict.
func (k *Transcripts) Of(i int) []int32 {
	switch n := int(k.Length[i]); {
	case n < 0:
		return nil
	case n > k.Most:
		return k.long[i]
	}
	return k.Symbol[i*k.Most:][:k.Length[i]]
}

// Check returns an error unless every symbol lies in [1, symbols).
func (k *Transcripts) Check(symbols int) error {
	for i, n := range k.Length {
		if int(n) > k.Most && !k.Longer {
			return fmt.Errorf("nn: the transcript of row %d has %d symbols; the batch has room for %d", i, n, k.Most)
		}
		for j, x := range k.Of(i) {
			if x < 1 || int(x) >= symbols {
				return fmt.Errorf("nn: symbol %d of the transcript of row %d is %d; take one in [1, %d), as 0 is the blank", j, i, x, symbols)
			}
		}
	}
	return nil
}

// StepsOf returns the fewest time steps that a transcript can be read from: one
// for each symbol, and one for a blank between two that are equal.
func StepsOf(transcript []int32) int {
	n := len(transcript)
	for i := 1; i < len(transcript); i++ {
		if transcript[i] == transcript[i-1] {
			n++
		}
	}
	return n
}
