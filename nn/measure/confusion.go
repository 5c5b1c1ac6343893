package measure

// Confusion counts which class was taken for which, in a vector of [classes, classes].
type Confusion struct {
	sums
	classes int
}

// NewConfusion returns a measure for samples, or pixels, of so many classes.
func NewConfusion(classes int) *Confusion {
	return &Confusion{newSums(classes * classes), classes}
}

// Add counts a sample and what it was taken for. A negative target is not counted.
func (m *Confusion) Add(target, taken int32) {
	if target >= 0 {
		m.v[int(target)*m.classes+int(taken)]++
	}
}

// Count returns how many samples of the class target were taken for class taken.
func (m *Confusion) Count(target, taken int) int64 { return int64(m.v[target*m.classes+taken]) }

// Classes returns what was counted of each class.
func (m *Confusion) Classes() []Class {
	classes := make([]Class, m.classes)
	for target := range classes {
		for taken := range classes {
			n := m.v[target*m.classes+taken]
			classes[target].Is += n
			classes[taken].Taken += n
			if target == taken {
				classes[target].Right += n
			}
		}
	}
	return classes
}
