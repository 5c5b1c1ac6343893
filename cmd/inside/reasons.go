package inside

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/worker"
)

// mostAnswers is for how many answers it is told what words do to them.
const mostAnswers = 5

// Reasons is what a network says of a text, and what of the text makes it say so.
type Reasons struct {
	Answers []Reason     `json:"answers"` // the one that is asked about first, then the likeliest
	Words   []PushedWord `json:"pushed"`  // those that do most to the first answer, first
}

// Reason is what symbols do to an answer.
type Reason struct {
	Number int         `json:"number"`
	Name   string      `json:"name"`
	Value  float64     `json:"value"` // the probability of a class, or the number that the network gives
	Pushes []look.Push `json:"-"`     // by symbol
}

// PushedWord is a word of a text and what it does to the answers, at all its places together.
type PushedWord struct {
	Word  string    `json:"word"`
	First int       `json:"first"` // the symbol where it comes first
	Times int       `json:"times"`
	By    []float64 `json:"by"` // for each answer
}

// ReasonsOf is what a network says of the text that a sequence has read, at a step, for the answer of that number and the likeliest
// ones; -1: for these alone.
func ReasonsOf(p *worker.Predictor, s *look.Sequence, w Written, step, wanted int) (r Reasons, err error) {
	logits := slices.Clone(s.Out.Value().Row(step))
	isClass := AnswersClass(p)
	for _, number := range answersOf(logits, isClass, wanted) {
		a := Reason{Number: number, Name: AnswerName(p, number), Value: float64(finite(logits[number]))}
		if isClass {
			a.Value = probability(logits, number)
		}
		if a.Pushes, err = s.Pushes(look.Answer{Step: step, Number: number, Class: isClass}); err != nil {
			return r, err
		}
		r.Answers = append(r.Answers, a)
	}
	r.Words = pushedWords(w, r.Answers)
	return r, nil
}

// answersOf are the numbers of the likeliest classes, or of the first answers, with one that is wanted before them.
func answersOf(logits []float32, isClass bool, wanted int) []int {
	order := make([]int, len(logits))
	for i := range order {
		order[i] = i
	}
	if isClass {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(logits[b], logits[a]) })
	}
	if wanted >= 0 {
		order = slices.Insert(slices.DeleteFunc(order, func(i int) bool { return i == wanted }), 0, wanted)
	}
	return order[:min(mostAnswers, len(order))]
}

// pushedWords adds up what the symbols of each word do.
func pushedWords(w Written, answers []Reason) (list []PushedWord) {
	at := map[string]int{}
	add := func(word string, from, to int) {
		i, there := at[word]
		if !there {
			i = len(list)
			at[word], list = i, append(list, PushedWord{Word: word, First: from, By: make([]float64, len(answers))})
		}
		list[i].Times++
		for k, a := range answers {
			for _, p := range a.Pushes[from:to] {
				list[i].By[k] += p.By
			}
		}
	}
	for i, word := range w.Words {
		add(word, i, i+1)
	}
	for from := 0; from < len(w.Bytes); {
		to := from
		for to < len(w.Bytes) && inWord(w.Bytes[to]) {
			to++
		}
		if c := w.Bytes[from]; to == from {
			if to++; c <= ' ' {
				from = to
				continue
			}
		}
		add(string(w.Bytes[from:to]), from, to)
		from = to
	}
	sort.SliceStable(list, func(i, j int) bool { return cmp.Less(math.Abs(list[j].By[0]), math.Abs(list[i].By[0])) })
	list = list[:min(mostCells, len(list))]
	for _, word := range list {
		for k, v := range word.By {
			word.By[k] = float64(digits(float32(v)))
		}
	}
	return list
}

// inWord says whether a byte belongs to a word: a letter, a digit, an apostrophe, or a part of a character of several bytes.
func inWord(c byte) bool {
	return c >= 0x80 || c == '\'' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}
