package measure

// Guesses keeps of each sample what it was taken for, and what that cost. The place of a sample is the order in which it
// was counted, lane by lane.
//
// The vector is that of one lane: how many samples there are, then two numbers for each that there is room for. Those of
// other lanes are kept by Merge, one behind the other.
type Guesses struct {
	classes, rows int
	v             []float64
	lanes         [][]float64 // that were merged
}

const guessNumbers = 2 // of a sample: 1 + target·classes + taken, or 0 without a target; the loss

// NewGuesses returns a measure of at most so many samples of a lane.
func NewGuesses(classes, rows int) *Guesses {
	return &Guesses{classes: classes, rows: rows, v: make([]float64, 1+guessNumbers*rows)}
}

// Vector returns the list.
func (m *Guesses) Vector() []float64 { return m.v }

// Bind makes v the list. It panics when the room differs.
func (m *Guesses) Bind(v []float64) {
	sameLength(len(m.v), len(v))
	m.v = v
}

// Add counts a sample; a negative target says that there is none in its place. What finds no room is let go.
func (m *Guesses) Add(target, taken int32, loss float64) {
	n := int(m.v[0])
	if n >= m.rows {
		return
	}
	at := 1 + guessNumbers*n
	m.v[at], m.v[at+1] = 0, 0
	if target >= 0 {
		m.v[at], m.v[at+1] = float64(1+int64(target)*int64(m.classes)+int64(taken)), loss
	}
	m.v[0]++
}

// Merge keeps the list of another lane, which may not change afterwards. It panics when the room differs.
func (m *Guesses) Merge(v []float64) {
	sameLength(len(m.v), len(v))
	m.lanes = append(m.lanes, v)
}

// Guess is what one sample was taken for.
type Guess struct {
	Lane, Place   int // the place is that of the sample among those of the lane
	Target, Taken int
	Loss          float64 // cross entropy, in nats
}

// Each calls f for all samples of the lanes that were merged, in the order of lanes and places.
func (m *Guesses) Each(f func(Guess)) {
	for lane, v := range m.lanes {
		for place := range min(int(v[0]), m.rows) {
			at := 1 + guessNumbers*place
			if key := int64(v[at]) - 1; key >= 0 && key < int64(m.classes)*int64(m.classes) {
				f(Guess{lane, place, int(key) / m.classes, int(key) % m.classes, v[at+1]})
			}
		}
	}
}
