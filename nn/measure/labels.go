package measure

// Labels counts samples that have several labels, each of which holds or does
// not: 2 numbers of the whole in its vector, and 3 of each label.
type Labels struct {
	sums // samples, those with every label right, then of each label Is, Taken, Right
}

// NewLabels returns a measure for so many labels.
func NewLabels(labels int) *Labels { return &Labels{newSums(2 + 3*labels)} }

// Add counts a sample by the logits of its labels: one above 0, which is a
// probability of more than one half, says that the label holds. A target of one
// half or more says that it does.
func (m *Labels) Add(logits, targets []float32) {
	exact := true
	for j, x := range logits {
		is, taken := targets[j] >= 0.5, x > 0
		c := m.v[2+3*j:][:3]
		if is {
			c[0]++
		}
		if taken {
			c[1]++
		}
		if is && taken {
			c[2]++
		}
		exact = exact && is == taken
	}
	m.v[0]++
	if exact {
		m.v[1]++
	}
}

// Exact is the share of samples with every label right.
func (m *Labels) Exact() float64 { return m.v[1] / m.v[0] }

// Accuracy is the share of labels, of all samples, that are right.
func (m *Labels) Accuracy() float64 {
	labels := m.Classes()
	all := sum(labels)
	return 1 - (all.Is+all.Taken-2*all.Right)/(m.v[0]*float64(len(labels)))
}

// Classes returns what was counted of each label.
func (m *Labels) Classes() []Class { return classesOf(m.v[2:]) }

// MicroF1 is the F1 of all labels counted as one; Mean of Class.F1 is the macro one.
func (m *Labels) MicroF1() float64 { return sum(m.Classes()).F1() }
