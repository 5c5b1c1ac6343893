package shard

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/rondo-ml/rondo/data/objects"
)

// prefix is a place in an object store. An object cannot be renamed, so the shards have names that no other cut gives: NAME.TAG-00000.shard.
// They are uploaded while they are written, and set.json, put under a condition, makes them a set.
type prefix struct {
	address string
	bucket  *objects.Bucket
	key     string // of set.json
	tag     string

	old   objects.Condition // under which set.json is put: nobody did so since begin
	named []string          // shards of the set that was there then

	committed bool // and not cleared since
}

// tagSize is how many letters and digits tell the shards of one cut from those of all others.
const tagSize = 8

// newTag makes the tag of a new cut.
func newTag() string { return strings.ToLower(rand.Text()[:tagSize]) }

func newPrefix(address, tag string) (*prefix, error) {
	b, key, err := objects.At(objects.Join(address, manifestName))
	if err != nil {
		return nil, err
	}
	if tag == "" {
		tag = newTag()
	}
	return &prefix{address: address, bucket: b, key: key, tag: tag, old: objects.IfAbsent}, nil
}

func (p *prefix) refuse(overwrite bool) error { return p.begin(overwrite) }

func (p *prefix) begin(overwrite bool) error {
	p.old, p.named = objects.IfAbsent, nil
	text, info, err := p.bucket.Get(context.Background(), p.key, maxManifest)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	}
	p.old = objects.IfMatch(info.ETag)
	m, damaged := decodeManifest(p.address, text) // which is replaced all the same, where that is allowed
	ours := damaged == nil                        // this cut was stopped between the commits of its two sets
	for _, f := range m.Shards {
		p.named = append(p.named, f.Name)
		ours = ours && tagged(f.Name, p.tag)
	}
	if !overwrite && !ours {
		return existing(objects.Join(p.address, manifestName))
	}
	return nil
}

// name has the tag in it.
func (p *prefix) name(shard string) string {
	at := strings.LastIndexByte(shard, '-')
	return shard[:at] + "." + p.tag + shard[at:]
}

// tagged says whether a shard bears a tag.
func tagged(name, tag string) bool {
	m := shardNames.FindStringSubmatch(name)
	return m != nil && strings.HasSuffix(m[1], "."+tag)
}

// object is the key of a name.
func (p *prefix) object(name string) string { return strings.TrimSuffix(p.key, manifestName) + name }

func (p *prefix) create(name string) (output, error) {
	return uploadOutput{p.bucket.Create(context.Background(), p.object(name), objects.Always)}, nil
}

// left finds a shard that was uploaded: it is whole, for one that was not is not there.
func (p *prefix) left(name string) (*leftover, error) {
	where := objects.Join(p.address, name)
	o, err := objects.Open(context.Background(), where)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	goOn := func(int64) (output, error) {
		return nil, errors.New("it was changed since it was uploaded; remove it, or what was stopped here as a whole")
	}
	return &leftover{ReaderAt: windowed(remoteFile{o}, o.Size(), scanWindow), size: o.Size(), where: where, goOn: goOn, close: func() error { return nil }}, nil
}

// clear removes set.json. The shards that it named go when another set is there, or are this cut's.
func (p *prefix) clear(string) error {
	if p.old.Absent() {
		return nil
	}
	if err := p.bucket.Delete(context.Background(), p.key); err != nil {
		return err
	}
	p.old, p.committed = objects.IfAbsent, false
	return nil
}

// commit puts set.json where there is none, or where the one stands that was there at the beginning. Of two that commit one does.
func (p *prefix) commit(_ string, m Manifest) error {
	text, err := m.encode()
	if err != nil {
		return err
	}
	info, err := p.bucket.Put(context.Background(), p.key, text, p.old)
	if errors.Is(err, fs.ErrExist) || !p.old.Absent() && errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: another process made or removed a set there meanwhile: %w", p.address, err)
	}
	if err != nil {
		return err
	}
	p.old, p.committed = objects.IfMatch(info.ETag), true
	p.sweep()
	return nil
}

// sweep removes the shards of the set that was replaced.
func (p *prefix) sweep() {
	p.remove(slices.DeleteFunc(slices.Clone(p.named), func(name string) bool { return tagged(name, p.tag) }))
}

func (p *prefix) abandon(shards []File) {
	if p.committed {
		return
	}
	names := make([]string, len(shards))
	for i, f := range shards {
		names[i] = f.Name
	}
	p.remove(names)
}

// remove removes shards that no set names. What cannot be removed costs its room: no reader finds it. A store that is down is asked once,
// for each answer would be waited for a minute.
func (p *prefix) remove(names []string) {
	for _, name := range names {
		if p.bucket.Delete(context.Background(), p.object(name)) != nil {
			return
		}
	}
}

// uploadOutput is a shard on its way into an object store.
type uploadOutput struct{ *objects.Writer }

func (o uploadOutput) finish() error { return o.Commit() }

func (o uploadOutput) leave() { o.Abort() }

func (o uploadOutput) abandon() { o.Abort() }
