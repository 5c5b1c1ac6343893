package cutting

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/samples"
	"github.com/rondo-ml/rondo/data/shard"
)

// begin begins the sets of a cut, or goes on with those of one that was stopped, if it had the same plan.
func (o Options) begin(c cutting) (*output, *journal, error) {
	c.plan.Schema = c.schema
	hash, err := c.plan.hash()
	if err != nil {
		return nil, nil, err
	}
	book, another, err := openJournal(o.Out, hash)
	if err != nil {
		return nil, nil, err
	}
	var out *output
	o.tag = book.tag()
	if book.told == 0 {
		if another {
			o.say("a cut was stopped here that had other data, options or another release of this program: beginning anew")
		}
		if err = o.dropStopped(); err == nil {
			out, err = newOutput(o, c.schema, c.heldGiven)
		}
	} else if out, err = resumeOutput(o, c.schema, c.heldGiven); err == nil {
		o.say(fmt.Sprintf("going on with the cut that was stopped here: %d samples stand", out.standing[0]+out.standing[1]))
	}
	if err != nil {
		if stays(err) {
			book.leave()
		} else {
			_ = book.end()
		}
		return nil, nil, err
	}
	return out, book, nil
}

// write makes the sets of a cut of what fill adds, or none after an error.
func (o Options) write(c cutting, fill func(*output, *journal) error) (train SetSummary, valid *SetSummary, err error) {
	out, book, err := o.begin(c)
	if err != nil {
		return train, nil, err
	}
	defer func() {
		switch {
		case err == nil:
			err = book.end()
		case stays(err):
			out.leave()
			book.leave()
			err = book.goesOn(err)
		default:
			out.abort()
			_ = book.end()
		}
	}()
	if err := fill(out, book); err != nil {
		return train, nil, err
	}
	if err := cmp.Or(c.plan.unchanged(), book.hold()); err != nil {
		return train, nil, err
	}
	return out.commit()
}

// writeEach is write for records that give a sample each: what stands of the sets says how far a cut came, so its journal has just
// the line that they were begun.
func (o Options) writeEach(c cutting, fill func(*output, *journal) error) (train SetSummary, valid *SetSummary, err error) {
	return o.write(c, func(out *output, book *journal) error {
		if book.told == 0 {
			if err := book.begun(); err != nil {
				return err
			}
		}
		return fill(out, book)
	})
}

// goesOn adds to the error of a store what becomes of the cut. One whose place another took has nothing to go on with.
func (j *journal) goesOn(err error) error {
	switch {
	case errors.Is(err, fs.ErrExist):
		return err
	case j.far != nil && j.far.text.Len() == 0:
		return fmt.Errorf("%w; the same command begins anew, and removes what was uploaded so far", err)
	}
	return fmt.Errorf("%w; what was uploaded so far stands: the same command goes on with it", err)
}

// stays says that what was cut so far is to be gone on with: it was the object store that failed.
func stays(err error) bool {
	_, far := errors.AsType[*objects.Error](err)
	return far
}

// dropStopped removes what a cut left behind that was stopped. In an object store that is done with its claim.
func (o Options) dropStopped() error {
	if objects.Named(o.Out) {
		return nil
	}
	return shard.DropStopped(o.Out)
}

func (o Options) say(text string) {
	if o.Say != nil {
		o.Say(text)
	}
}

// recall gives the sources with what the journal says of them. What stands need not be loaded, nor what could not be.
func (j *journal) recall(sources iter.Seq2[source, error], out *output) iter.Seq2[source, error] {
	return func(yield func(source, error) bool) {
		var passed [2]int64 // samples of sources of which the journal speaks
		for s, err := range sources {
			if err == nil {
				var became outcome
				if became, s.told, err = j.next(); err == nil && s.told {
					set := out.setOf(s.held, s.key)
					passed[set] += int64(became.samples)
					s.recall(became, passed[set] <= out.standing[set])
				}
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

// recall is what became of a source before; stands says that its samples were written.
func (s *source) recall(became outcome, stands bool) {
	var err error
	switch {
	case became.left != "":
		err = notOurs{became.left}
	case became.unreadable != "":
		err = errors.New(became.unreadable)
	case !stands || became.samples == 0:
		return
	}
	s.stands = became.samples
	s.load = func() ([]samples.Sample, error) { return nil, err }
}
