package worker

import (
	"cmp"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/coordinator/api"
	"github.com/rondo-ml/rondo/nn/measure"
	"github.com/rondo-ml/rondo/nn/task"
)

// What an outcome has of a held-out set.
const (
	fixedGuesses = 12      // samples whose guesses are told at each evaluation
	mostSamples  = 2 << 10 // of all pairs of classes together
	mostPairs    = 400     // of many classes: those that are mixed up most
	mostNamed    = 64      // bytes of a class's name
)

// outcome is what an evaluation shows beyond its figures, as JSON; nil where that is nothing.
func (w *worker) outcome(step uint64, m Measured) []byte {
	o := api.Outcome{Step: step, Texts: m.Texts}
	if table := countedClasses(m.Whole); table != nil {
		all := guessesOf(m.Whole, w.cfg.File.Batch.Global, w.cfg.File.Batch.LaneRows())
		o.Classes, o.Guesses = tableOf(table, all, w.validSet.classNames(w.cfg.File.Task.Kind)), fixed(all)
		o.Calibration = calibrationOf(m.Whole)
	}
	if o.Classes == nil && len(o.Texts) == 0 {
		return nil
	}
	text, err := json.Marshal(o)
	if err != nil || len(text) > api.MaxOutcome {
		w.cfg.Log.Debug("what the evaluation shows is too long to be told", "step", step, "bytes", len(text), "error", err)
		return nil
	}
	return text
}

// classes is a measure that counts by class.
type classes interface{ Classes() []measure.Class }

func countedClasses(whole []measure.Measure) classes {
	for _, m := range whole {
		switch m := m.(type) {
		case *measure.Confusion:
			return m
		case *measure.PerClass:
			return m
		}
	}
	return nil
}

// calibrationOf is how sure the guesses are, and how often right; nil of a task that does not tell.
func calibrationOf(whole []measure.Measure) *api.Calibration {
	for _, m := range whole {
		m, ok := m.(*measure.Calibration)
		if !ok {
			continue
		}
		c := &api.Calibration{Error: api.Number(m.Error()), Bins: []api.SureBin{}}
		for _, b := range m.Bins() {
			c.Bins = append(c.Bins, api.SureBin{Count: b.Count, Right: b.Right, Sure: api.Number(b.Sure)})
		}
		return c
	}
	return nil
}

// guessesOf are those of all samples, by their place in the set: lane l of a batch has rows l·perLane and on.
func guessesOf(whole []measure.Measure, global, perLane int) (all []sampleGuess) {
	for _, m := range whole {
		if guesses, ok := m.(*measure.Guesses); ok {
			guesses.Each(func(g measure.Guess) {
				sample := g.Place/perLane*global + g.Lane*perLane + g.Place%perLane
				all = append(all, sampleGuess{[2]int{g.Target, g.Taken}, sample, g.Loss})
			})
		}
	}
	slices.SortStableFunc(all, func(a, b sampleGuess) int { return a.sample - b.sample })
	return all
}

// sampleGuess is what one sample was taken for.
type sampleGuess struct {
	pair   [2]int // what it is, and what it was taken for
	sample int
	loss   float64
}

// fixed are the guesses of samples that are spread evenly over the set.
func fixed(all []sampleGuess) (list []api.Guess) {
	n := min(fixedGuesses, len(all))
	for i := range n {
		g := all[i*len(all)/n]
		list = append(list, api.Guess{Sample: g.sample, Is: g.pair[0], Taken: g.pair[1], Loss: api.Number(g.loss)})
	}
	return list
}

// tableOf tells all classes where they are few, else those that are recalled worst.
func tableOf(counted classes, all []sampleGuess, names []string) *api.ClassTable {
	list := counted.Classes()
	t := &api.ClassTable{Of: len(list)}
	for i, c := range list {
		of := api.ClassCount{Class: i, Is: int64(c.Is), Taken: int64(c.Taken), Right: int64(c.Right)}
		if i < len(names) {
			of.Name = strings.ToValidUTF8(names[i][:min(len(names[i]), mostNamed)], "") // cut in a letter, perhaps
		}
		t.List = append(t.List, of)
	}
	many := len(list) > api.MaxTable
	t.Pairs = pairsOf(all, many)
	if many {
		slices.SortStableFunc(t.List, func(a, b api.ClassCount) int { return cmp.Compare(recall(a), recall(b)) })
		t.List = t.List[:api.MaxTable]
		return t
	}
	t.Counts = matrixOf(counted, all, list)
	return t
}

// matrixOf counts what is by what it was taken for; nil where neither the measure nor the samples tell that of all.
func matrixOf(counted classes, all []sampleGuess, list []measure.Class) [][]int64 {
	counts := make([][]int64, len(list))
	for is := range counts {
		counts[is] = make([]int64, len(list))
	}
	if confusion, ok := counted.(*measure.Confusion); ok {
		for is, row := range counts {
			for taken := range row {
				row[taken] = confusion.Count(is, taken)
			}
		}
		return counts
	}
	told := 0
	for _, c := range list {
		told += int(c.Is)
	}
	if told != len(all) {
		return nil
	}
	for _, g := range all {
		counts[g.pair[0]][g.pair[1]]++
	}
	return counts
}

// recall is the share of a class that was taken for it; one that there is nothing of comes last.
func recall(c api.ClassCount) float64 {
	if c.Is == 0 {
		return math.Inf(1)
	}
	return float64(c.Right) / float64(c.Is)
}

// pairsOf counts which class was taken for which and keeps the samples with the largest loss of each pair; of many
// classes, of the most frequent mistakes alone.
func pairsOf(all []sampleGuess, many bool) (list []api.ClassPair) {
	samples := map[[2]int][]sampleGuess{}
	for _, g := range all {
		if !many || g.pair[0] != g.pair[1] {
			samples[g.pair] = append(samples[g.pair], g)
		}
	}
	mistakes := func(pair [2]int) int { // they come before what is right
		if pair[0] == pair[1] {
			return 1
		}
		return 0
	}
	pairs := slices.SortedFunc(maps.Keys(samples), func(a, b [2]int) int {
		return cmp.Or(mistakes(a)-mistakes(b), len(samples[b])-len(samples[a]), a[0]-b[0], a[1]-b[1])
	})
	if many {
		pairs = pairs[:min(len(pairs), mostPairs)]
	}
	each := max(1, min(api.MaxSeen, mostSamples/max(1, len(pairs))))
	for _, pair := range pairs {
		of := samples[pair]
		p := api.ClassPair{Is: pair[0], Taken: pair[1], Count: int64(len(of)), Samples: []int{}, Losses: []api.Number{}}
		slices.SortStableFunc(of, func(a, b sampleGuess) int { return cmp.Compare(b.loss, a.loss) })
		for _, g := range of[:min(len(of), each)] {
			p.Samples, p.Losses = append(p.Samples, g.sample), append(p.Losses, api.Number(float32(g.loss)))
		}
		list = append(list, p)
	}
	return list
}

// classNames are the names of a task's classes in the set; nil where it has none.
func (d *Dataset) classNames(kind string) []string {
	if d == nil || d.samples == nil {
		return nil
	}
	info, _ := task.Lookup(kind)
	if at := d.samples.Schema().Part(info.Target); at >= 0 {
		return d.samples.Schema().Parts[at].Classes
	}
	return nil
}
