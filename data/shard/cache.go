package shard

import (
	"container/list"
	"sync"
)

// cache keeps the blocks used last. Several goroutines that want the same block load it once.
//
// Invariant: len(at) == order.Len() <= limit. Beside these, a reader holds the block it copies
// from, so no more than limit plus the number of concurrent readers are in memory.
type cache struct {
	load func(block int) (content, error)

	mu    sync.Mutex
	limit int
	at    map[int]*list.Element // of *cached
	order list.List             // the block used last is at the front
	loads int                   // how often load was called
}

// content is what a block holds.
type content struct {
	lengths []byte // of its records, 4 bytes each
	payload []byte
}

// cached is a block in the cache; content and err are set when ready is closed.
type cached struct {
	block   int
	ready   chan struct{}
	content content
	err     error
}

func newCache(limit int, load func(int) (content, error)) *cache {
	return &cache{load: load, limit: limit, at: map[int]*list.Element{}}
}

// get gives the content of a block, which must not be changed.
func (c *cache) get(block int) (content, error) {
	c.mu.Lock()
	if el, ok := c.at[block]; ok {
		c.order.MoveToFront(el)
		e := el.Value.(*cached)
		c.mu.Unlock()
		<-e.ready
		return e.content, e.err
	}
	for c.order.Len() >= c.limit {
		c.drop(c.order.Back())
	}
	e := &cached{block: block, ready: make(chan struct{})}
	el := c.order.PushFront(e)
	c.at[block] = el
	c.loads++
	c.mu.Unlock()

	e.content, e.err = c.load(block)
	if e.err != nil { // a later read may fare better
		c.mu.Lock()
		if c.at[block] == el {
			c.drop(el)
		}
		c.mu.Unlock()
	}
	close(e.ready)
	return e.content, e.err
}

// drop forgets one block; the caller holds mu.
func (c *cache) drop(el *list.Element) {
	delete(c.at, el.Value.(*cached).block)
	c.order.Remove(el)
}

// atLeast raises the limit to n blocks.
func (c *cache) atLeast(n int) {
	c.mu.Lock()
	c.limit = max(c.limit, n)
	c.mu.Unlock()
}

// has says whether a block is there, or being loaded.
func (c *cache) has(block int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at[block] != nil
}

// holds says whether so many blocks have room.
func (c *cache) holds(blocks int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return blocks <= c.limit
}

// put keeps a block that was read beside others, unless it is there or there is no room for it.
func (c *cache) put(block int, content content) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at[block] != nil || c.order.Len() >= c.limit {
		return
	}
	e := &cached{block: block, ready: make(chan struct{}), content: content}
	close(e.ready)
	c.at[block] = c.order.PushBack(e)
}
