package objects

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// schemes are what opens a bucket of each scheme, and buckets those that are open: connections and credentials are
// shared by all who use one.
var (
	mu      sync.Mutex
	schemes = map[string]func(bucket string) (Store, error){}
	buckets = map[string]*Bucket{}
)

// Register adds a scheme: open opens the bucket that an address names, and asks it for nothing yet. It is called from
// init functions or at the beginning of main, and panics when the scheme is taken.
func Register(scheme string, open func(bucket string) (Store, error)) {
	mu.Lock()
	defer mu.Unlock()
	if schemes[scheme] != nil || open == nil || strings.Trim(scheme, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		panic(fmt.Sprintf("objects: the scheme %q is taken or no word", scheme))
	}
	schemes[scheme] = open
}

// Schemes lists what is registered.
func Schemes() []string {
	mu.Lock()
	defer mu.Unlock()
	list := make([]string, 0, len(schemes))
	for s := range schemes {
		list = append(list, s)
	}
	slices.Sort(list)
	return list
}

func registered(scheme string) bool {
	mu.Lock()
	defer mu.Unlock()
	return schemes[scheme] != nil
}

// At gives the bucket of an address, and the key in it. Nothing is asked of the store.
func At(address string) (*Bucket, string, error) {
	scheme, name, key, err := Split(address)
	if err != nil {
		return nil, "", err
	}
	mu.Lock()
	defer mu.Unlock()
	open := schemes[scheme]
	if open == nil {
		return nil, "", fmt.Errorf("%s: no object store is known by %s://", address, scheme)
	}
	root := scheme + "://" + name
	if b := buckets[root]; b != nil {
		return b, key, nil
	}
	store, err := open(name)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", root, err)
	}
	b := New(root, store)
	buckets[root] = b
	return b, key, nil
}

// Bucket is a store with retries.
type Bucket struct {
	name  string // with its scheme
	store Store
	pause func(ctx context.Context, try int) error
}

// New gives a store retries; name is its address, for messages.
func New(name string, store Store) *Bucket { return &Bucket{name, store, pause} }

// Store is what is below: one try at a time.
func (b *Bucket) Store() Store { return b.store }
