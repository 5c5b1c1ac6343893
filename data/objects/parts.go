package objects

// parts is memory that the parts of large objects lie in, of [PartSize] bytes each, while nobody has any. Were it made for each part,
// an object would leave as much behind as it has, and Go's collector lets a process double first.
var parts = make(chan []byte, uploads+1)

// WriterMemory is the most memory that a [Writer] has.
const WriterMemory = (uploads + 1) * PartSize

// smallPart is up to how many bytes memory is made as it is wanted: most objects are small.
const smallPart = 1 << 20

// takePart gives memory of n bytes, at most PartSize, with anything in it.
func takePart(n int) []byte {
	select {
	case p := <-parts:
		return p[:n]
	default:
	}
	if n < smallPart {
		return make([]byte, n)
	}
	return make([]byte, n, PartSize)
}

// givePart takes back memory that nobody reads or writes any more.
func givePart(p []byte) {
	if cap(p) != PartSize {
		return
	}
	select {
	case parts <- p:
	default: // there is enough
	}
}
