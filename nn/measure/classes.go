package measure

import "math"

// Class is what was counted of one class, or one label.
type Class struct {
	Is    float64 // samples that belong to it
	Taken float64 // samples that were taken for it
	Right float64 // both
}

// Recall is the share of the class's samples that were taken for it: the accuracy of the class.
func (c Class) Recall() float64 { return c.Right / c.Is }

// Precision is the share of the samples taken for the class that belong to it.
func (c Class) Precision() float64 { return c.Right / c.Taken }

// F1 is the harmonic mean of precision and recall.
func (c Class) F1() float64 { return 2 * c.Right / (c.Is + c.Taken) }

// IoU is the intersection of both sets over their union, also called Jaccard index.
func (c Class) IoU() float64 { return c.Right / (c.Is + c.Taken - c.Right) }

// Mean is the mean of f over the classes for which it is a number: those that
// nothing belongs to and nothing was taken for are left out.
//
//	measure.Mean(m.Classes(), measure.Class.IoU)    // mean IoU
//	measure.Mean(m.Classes(), measure.Class.Recall) // balanced accuracy
func Mean(classes []Class, f func(Class) float64) float64 {
	sum, n := 0.0, 0.0
	for _, c := range classes {
		if v := f(c); !math.IsNaN(v) {
			sum, n = sum+v, n+1
		}
	}
	return sum / n
}

// Accuracy is the share of all samples that were taken for what they are, where
// each belongs to one class: of pixels, the pixel accuracy.
func Accuracy(classes []Class) float64 {
	all := sum(classes)
	return all.Right / all.Is
}

func sum(classes []Class) Class {
	var all Class
	for _, c := range classes {
		all.Is, all.Taken, all.Right = all.Is+c.Is, all.Taken+c.Taken, all.Right+c.Right
	}
	return all
}

// PerClass counts for each class how often it is right, in a vector of 3 numbers
// a class.
type PerClass struct {
	sums // of each class Is, Taken, Right
}

// NewPerClass returns a measure for samples, or pixels, of so many classes.
func NewPerClass(classes int) *PerClass { return &PerClass{newSums(3 * classes)} }

// Add counts a sample and what it was taken for. A negative target is not counted.
func (m *PerClass) Add(target, taken int32) {
	if target < 0 {
		return
	}
	m.v[3*target]++
	m.v[3*taken+1]++
	if target == taken {
		m.v[3*target+2]++
	}
}

// Classes returns what was counted of each class.
func (m *PerClass) Classes() []Class { return classesOf(m.v) }

func classesOf(v []float64) []Class {
	classes := make([]Class, len(v)/3)
	for c := range classes {
		classes[c] = Class{Is: v[3*c], Taken: v[3*c+1], Right: v[3*c+2]}
	}
	return classes
}
