package cutting

import (
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
	done    chan struct{}
}

// cutting is what a cut does beside its options.
type cutting struct {
	schema    samples.Schema
	sources   iter.Seq2[source, error]
	total     int  // about how many sources there are
	heldGiven bool // some of them are held-out data
	every     bool // a class without a sample for training is an error
}

// cut decodes the sources on all processors and writes their samples in order.
func (o Options) cut(c cutting) (sum Summary, err error) {
	out, err := newOutput(o, c.schema, c.heldGiven)
	if err != nil {
		return sum, err
	}
	defer func() {
		if err != nil {
			out.abort()
		}
	}()
	p := progress{report: o.Progress, total: c.total}
	have := map[int]bool{} // classes with a sample for training
	tried := 0
	err = inOrder(o.goroutines(), c.sources, func(j *job) error {
		tried++
		p.step()
		var other notOurs
		switch {
		case errors.As(j.err, &other):
			sum.LeftOut = append(sum.LeftOut, files.LeftOut{Path: j.path, Reason: other.reason, Offset: files.NoOffset})
			return nil
		case j.err != nil:
			sum.Unreadable = append(sum.Unreadable, files.LeftOut{Path: j.path, Reason: files.Unreadable, Detail: files.ReasonOf(j.err), Offset: files.NoOffset})
			return nil
		case !j.held:
			have[j.class] = true
		}
		return out.add(j.held, j.key, j.samples...)
	})
	if err != nil {
		return sum, err
	}
	if len(sum.Unreadable) > 0 && !o.SkipUnreadable {
		return sum, &UnreadableError{tried, sum.Unreadable}
	}
	if c.every {
		if err := everyClass(c.schema, have); err != nil {
			return sum, err
		}
	}
	sum.Train, sum.Valid, err = out.commit()
	return sum, err
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

// inOrder loads sources in so many goroutines and hands each to take, in their order. No more than three for every
// goroutine are under way. It returns the first error of sources or take, after all goroutines have ended.
func inOrder(workers int, sources iter.Seq2[source, error], take func(*job) error) error {
	jobs, order := make(chan *job, workers), make(chan *job, 2*workers)
	stop := make(chan struct{})
	var feed error // of sources; read when order is closed
	var all sync.WaitGroup
	defer all.Wait()
	defer close(stop)
	all.Go(func() {
		defer close(order)
		defer close(jobs)
		for s, err := range sources {
			if err != nil {
				feed = err
				return
			}
			j := &job{source: s, done: make(chan struct{})}
			for _, queue := range []chan *job{order, jobs} {
				select {
				case queue <- j:
				case <-stop:
					return
				}
			}
		}
	})
	for range workers {
		all.Go(func() {
			for j := range jobs {
				j.samples, j.err = j.load()
				close(j.done)
			}
		})
	}
	for j := range order {
		<-j.done
		if err := take(j); err != nil {
			return err
		}
	}
	return feed
}
