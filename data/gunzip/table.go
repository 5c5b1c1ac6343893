package gunzip

import "math/bits"

// entry says what the bits that come next stand for:
//
//	bits 0–4    how many of them are the code
//	bit  6      link: the code goes on; value is where its table begins, extra its bits
//	bits 8–12   extra: bits behind the code that are added to value
//	bit  13     end of the block
//	bit  14     special: end, link, or if neither no code at all
//	bit  15     a literal
//	bits 16–31  value: the literal, the least length, the least distance
type entry uint32

const (
	link       entry = 1 << 6
	extraShift       = 8
	end        entry = 1 << 13
	special    entry = 1 << 14
	literal    entry = 1 << 15
	valueShift       = 16
)

const (
	maxLit  = 288 // codes of literals and lengths, two of which only the fixed table has
	maxDist = 32
	maxCode = 15 // bits

	litBits    = 11
	distBits   = 8
	lengthBits = 7
)

// table finds entries by the bits that come next: the first 1<<first of it by so many bits, longer codes through a link.
type table struct {
	first   uint
	entries []entry
}

// build makes the table of codes of these lengths, by number of the symbol; 0 is a symbol that does not occur. It says
// whether there is such a code. One that leaves sequences of bits without a symbol is none, but for a single symbol of one
// bit and for no symbol at all, as zlib has it.
func (t *table) build(first uint, lengths []uint8, symbols []entry) bool {
	var count [maxCode + 1]int
	longest := uint(0)
	for _, n := range lengths {
		count[n]++
		longest = max(longest, uint(n))
	}
	count[0] = 0
	var next [maxCode + 2]int
	for n := range uint(maxCode) {
		next[n+1] = (next[n] + count[n]) << 1
	}
	used := next[longest] + count[longest]
	whole := longest > 0 && used == 1<<longest // every sequence of bits stands for something, so every entry is set
	if !whole && longest > 0 && !(used == 1 && longest == 1) {
		return false
	}
	t.first = first
	t.entries = append(t.entries[:0], make([]entry, 1<<first)...)
	if !whole {
		for i := range t.entries {
			t.entries[i] = special
		}
	}
	for symbol, n := range lengths {
		if n == 0 {
			continue
		}
		code := uint(bits.Reverse16(uint16(next[n])) >> (16 - n)) // the first bit is the lowest
		next[n]++
		t.put(code, uint(n), longest, symbols[symbol])
	}
	return true
}

// put enters a code of n bits.
func (t *table) put(code, n, longest uint, e entry) {
	if n <= t.first {
		for at := code; at < 1<<t.first; at += 1 << n {
			t.entries[at] = e | entry(n)
		}
		return
	}
	more := longest - t.first // bits of every further table
	head := &t.entries[code&(1<<t.first-1)]
	if *head&link == 0 {
		*head = special | link | entry(len(t.entries))<<valueShift | entry(more)<<extraShift | entry(t.first)
		t.entries = append(t.entries, make([]entry, 1<<more)...)
		head = &t.entries[code&(1<<t.first-1)]
	}
	table := t.entries[*head>>valueShift:][:1<<more]
	n -= t.first
	for at := code >> t.first; at < 1<<more; at += 1 << n {
		table[at] = e | entry(n)
	}
}

// The symbols of RFC 1951, section 3.2.5, and numbers as those of code lengths.
var (
	litSymbols  = makeLitSymbols()
	distSymbols = makeDistSymbols()
	numbers     = makeNumbers()
)

func makeLitSymbols() (s [maxLit]entry) {
	for i := range 256 {
		s[i] = literal | entry(i)<<valueShift
	}
	s[256] = special | end
	least := entry(3)
	for i := 257; i < 285; i++ {
		extra := entry(max(0, (i-261)/4))
		s[i] = least<<valueShift | extra<<extraShift
		least += 1 << extra
	}
	s[285] = 258 << valueShift
	s[286], s[287] = special, special
	return s
}

func makeDistSymbols() (s [maxDist]entry) {
	least := entry(1)
	for i := range 30 {
		extra := entry(max(0, i/2-1))
		s[i] = least<<valueShift | extra<<extraShift
		least += 1 << extra
	}
	s[30], s[31] = special, special
	return s
}

func makeNumbers() (s [19]entry) {
	for i := range s {
		s[i] = entry(i) << valueShift
	}
	return s
}
