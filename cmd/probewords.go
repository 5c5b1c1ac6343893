package cmd

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/rondo-ml/rondo/data/words"
	"github.com/rondo-ml/rondo/nn/probe"
	"github.com/rondo-ml/rondo/tensor"
)

// bagOfWords fits to which words a text has, of the most frequent ones of the training texts.
func (o *probeFlags) bagOfWords(ctx context.Context, errout, out io.Writer, pool *tensor.Pool, texts probeTexts) (*probe.Fitted, error) {
	counts := map[string]int{}
	for _, text := range texts[0].Texts {
		for _, w := range words.Split(text) {
			counts[w]++
		}
	}
	list := words.Most(counts, o.words)
	var sets probe.Sets
	for i, to := range []**probe.Set{&sets.Train, &sets.Valid, &sets.Test} {
		if t := texts[i]; t != nil {
			*to = &probe.Set{X: presence(list, t.Texts, min(o.words, len(counts))+1), Positive: t.Positive}
		}
	}
	bar := &cutBar{out: errout}
	defer bar.done()
	asks := o.asks
	asks.Report = bar.report
	asks.Chosen = func(f *probe.Fitted) {
		bar.done()
		fmt.Fprintf(out, "\n%s", wordsText(f))
	}
	found, err := probe.Fitting(ctx, pool, sets, asks)
	if err != nil {
		return nil, err
	}
	bar.done()
	fmt.Fprintln(out, fewWordsText(found))
	found.Model = nil // weights of words by number, which say nothing without the words
	return found, nil
}

// presence has 1 for each word that a text has, and says nothing of unknown ones, number 0.
func presence(list words.Vocabulary, texts []string, cols int) probe.Sparse {
	x := probe.NewSparse(cols)
	for _, text := range texts {
		has := list.Numbers(text)
		slices.Sort(has)
		has = slices.Compact(has)
		if len(has) > 0 && has[0] == 0 {
			has = has[1:]
		}
		x.Add(has, slices.Repeat([]float64{1}, len(has)))
	}
	return x
}
