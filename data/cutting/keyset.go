package cutting

// keySet is a set of keys that are parts of hashes, each bit as likely as not. It takes about 10 bytes of memory for each key of a large
// set, at every size, where a map[uint64]struct{} takes 23 to 38, and as much again of old tables until they are collected.
//
// It is hashed linearly (Litwin 1980): there are about keysPerBucket keys to a bucket, and where there are more one bucket is split in two,
// the next in turn, so that nothing is ever moved but the keys of one bucket. A bucket is a chain of pages, and pages that a split leaves
// over are used again.
//
//	low bits of a key    the bucket: of 2^level, or of 2^(level+1) where that one was split already
//	page                 [number of the next page + 1, in the low half, and the count of its keys, in the high half; 15 keys]
type keySet struct {
	count   int64
	level   uint     // there are between 2^level and 2^(level+1) buckets
	buckets []uint32 // first page of each, + 1; 0: none
	slabs   [][]uint64
	pages   uint32 // that were made
	free    uint32 // a chain of pages without keys, + 1
}

const (
	pageWords     = 16 // two lines of a cache
	pageKeys      = pageWords - 1
	slabPages     = 1 << 10
	keysPerBucket = 40

	// bytesPerKey is what a key of a large set never takes more than.
	bytesPerKey = 16
)

// has says whether a key is there.
func (s *keySet) has(key uint64) bool {
	if s.count == 0 {
		return false
	}
	for at := s.buckets[s.bucketOf(key)]; at != 0; {
		page := s.page(at)
		for _, k := range page[1 : 1+page[0]>>32] {
			if k == key {
				return true
			}
		}
		at = uint32(page[0])
	}
	return false
}

// add adds a key that is not there.
func (s *keySet) add(key uint64) {
	if s.buckets == nil {
		s.buckets = make([]uint32, 1)
	}
	s.put(s.bucketOf(key), key)
	if s.count++; s.count > int64(len(s.buckets))*keysPerBucket {
		s.split()
	}
}

// size is how many bytes are taken.
func (s *keySet) size() int64 {
	return int64(len(s.slabs))*slabPages*pageWords*8 + int64(cap(s.buckets))*4
}

func (s *keySet) bucketOf(key uint64) int {
	at := int(key & (1<<s.level - 1))
	if at < len(s.buckets)-1<<s.level {
		at = int(key & (2<<s.level - 1))
	}
	return at
}

// page is a page by its number + 1.
func (s *keySet) page(number uint32) []uint64 {
	at := int(number-1) % slabPages * pageWords
	return s.slabs[(number-1)/slabPages][at : at+pageWords : at+pageWords]
}

// put adds a key to a bucket, whose first page alone may have room.
func (s *keySet) put(bucket int, key uint64) {
	first := s.buckets[bucket]
	if first == 0 || s.page(first)[0]>>32 == pageKeys {
		number := s.newPage()
		s.page(number)[0] = uint64(first)
		s.buckets[bucket], first = number, number
	}
	page := s.page(first)
	page[0] += 1 << 32
	page[page[0]>>32] = key
}

func (s *keySet) newPage() uint32 {
	if number := s.free; number != 0 {
		s.free = uint32(s.page(number)[0])
		return number
	}
	if int(s.pages) == len(s.slabs)*slabPages {
		s.slabs = append(s.slabs, make([]uint64, slabPages*pageWords))
	}
	s.pages++
	return s.pages
}

// split shares the keys of the next bucket out over it and a new one.
func (s *keySet) split() {
	from := len(s.buckets) - 1<<s.level
	old := s.buckets[from]
	s.buckets = append(s.buckets, 0)
	s.buckets[from] = 0
	if len(s.buckets) == 2<<s.level {
		s.level++
	}
	for at := old; at != 0; {
		page := [pageWords]uint64(s.page(at))
		s.page(at)[0] = uint64(s.free)
		s.free = at
		for _, k := range page[1 : 1+page[0]>>32] {
			s.put(s.bucketOf(k), k)
		}
		at = uint32(page[0])
	}
}
