package cmd

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/rondo-ml/rondo/cmd/inside"
	"github.com/rondo-ml/rondo/nn/look"
	"github.com/rondo-ml/rondo/nn/zoo"
	"github.com/rondo-ml/rondo/worker"
	"github.com/rondo-ml/rondo/worker/checkpoint"
)

// tells prints what a network says of a text and which words make it say so, and colors the text by them or by a cell.
func (o *textFlags) tells(c *cobra.Command, m *checkpoint.Manifest, path, given string) (err error) {
	switch {
	case o.at >= 0:
		return &usageError{fmt.Errorf("--at is for networks that go on with texts; of another --answer N, --cell N and --range A:B are asked")}
	case o.review:
		return &usageError{errors.New("--review is for networks that go on with texts; another reads the text as it is given")}
	case o.answer < -1:
		return &usageError{fmt.Errorf("--answer %d: a number from 0 on, or -1 for the likeliest", o.answer)}
	}
	p, err := worker.NewPredictor(path, m, o.threads)
	if err != nil {
		return err
	}
	defer p.Close()
	if err := wantFinite(path, p.Network()); err != nil {
		return err
	}
	defer zoo.Recover(p.File.Model.Kind, &err)
	if !inside.ReadsText(p) {
		return fmt.Errorf("%s holds a %s, which does not read texts alone; pictures and sequences are looked at by look maps", path, p.File.Model.Kind)
	}
	if err := o.tell(p); err != nil {
		return err
	}
	s, w, err := o.reads(c, p, given)
	if err != nil {
		return err
	}
	if o.answer >= s.Out.Cols {
		return &usageError{fmt.Errorf("--answer %d: the network has %d, from 0 on", o.answer, s.Out.Cols)}
	}
	told, err := inside.ReasonsOf(p, s, w, s.Said()-1, o.answer)
	if err != nil {
		return err
	}
	o.printReasons(c, p, told)
	text := &coloredText{pieces: append(bytesOf(w.Bytes), w.Words...), words: w.Words != nil}
	if o.cell >= 0 || o.within != "" {
		if text.title, text.values, err = o.channel(c, p, s, w); err != nil {
			return err
		}
		return o.paint(c, text, o.color())
	}
	most := 1e-30
	for _, push := range told.Answers[0].Pushes {
		most = max(most, math.Abs(push.By))
	}
	for _, push := range told.Answers[0].Pushes {
		text.values = append(text.values, float32(push.By/most))
	}
	text.title = fmt.Sprintf("what pushes to %s: 1 stands for %.3g", told.Answers[0].Name, most)
	return o.paint(c, text, cellColors["tanh"])
}

// reads has the network read the text that is asked about.
func (o *textFlags) reads(c *cobra.Command, p *worker.Predictor, given string) (s *look.Sequence, w inside.Written, err error) {
	if strings.TrimSpace(given) == "" {
		return nil, w, &usageError{errors.New("the text is empty; give a text, a file or a set")}
	}
	set, err := pictures(p, c, given)
	if err != nil {
		return nil, w, err
	}
	if o.sample < 0 || o.sample >= set.Len() {
		return nil, w, &usageError{fmt.Errorf("--sample %d: %s has %s, from 0 on", o.sample, given, countText(set.Len(), "text"))}
	}
	if s, err = inside.NewSequence(p); err != nil {
		return nil, w, err
	}
	feeder, err := p.Feeder(set, 1)
	if err != nil {
		return nil, w, err
	}
	if _, err := feeder.Fill(o.sample, s.Batch); err != nil {
		return nil, w, err
	}
	s.Forward()
	w, whole, err := inside.WrittenOf(p, set, o.sample, s)
	switch {
	case err != nil:
		return nil, w, err
	case w.Len() == 0 || s.Said() < 1:
		return nil, w, fmt.Errorf("%s: there is nothing to read in text %d", given, o.sample)
	case w.Len() < whole:
		fmt.Fprintf(c.OutOrStdout(), "read are the first %d symbols of %d, as batch.length says\n", w.Len(), whole)
	}
	return s, w, nil
}

// printReasons prints the likeliest answers, and the words that do most to the first.
func (o *textFlags) printReasons(c *cobra.Command, p *worker.Predictor, told inside.Reasons) {
	w, first := c.OutOrStdout(), told.Answers[0]
	for _, a := range told.Answers {
		fmt.Fprintf(w, "%-20s %.4f\n", visibleText(a.Name), a.Value)
	}
	fmt.Fprintf(w, "words that push to %s, and with a minus away from it:\n", visibleText(first.Name))
	for _, word := range told.Words[:min(o.top, len(told.Words))] {
		more := ""
		if word.Times > 1 {
			more = fmt.Sprintf(", %d times", word.Times)
		}
		if to := slices.Index(word.By, slices.Max(word.By)); inside.AnswersClass(p) && to > 0 && word.By[to] > 0 {
			more += ", most to " + visibleText(told.Answers[to].Name)
		}
		fmt.Fprintf(w, "  %-18s %8.4f%s\n", visibleText(strings.ToValidUTF8(word.Word, "\ufffd")), word.By[0], more)
	}
}

// channel is what a channel of a layer yields for each symbol: that of --cell, or else the one that stands out most in --range.
func (o *textFlags) channel(c *cobra.Command, p *worker.Predictor, s *look.Sequence, w inside.Written) (title string, values []float32, err error) {
	var names []string
	at, room := -1, p.File.RowLength()
	usual := inside.TellingLayers(s.Layers, 1)
	for i, y := range s.Layers {
		if steps, _ := y.OverTime(); steps != room || room < 2 {
			continue
		}
		names = append(names, y.Name)
		if y.Name == o.state || o.state == "" && len(usual) > 0 && y.Name == usual[0].Name {
			at = i
		}
	}
	switch {
	case len(names) == 0:
		return "", nil, &usageError{fmt.Errorf("a %s makes one row of all symbols, so no cell goes through the text: --cell and --range have nothing to look at", p.File.Model.Kind)}
	case at < 0:
		return "", nil, &usageError{fmt.Errorf("--state %s: no layer with a time step for each symbol; those are %s", o.state, strings.Join(names, ", "))}
	}
	s.Forward() // what pushes has gone back through the layers
	layer := s.Course(at).Cells(s.Layers[at].Name)
	number, values, err := o.track(c, layer, "channel", func(from, to int) string {
		if w.Words != nil {
			return strings.Join(w.Words[from:to], " ")
		}
		return string(w.Bytes[from:to])
	})
	return fmt.Sprintf("%s, channel %d", layer.Name, number), values, err
}
