package cutting

import (
	"cmp"
	"errors"
	"iter"
	"sync"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/samples"
)

// source is what one sample is made of.
type source struct {
	path  string // for people
	key   string // decides whether it is held out, unless held-out data are given
	held  bool   // it is of the held-out data
	class int    // or -1
	load  func() ([]samples.Sample, error)

	told   bool // what became of it stands in the journal
	stands int  // samples of it that were written, all of them, or 0
}

// notOurs is in the chain of a load's error for a file that is none of the kind that is cut, and was not named as if it
// were: it is left out.
type notOurs struct{ reason files.Reason }

func (e notOurs) Error() string { return string(e.reason) }

// job is a source under way.
type job struct {
	source
	samples []samples.Sample
	err     error
}

// cutting is what a cut does beside its options.
type cutting struct {
	schema    samples.Schema
	sources   iter.Seq2[source, error]
	total     int  // about how many sources there are
	heldGiven bool // some of them are held-out data
	every     bool // a class without a sample for training is an error
	plan      plan // but for the schema
}

// cut decodes the sources on all processors and writes their samples in order. It goes on where a cut of the same plan was
// stopped.
func (o Options) cut(c cutting) (sum Summary, err error) {
	sum.Train, sum.Valid, err = o.write(c, func(out *output, book *journal) error { return o.fill(out, book, c, &sum) })
	return sum, err
}

// fill adds the samples of all sources.
func (o Options) fill(out *output, book *journal, c cutting, sum *Summary) error {
	p := progress{report: o.Progress, total: c.total}
	have, trained := map[int]bool{}, map[int]bool{} // classes with a sample in the training data, and with one in the training set
	tried := 0
	err := loadInOrder(o.goroutines(), book.recall(c.sources, out), func(j *job) error {
		tried++
		p.step()
		became := j.outcome()
		switch {
		case became.left != "":
			sum.LeftOut = append(sum.LeftOut, files.LeftOut{Path: j.path, Reason: became.left, Offset: files.NoOffset})
		case became.unreadable != "":
			sum.Unreadable = append(sum.Unreadable, files.LeftOut{Path: j.path, Reason: files.Unreadable, Detail: became.unreadable, Offset: files.NoOffset})
		case !j.held:
			have[j.class] = true
			trained[j.class] = trained[j.class] || out.setOf(false, j.key) == 0
		}
		if j.stands > 0 {
			out.pass(j.held, j.key, j.stands)
		} else if err := out.add(j.held, j.key, j.samples...); err != nil {
			return err
		}
		if !j.told {
			if err := book.add(became); err != nil {
				return err
			}
		}
		return book.uploaded(out.shards())
	})
	switch {
	case err != nil:
		return err
	case len(sum.Unreadable) > 0 && !o.SkipUnreadable:
		return &UnreadableError{tried, sum.Unreadable}
	case c.every:
		err = everyClass(c.schema, have)
	}
	sum.Untrained = untrained(c.schema, have, trained)
	return err
}

// untrained are the classes that are in the training data, and not in what was made the training set of it.
func untrained(schema samples.Schema, have, trained map[int]bool) (names []string) {
	at := schema.Part("class")
	if at < 0 {
		return nil
	}
	for i, name := range schema.Parts[at].Classes {
		if have[i] && !trained[i] {
			names = append(names, name)
		}
	}
	return names
}

// outcome is what became of the source.
func (j *job) outcome() outcome {
	var other notOurs
	switch {
	case errors.As(j.err, &other):
		return outcome{left: other.reason}
	case j.err != nil:
		return outcome{unreadable: cmp.Or(files.ReasonOf(j.err), "for no reason given")}
	}
	return outcome{samples: max(j.stands, len(j.samples))}
}

// everyClass is the error for classes without a sample for training.
func everyClass(schema samples.Schema, have map[int]bool) error {
	at := schema.Part("class")
	if at < 0 {
		return nil
	}
	var empty []string
	for i, name := range schema.Parts[at].Classes {
		if !have[i] {
			empty = append(empty, name)
		}
	}
	if empty != nil {
		return errors.New("no sample could be read of the class " + list(empty) + "; remove it or leave it out with --exclude")
	}
	return nil
}

// loadInOrder loads sources in so many goroutines and hands each to take, in their order; see [inOrder].
func loadInOrder(workers int, sources iter.Seq2[source, error], take func(*job) error) error {
	jobs := func(yield func(*job, error) bool) {
		for s, err := range sources {
			if !yield(&job{source: s}, err) {
				return
			}
		}
	}
	return inOrder(workers, jobs, func(j *job) {
		if j.samples, j.err = j.load(); j.err != nil {
			j.samples = nil
		}
	}, take)
}

// inOrder does jobs in so many goroutines and hands each to take, in their order. No more than three for every
// goroutine are under way. It returns the first error of jobs or take, after all goroutines have ended.
func inOrder[J any](workers int, jobs iter.Seq2[J, error], do func(J), take func(J) error) error {
	type underWay struct {
		job  J
		done chan struct{}
	}
	todo, order := make(chan *underWay, workers), make(chan *underWay, 2*workers)
	stop := make(chan struct{})
	var feed error // of jobs; read when order is closed
	var all sync.WaitGroup
	defer all.Wait()
	defer close(stop)
	all.Go(func() {
		defer close(order)
		defer close(todo)
		for j, err := range jobs {
			if err != nil {
				feed = err
				return
			}
			u := &underWay{job: j, done: make(chan struct{})}
			for _, queue := range []chan *underWay{order, todo} {
				select {
				case queue <- u:
				case <-stop:
					return
				}
			}
		}
	})
	for range workers {
		all.Go(func() {
			for u := range todo {
				do(u.job)
				close(u.done)
			}
		})
	}
	for u := range order {
		<-u.done
		if err := take(u.job); err != nil {
			return err
		}
	}
	return feed
}
