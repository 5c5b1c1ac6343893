package objectstest

import (
	"sync"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// backend keeps objects in memory; its lists may stand still.
type backend struct {
	*s3mem.Backend
	mu     sync.Mutex
	frozen []*gofakes3.Content // nil: lists are true
}

func (b *backend) freeze(bucket string) error {
	list, err := b.Backend.ListBucket(bucket, nil, gofakes3.ListBucketPage{})
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.frozen = append([]*gofakes3.Content{}, list.Contents...)
	return nil
}

func (b *backend) ListBucket(name string, prefix *gofakes3.Prefix, page gofakes3.ListBucketPage) (*gofakes3.ObjectList, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.frozen == nil {
		return b.Backend.ListBucket(name, prefix, page)
	}
	list := gofakes3.NewObjectList()
	if prefix == nil {
		prefix = &gofakes3.Prefix{}
	}
	for _, c := range b.frozen {
		var match gofakes3.PrefixMatch
		switch {
		case !prefix.Match(c.Key, &match):
		case match.CommonPrefix:
			list.AddPrefix(match.MatchedPart)
		default:
			list.Add(c)
		}
	}
	return list, nil
}
