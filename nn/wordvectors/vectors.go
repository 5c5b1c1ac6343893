package wordvectors

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/rondo-ml/rondo/nn/portable"
	"github.com/rondo-ml/rondo/nn/projection"
	"github.com/rondo-ml/rondo/tensor"
)

// Texts are texts by the numbers of their words, each from 0 to Vocabulary-1.
type Texts struct {
	Vocabulary int
	Words      [][]int32
}

// Vectors are vectors of the words of a vocabulary.
type Vectors struct {
	Table tensor.Matrix // [vocabulary, width]: a row for each word, a column for each direction, the main one first
	Share float64       // of the variance of the texts, what these directions have: from 0 to 1
}

// meanSquare is that of an element of U(-0.1, 0.1).
const meanSquare = 0.1 * 0.1 / 3

// PCA gives each word a vector of width numbers: see the package. It is an error where a number is no word's, or where
// the texts differ in fewer directions.
func PCA(pool *tensor.Pool, texts Texts, width int) (*Vectors, error) {
	if err := texts.check(width); err != nil {
		return nil, err
	}
	idf := texts.idf()
	c := projection.SparsePCA(pool, texts.shares(idf), width)
	if n := directions(c); n < width {
		return nil, fmt.Errorf("vectors of %d numbers: the texts differ in %d directions", width, n)
	}
	v := &Vectors{Table: tensor.NewMatrix(texts.Vocabulary, width)}
	for _, variance := range c.Variance {
		v.Share += variance / c.Total
	}
	for w := range texts.Vocabulary {
		for k, axis := range c.Axes {
			v.Table.Row(w)[k] = float32(idf[w] * axis[w])
		}
	}
	v.scale()
	return v, nil
}

// directions is in how many of the components the texts differ by more than rounding.
func directions(c *projection.Components) (n int) {
	const rounding = 1e-12
	for _, variance := range c.Variance {
		if variance > rounding*c.Total {
			n++
		}
	}
	return n
}

// check says why there are no such vectors.
func (t Texts) check(width int) error {
	for i, words := range t.Words {
		for _, w := range words {
			if w < 0 || int(w) >= t.Vocabulary {
				return fmt.Errorf("text %d has word %d of a vocabulary of %d", i, w, t.Vocabulary)
			}
		}
	}
	if most := min(t.Vocabulary, len(t.Words)-1); width < 1 || width > most {
		return fmt.Errorf("vectors of %d numbers: %d texts of %d words have from 1 to %d directions", width, len(t.Words), t.Vocabulary, max(most, 0))
	}
	return nil
}

// idf is the logarithm of how many texts there are to one that has the word: 0 for a word that every text has, or none.
func (t Texts) idf() []float64 {
	having, last := make([]int, t.Vocabulary), make([]int, t.Vocabulary)
	for i, words := range t.Words {
		for _, w := range words {
			if last[w] != i+1 {
				having[w]++
				last[w] = i + 1
			}
		}
	}
	idf := make([]float64, t.Vocabulary)
	for w, n := range having {
		if n > 0 {
			idf[w] = portable.Log(float64(len(t.Words)) / float64(n))
		}
	}
	return idf
}

// shares are the texts as points.
func (t Texts) shares(idf []float64) *tensor.Sparse {
	x := tensor.NewSparse(t.Vocabulary)
	for _, words := range t.Words {
		counts := map[int32]float64{}
		for _, w := range words {
			counts[w]++
		}
		columns := slices.Sorted(maps.Keys(counts))
		values := make([]float64, len(columns))
		for k, w := range columns {
			values[k] = idf[w] * counts[w] / float64(len(words))
		}
		x.Add(columns, values)
	}
	return x
}

// scale makes the mean square of an element that of a new embedding.
func (v *Vectors) scale() {
	sum := 0.0
	for _, e := range v.Table.Data {
		sum += float64(e) * float64(e)
	}
	by := math.Sqrt(meanSquare * float64(len(v.Table.Data)) / sum)
	for i, e := range v.Table.Data {
		v.Table.Data[i] = float32(float64(e) * by)
	}
}
