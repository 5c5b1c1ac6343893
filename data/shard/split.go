package shard

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// The ways to hold out text.
const (
	splitNone  = "none"
	splitFiles = "files"
	splitTail  = "tail"
)

// manyFiles is the number of files from which whole files are held out.
const manyFiles = 20

// plan says in which order the documents are written and which text is held out.
type plan struct {
	how   string
	docs  []document
	held  []bool // splitFiles: of each document
	total int64  // bytes of the whole text
	cut   int64  // splitTail: where the held-out tail begins
}

// split orders the documents and decides which text is held out.
func split(docs []document, opts TextOptions) (plan, error) {
	valid := opts.Valid
	p := plan{how: splitNone, docs: slices.Clone(docs)}
	sort.SliceStable(p.docs, func(i, j int) bool {
		a, b := &p.docs[i], &p.docs[j]
		return cmp.Or(cmp.Compare(a.order, b.order), strings.Compare(a.file.Key, b.file.Key), strings.Compare(a.file.Path, b.file.Path)) < 0
	})
	for _, d := range p.docs {
		p.total += d.length()
	}
	switch {
	case valid == 0:
		return p, nil
	case len(docs) >= manyFiles:
		p.how, p.held = splitFiles, holdOut(p.docs, valid)
		return p, nil
	}
	p.how = splitTail
	// Rounded down before the cut, as the usual data[:int(0.9*len(data))] does.
	cut := int64(float64(p.total) * (1 - valid))
	if !opts.Bytes {
		var err error
		if cut, err = p.runeStart(cut); err != nil {
			return plan{}, err
		}
	}
	if p.cut = cut; cut < 1 || cut >= p.total {
		return plan{}, fmt.Errorf("a text of %d bytes cannot be split with %v of it held out: one part would be empty; "+
			"give more text or hold out nothing", p.total, valid)
	}
	return p, nil
}

// holdOut holds out the documents whose draw is below valid. Neither set may be empty, so if need
// be the document nearest to the boundary changes sides.
func holdOut(docs []document, valid float64) []bool {
	held := make([]bool, len(docs))
	count, lowest, highest := 0, 0, 0
	for i, d := range docs {
		if d.draw < valid {
			held[i] = true
			count++
		}
		if d.draw < docs[lowest].draw {
			lowest = i
		}
		if d.draw > docs[highest].draw {
			highest = i
		}
	}
	if count == 0 {
		held[lowest] = true
	}
	if count == len(docs) {
		held[highest] = false
	}
	return held
}

// runeStart moves a place in the text back to the start of the character it is in.
func (p plan) runeStart(at int64) (int64, error) {
	start := int64(0)
	for _, d := range p.docs {
		if at >= start+d.size { // in the separator, or further on
			start += d.length()
			if at < start {
				return at, nil
			}
			continue
		}
		f, err := os.Open(d.file.Path)
		if err != nil {
			return 0, err
		}
		defer f.Close()
		var b [1]byte
		for ; at > start; at-- {
			if _, err := f.ReadAt(b[:], d.mark+at-start); err != nil {
				return 0, fmt.Errorf("reading %s: %w", d.file.Path, err)
			}
			if utf8.RuneStart(b[0]) {
				break
			}
		}
		return at, nil
	}
	return at, nil
}

// meta is what the shards say about the text they are cut from.
func (p plan) meta(opts TextOptions) json.RawMessage {
	b, err := json.Marshal(struct {
		Separator string  `json:"separator"`
		Split     string  `json:"split"`
		Valid     float64 `json:"valid"`
		Bytes     bool    `json:"bytes,omitempty"`
	}{opts.Separator, p.how, opts.Valid, opts.Bytes})
	if err != nil { // a string and a finite number: cannot be
		return nil
	}
	return b
}

// hash identifies the plan: all that decides the bits of the sets.
func (p plan) hash(opts TextOptions) string {
	h := NewPlan()
	fmt.Fprintf(h, "text %s %d %d\n", p.meta(opts), opts.ShardBytes, opts.BlockBytes)
	for _, d := range p.docs {
		fmt.Fprintf(h, "%q %d %d %08x %d %d\n", d.file.Key, d.mark, d.size, d.crc, d.sep, d.file.Time.UnixNano())
	}
	return hex.EncodeToString(h.Sum(nil))
}

// shares is how many bytes of document i, which begins at a place of the text, are for training, and how many are held out.
func (p plan) shares(i int, at int64) [2]int64 {
	n := p.docs[i].length()
	train := n
	switch {
	case p.how == splitFiles && p.held[i]:
		train = 0
	case p.how == splitTail:
		train = min(n, max(0, p.cut-at))
	}
	return [2]int64{train, n - train}
}

// write copies every document to its set.
func (p plan) write(opts TextOptions, sets textSets) error {
	at := int64(0)
	for i, d := range p.docs {
		if err := sets.add(d, opts.Separator, p.shares(i, at)); err != nil {
			return err
		}
		at += d.length()
		if opts.Progress != nil {
			opts.Progress(at, p.total)
		}
	}
	return sets.seal()
}
