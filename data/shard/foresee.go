package shard

// atOnce is how many ranges of a set are read at once beside what a reader waits for.
const atOnce = 16

// runsAtOnce is how many large ranges are read at once.
const runsAtOnce = 4

// runBytes is how much of a shard is read by one request where a whole set is.
const runBytes = 4 << 20

// Remote says whether the set is in an object store, where each read takes the time of a request: who knows what it will ask for
// says so by [Set.Foresee].
func (s *Set) Remote() bool { return s.remote != nil }

// Foresee begins to read the blocks of records that will be asked for, beside whatever else is done. It does not
// wait, and does nothing for a set of this machine's.
func (s *Set) Foresee(records []int64) {
	if !s.Remote() {
		return
	}
	for _, r := range records {
		if r >= 0 && r < s.Records() {
			s.foresee(s.blockOf(r), s.turns)
		}
	}
}

// foresee begins to read a block, if there is a turn for it.
func (s *Set) foresee(n int, turns chan struct{}) {
	if s.cache.has(n) {
		return
	}
	select {
	case turns <- struct{}{}:
		go func() {
			defer func() { <-turns }()
			_, _ = s.cache.get(n) // who asks for it gets the error, or another try
		}()
	default: // enough is under way: what is missing is read when it is asked for
	}
}

// ReadAll begins to read the whole set into memory, in large ranges, if that is in an object store and has room: a set that is
// read in an order of its own is then soon there, at the speed of the line. It does not wait.
func (s *Set) ReadAll() {
	if !s.Remote() || !s.cache.holds(len(s.blocks)) {
		return
	}
	s.readAll.Do(func() {
		runs := s.runs()
		go func() {
			_ = inParallel(len(runs), runsAtOnce, func(i int) error {
				s.readRun(runs[i])
				return nil
			})
		}()
	})
}

// run is blocks of one shard, one after the other.
type run struct{ first, end int }

// runs cuts the set into runs of runBytes.
func (s *Set) runs() (list []run) {
	for i := 0; i < len(s.blocks); {
		r, bytes := run{i, i}, int64(0)
		for r.end < len(s.blocks) && s.blocks[r.end].shard == s.blocks[i].shard && (bytes == 0 || bytes+int64(s.blocks[r.end].length) <= runBytes) {
			bytes += int64(s.blocks[r.end].length)
			r.end++
		}
		list = append(list, r)
		i = r.end
	}
	return list
}

// readRun reads the blocks of a run by one request, and keeps those that are whole and not there yet.
func (s *Set) readRun(r run) {
	first, last := s.blocks[r.first], s.blocks[r.end-1]
	f := s.remote[first.shard]
	bytes := make([]byte, last.offset+int64(last.length)-first.offset)
	if _, err := f.ReadAt(bytes, first.offset); err != nil {
		return // each block is read, and its error told, when it is asked for
	}
	for i := r.first; i < r.end; i++ {
		b := s.blocks[i]
		raw := bytes[b.offset-first.offset:][:b.length:b.length]
		if lengths, payload, err := decodeBlock(raw, b.number, b.entry); err == nil {
			s.cache.put(i, content{lengths, payload})
		}
	}
}
