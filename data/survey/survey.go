package survey

import (
	"runtime"
	"slices"
	"sync"

	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
)

// Survey is what is in a set.
type Survey struct {
	Dir     string
	Kind    string
	Hash    string
	Shards  int
	Samples int64
	Bytes   int64
	Parts   []Part  // of a set of samples, in the order of the schema
	Text    *Text   // of a text
	Groups  []Group // of a set of samples: the classes by number, or one group without a name
}

// Group is the samples of one class.
type Group struct {
	Name  string
	Count int64
	First []int // numbers of the first samples, as many as were asked for at most
}

// Options say how a set is read.
type Options struct {
	Workers  int // goroutines that read; 0 means one a processor
	Examples int // how many samples of each group are remembered
}

// Read goes through the set in dir, such as DIR/train. Damage is a [*shard.CorruptError].
func Read(dir string, opts Options) (*Survey, error) {
	if opts.Workers == 0 {
		opts.Workers = runtime.GOMAXPROCS(0)
	}
	shards, err := shard.OpenWith(dir, shard.Options{CacheBlocks: 2 * opts.Workers})
	if err != nil {
		return nil, err
	}
	s := &Survey{Dir: dir, Kind: shards.Kind(), Hash: shards.Hash(), Shards: shards.Shards(), Samples: shards.Records(), Bytes: shards.Size()}
	switch s.Kind {
	case samples.Kind:
		set, err := samples.Of(shards)
		if err != nil {
			return nil, err
		}
		return s, s.readSamples(set, opts)
	case shard.KindText:
		s.Text, err = readText(shards, opts.Workers)
		return s, err
	}
	return s, nil
}

// chunkSamples is how many samples are counted in one go.
const chunkSamples = 256

// tally is what was counted of consecutive samples.
type tally struct {
	parts  []partTally
	groups map[int]*Group
}

// readSamples counts all samples.
func (s *Survey) readSamples(set *samples.Set, opts Options) error {
	schema, class := set.Schema(), set.Schema().Part("class")
	if class >= 0 {
		if p := schema.Parts[class]; len(p.Classes) == 0 || len(p.Shape) > 0 || p.Element != samples.Int32 {
			class = -1
		}
	}
	all := newTally(schema)
	chunks := (set.Len() + chunkSamples - 1) / chunkSamples
	count := func(c int) (tally, error) {
		t := newTally(schema)
		for i := c * chunkSamples; i < min((c+1)*chunkSamples, set.Len()); i++ {
			sample, err := set.At(i)
			if err != nil {
				return t, err
			}
			for p := range t.parts {
				t.parts[p].add(sample[p])
			}
			group := 0
			if class >= 0 {
				group = int(sample[class].Int32s()[0])
			}
			t.groups[group] = t.groups[group].with(i, opts.Examples)
		}
		return t, nil
	}
	err := inOrder(opts.Workers, chunks, count, func(t tally) {
		for p := range t.parts {
			all.parts[p].merge(&t.parts[p])
		}
		for n, g := range t.groups {
			for _, i := range g.First {
				all.groups[n] = all.groups[n].with(i, opts.Examples)
			}
			all.groups[n] = all.groups[n].plus(g.Count - int64(len(g.First)))
		}
	})
	if err != nil {
		return err
	}
	for p := range all.parts {
		s.Parts = append(s.Parts, all.parts[p].part())
	}
	names := []string{""}
	if class >= 0 {
		names = schema.Parts[class].Classes
	}
	for n, name := range names {
		g := Group{}
		if all.groups[n] != nil {
			g = *all.groups[n]
		}
		g.Name = name
		s.Groups = append(s.Groups, g)
	}
	return nil
}

func newTally(schema samples.Schema) tally {
	t := tally{groups: map[int]*Group{}}
	for _, p := range schema.Parts {
		t.parts = append(t.parts, newPartTally(p))
	}
	return t
}

// with counts sample i, and remembers it if it is one of the first.
func (g *Group) with(i, most int) *Group {
	if g == nil {
		g = &Group{}
	}
	g.Count++
	if len(g.First) < most {
		g.First = append(g.First, i)
	}
	return g
}

// plus counts n samples more.
func (g *Group) plus(n int64) *Group {
	if g == nil {
		g = &Group{}
	}
	g.Count += n
	return g
}

// inOrder computes n things in so many goroutines and hands each to take, in order. It returns the first error.
func inOrder[T any](workers, n int, compute func(i int) (T, error), take func(T)) error {
	type result struct {
		value T
		err   error
	}
	slots := make([]chan result, 2*workers)
	for i := range slots {
		slots[i] = make(chan result, 1)
	}
	next := make(chan int)
	stop := make(chan struct{})
	var all sync.WaitGroup
	defer all.Wait()
	defer close(stop)
	for range workers {
		all.Go(func() {
			for i := range next {
				v, err := compute(i)
				slots[i%len(slots)] <- result{v, err}
			}
		})
	}
	window := make(chan struct{}, len(slots)) // results that are under way or wait
	all.Go(func() {
		defer close(next)
		for i := range n {
			select {
			case window <- struct{}{}:
			case <-stop:
				return
			}
			select {
			case next <- i:
			case <-stop:
				return
			}
		}
	})
	for i := range n {
		r := <-slots[i%len(slots)]
		if r.err != nil {
			return r.err
		}
		take(r.value)
		<-window
	}
	return nil
}

// sortedRange is the least, the middle and the greatest of numbers with their counts.
func sortedRange(counts map[int]int64) Range {
	var total int64
	sizes := make([]int, 0, len(counts))
	for size, n := range counts {
		sizes = append(sizes, size)
		total += n
	}
	if total == 0 {
		return Range{}
	}
	slices.Sort(sizes)
	r := Range{Min: sizes[0], Max: sizes[len(sizes)-1]}
	var below int64
	for _, size := range sizes {
		if below += counts[size]; 2*below >= total {
			r.Median = size
			break
		}
	}
	for size, n := range counts {
		r.Total += int64(size) * n
	}
	return r
}
