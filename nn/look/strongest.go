package look

import (
	"cmp"
	"slices"
)

// Place is where a channel was found strong.
type Place struct {
	Sample int // of the data set
	Y, X   int
	Value  float32
}

// Strongest keeps, for each channel of a layer, the places of the samples where it was strongest: one place a sample, so
// that a single picture does not take them all.
type Strongest struct {
	Keep   int
	Places [][]Place // by channel, the strongest first
}

// NewStrongest is for so many channels, and so many places of each.
func NewStrongest(channels, keep int) *Strongest {
	return &Strongest{Keep: keep, Places: make([][]Place, channels)}
}

// See takes what a layer yields for a sample. NaN counts as nothing. Of equal values the earlier sample stays.
func (s *Strongest) See(sample int, m Maps) {
	for channel := range s.Places {
		best, found := Place{}, false
		for p := range m.Height * m.Width {
			v := m.Values[p*m.Channels+channel]
			if v == v && (!found || v > best.Value) {
				best, found = Place{sample, p / m.Width, p % m.Width, v}, true
			}
		}
		if found {
			s.put(channel, best)
		}
	}
}

func (s *Strongest) put(channel int, p Place) {
	list := s.Places[channel]
	at, _ := slices.BinarySearchFunc(list, p, func(a, b Place) int {
		return cmp.Or(cmp.Compare(b.Value, a.Value), cmp.Compare(a.Sample, b.Sample))
	})
	if at >= s.Keep {
		return
	}
	list = slices.Insert(list, at, p)
	s.Places[channel] = list[:min(len(list), s.Keep)]
}
