package shard

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/rondo-ml/rondo/data/objects"
)

// textClaim is the journal of a text being cut. It says of which plan the unfinished sets beside it are; how far they came they say
// themselves.
//
//	rondo-cut PLAN         first line
//	0                      the sets were begun: what lies there is of this plan
type textClaim struct {
	plan string
	file *os.File // in a directory
	far  *Claim   // in an object store

	goesOn  bool // a cut of the same plan was stopped here
	another bool // or one of another plan
}

const textBegun = "0\n"

// claimText takes the place of both sets, so that nobody else writes there meanwhile.
func claimText(out, plan string) (*textClaim, error) {
	c := &textClaim{plan: plan}
	if objects.Named(out) {
		return c, c.takeFar(out)
	}
	return c, c.take(out)
}

func (c *textClaim) takeFar(out string) (err error) {
	if c.far, _, err = OpenClaim(out); err != nil {
		return err
	}
	c.goesOn = c.far.Plan == c.plan
	c.another = c.far.Plan != "" && !c.goesOn
	if c.goesOn { // its tag is of this plan alone
		return c.far.Put(nil)
	}
	return c.far.Begin(c.plan)
}

func (c *textClaim) take(out string) (err error) {
	if c.file, err = OpenJournal(out); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			c.file.Close()
		}
	}()
	head := JournalHead + c.plan + "\n"
	was, err := io.ReadAll(io.LimitReader(c.file, int64(len(head+textBegun))+1))
	if err != nil {
		return err
	}
	c.goesOn = string(was) == head+textBegun
	c.another = len(was) > 0 && (len(was) < len(head) || string(was[:len(head)]) != head)
	if c.goesOn {
		return nil
	}
	if err := c.file.Truncate(0); err != nil {
		return err
	}
	_, err = c.file.WriteAt([]byte(head), 0)
	return err
}

// begin begins the sets, or goes on with those that were stopped.
func (c *textClaim) begin(opts TextOptions, p plan) (sets textSets, err error) {
	open, tag := NewWriter, ""
	if c.far != nil {
		tag = c.far.Tag
	}
	if c.goesOn {
		open = ResumeWriter
	} else if c.file != nil {
		if err := DropStopped(opts.Out); err != nil {
			return sets, err
		}
	}
	for i, name := range []string{trainName, validName} {
		if i == 1 && p.how == splitNone {
			break
		}
		if sets[i], err = openTextSet(open, opts, name, tag, p); err != nil {
			return sets, err
		}
		sets[i].claim = c
	}
	switch {
	case c.goesOn:
		opts.say(fmt.Sprintf("going on with the cut that was stopped here: %d of %d bytes of text stand", sets.standing(), p.total))
		return sets, nil
	case c.another:
		opts.say("a cut was stopped here that had other data, options or another release of this program: beginning anew")
	}
	if c.file != nil {
		_, err = c.file.WriteAt([]byte(textBegun), int64(len(JournalHead+c.plan+"\n")))
	}
	return sets, err
}

// hold makes sure of a claim in an object store: before sets are committed, and whenever a shard was uploaded.
func (c *textClaim) hold() error {
	if c == nil || c.far == nil {
		return nil
	}
	return c.far.Put(nil)
}

// end ends the claim with that of the cut, whose error it is given. An object store that failed, or another process that has taken the place,
// leaves the shards as they are: for the same command to go on with, or as the other's.
func (c *textClaim) end(err error, sets textSets) error {
	_, far := errors.AsType[*objects.Error](err)
	switch {
	case err == nil:
		return c.remove()
	case far || c.hold() != nil:
		sets.each((*Writer).Leave)
		if far && !errors.Is(err, fs.ErrExist) {
			err = fmt.Errorf("%w; what was uploaded so far stands: the same command goes on with it", err)
		}
		return err
	}
	sets.each((*Writer).Abort)
	return cmp.Or(err, c.remove())
}

// remove ends the claim when there is nothing left to go on with.
func (c *textClaim) remove() error {
	if c.far != nil {
		return c.far.Remove()
	}
	os.Remove(c.file.Name())
	return c.file.Close()
}
