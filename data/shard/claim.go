package shard

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/data/objects"
)

// Claim is the object beside two sets being written in an object store, [JournalName], by which one process at a time writes there. Each
// write to it is under the condition that it is as this process left it: whoever takes it over ends the claim of the one before.
//
//	rondo-cut PLAN TAG WHO   first line: WHO is of this process alone
//	…                        the journal of the cut
type Claim struct {
	Plan string // what is cut, by all that decides its bits; "": nobody was stopped here
	Tag  string // of the names of its shards

	out    string
	who    string
	bucket *objects.Bucket
	key    string
	as     objects.Condition
}

// maxClaim bounds what is read of a claim: the journal of a cut has some bytes for each of its sources.
const maxClaim = 256 << 20

var claimHead = regexp.MustCompile(`^rondo-cut ([0-9a-z]{1,64}) ([0-9a-z]{8}) [0-9a-z]+\n`)

// OpenClaim finds the claim of the sets in an object store, and the journal in it. Nothing is written.
func OpenClaim(out string) (c *Claim, journal string, err error) {
	c = &Claim{out: out, who: newTag(), as: objects.IfAbsent}
	if c.bucket, c.key, err = objects.At(objects.Join(out, JournalName)); err != nil {
		return nil, "", err
	}
	text, info, err := c.bucket.Get(context.Background(), c.key, maxClaim)
	if errors.Is(err, fs.ErrNotExist) {
		return c, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	m := claimHead.FindSubmatch(text)
	if m == nil {
		return nil, "", fmt.Errorf("%s: no journal of a cut; remove it", objects.Join(out, JournalName))
	}
	c.Plan, c.Tag, c.as = string(m[1]), string(m[2]), objects.IfMatch(info.ETag)
	return c, string(text[len(m[0]):]), nil
}

// Begin begins a cut of a plan under a tag of its own, and removes what one that was stopped left behind.
func (c *Claim) Begin(plan string) error {
	if c.Plan != "" {
		if err := c.Put(nil); err != nil { // so that nobody goes on with it meanwhile
			return err
		}
		if err := c.dropShards(); err != nil {
			return err
		}
	}
	c.Plan, c.Tag = plan, newTag()
	return c.Put(nil)
}

// Put replaces the journal. It is an error if another process did so since.
func (c *Claim) Put(journal []byte) error {
	text := append([]byte("rondo-cut "+c.Plan+" "+c.Tag+" "+c.who+"\n"), journal...)
	info, err := c.bucket.Put(context.Background(), c.key, text, c.as)
	if errors.Is(err, fs.ErrExist) || !c.as.Absent() && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: another process is cutting into this place: %w", c.out, err)
	}
	if err == nil {
		c.as = objects.IfMatch(info.ETag)
	}
	return err
}

// Remove ends the claim, behind a commit or when nothing is left to go on with. It is an error if another process took it over, which may
// have removed shards that were just committed.
func (c *Claim) Remove() error {
	if err := c.Put(nil); err != nil {
		return err
	}
	return c.bucket.Delete(context.Background(), c.key)
}

// dropShards removes the shards of a cut that was stopped. Those of sets that are there stay.
func (c *Claim) dropShards() error {
	for _, dir := range []string{TrainDir(c.out), ValidDir(c.out)} {
		p, err := newPrefix(dir, c.Tag)
		if err == nil {
			err = p.begin(true)
		}
		if err != nil {
			return err
		}
		names, err := p.bucket.List(context.Background(), strings.TrimSuffix(p.object(""), "/"))
		if err != nil {
			return err
		}
		for _, name := range names {
			if !tagged(name, c.Tag) || slices.Contains(p.named, name) {
				continue
			}
			if err := p.bucket.Delete(context.Background(), p.object(name)); err != nil {
				return err
			}
		}
	}
	return nil
}
