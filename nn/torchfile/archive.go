package torchfile

import (
	"archive/zip"
	"cmp"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"path"
	"slices"
	"strings"
)

// maxDirectory is how many bytes the directory of an archive may have: ten thousand tensors take
// one megabyte.
const maxDirectory = 16 << 20

// readZip reads the pickle of the zip framing, and where the storages are.
func readZip(r io.ReaderAt, size int64) (any, map[string]*record, error) {
	archive, err := zip.NewReader(&limited{r, maxDirectory}, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, nil, fmt.Errorf("%w; is it cut short?", err)
	}
	root, err := findPickle(archive)
	if err != nil {
		return nil, nil, err
	}
	entries, err := entriesOf(archive, size)
	if err != nil {
		return nil, nil, err
	}
	if err := checkOrder(entries[root+"byteorder"], r); err != nil {
		return nil, nil, err
	}
	records := map[string]*record{}
	for name, rec := range entries {
		if key, ok := strings.CutPrefix(name, root+"data/"); ok {
			records[key] = rec
		}
	}
	pickle := entries[root+"data.pkl"]
	if err := pickle.checkSum(r); err != nil {
		return nil, nil, err
	}
	object, err := unpickle(newInput(r, pickle.at, pickle.size), storages{}.load)
	return object, records, err
}

// limited lets so many bytes of a file be read.
type limited struct {
	io.ReaderAt
	left int64
}

func (l *limited) ReadAt(b []byte, at int64) (int, error) {
	if l.left -= int64(len(b)); l.left < 0 {
		return 0, fmt.Errorf("the directory of the archive has more than %d bytes", maxDirectory)
	}
	return l.ReaderAt.ReadAt(b, at)
}

// findPickle finds the entry ROOT/data.pkl.
func findPickle(archive *zip.Reader) (root string, err error) {
	i := slices.IndexFunc(archive.File, func(e *zip.File) bool {
		at, ok := strings.CutSuffix(e.Name, "data.pkl")
		return ok && (at == "" || strings.Count(at, "/") == 1 && strings.HasSuffix(at, "/"))
	})
	if i < 0 {
		return "", errors.New("a zip archive without a data.pkl: not a file of torch.save")
	}
	root = strings.TrimSuffix(archive.File[i].Name, "data.pkl")
	if slices.ContainsFunc(archive.File, func(e *zip.File) bool { return e.Name == root+"constants.pkl" }) {
		return "", errors.New("a TorchScript archive; save its weights: torch.save(torch.jit.load(path).state_dict(), other)")
	}
	return root, nil
}

// entriesOf is where the bytes of each entry lie. Two programs may read an archive in two ways
// when a name is there twice or entries share bytes, and a few bytes may stand for many: such
// archives are refused, as is a name that leaves the archive.
func entriesOf(archive *zip.Reader, size int64) (map[string]*record, error) {
	entries := make(map[string]*record, len(archive.File))
	inOrder := make([]*record, 0, len(archive.File))
	for _, e := range archive.File {
		if strings.ContainsAny(e.Name, "\\\x00") || path.IsAbs(e.Name) || slices.Contains(strings.Split(e.Name, "/"), "..") {
			return nil, fmt.Errorf("entry %s has a name outside of the archive, which torch.save never writes", quote(e.Name))
		}
		if entries[e.Name] != nil {
			return nil, fmt.Errorf("entry %s is there twice", quote(e.Name))
		}
		rec, err := recordOf(e, size)
		if err != nil {
			return nil, err
		}
		entries[e.Name] = rec
		inOrder = append(inOrder, rec)
	}
	slices.SortFunc(inOrder, func(a, b *record) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.size, b.size))
	})
	for i := 1; i < len(inOrder); i++ {
		if before, rec := inOrder[i-1], inOrder[i]; before.at+before.size+rec.header > rec.at {
			return nil, fmt.Errorf("entries %s and %s overlap, which torch.save never writes", quote(before.name), quote(rec.name))
		}
	}
	return entries, nil
}

// recordOf is where the bytes of an entry lie. Entries are not compressed, as PyTorch
// writes them, so none is larger than the file.
func recordOf(e *zip.File, size int64) (*record, error) {
	if e.Method != zip.Store || e.UncompressedSize64 != e.CompressedSize64 {
		return nil, fmt.Errorf("entry %s is compressed, which torch.save never does", quote(e.Name))
	}
	const fixed = 30 // bytes of the header before an entry, without its name
	at, err := e.DataOffset()
	if err != nil {
		return nil, fmt.Errorf("entry %s: %w", quote(e.Name), err)
	}
	if at < 0 || at > size || e.UncompressedSize64 > uint64(size-at) {
		return nil, fmt.Errorf("entry %s leaves the file; is it cut short?", quote(e.Name))
	}
	return &record{name: e.Name, header: fixed + int64(len(e.Name)), at: at, size: int64(e.UncompressedSize64), crc: e.CRC32}, nil
}

// checkSum compares the bytes of an entry with the sum that the archive keeps of them: a bit of the pickle can be
// the stride of a tensor.
func (rec *record) checkSum(r io.ReaderAt) error {
	if rec.crc == 0 { // none is kept
		return nil
	}
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, io.NewSectionReader(r, rec.at, rec.size)); err != nil {
		return fmt.Errorf("entry %s: %w", quote(rec.name), err)
	}
	if sum.Sum32() != rec.crc {
		return fmt.Errorf("entry %s: %w", quote(rec.name), errDamaged)
	}
	return nil
}

// checkOnce is checkSum for an entry of which several tensors are parts.
func (rec *record) checkOnce(r io.ReaderAt) error {
	rec.once.Do(func() { rec.damaged = rec.checkSum(r) })
	return rec.damaged
}

// checkOrder refuses files of machines that begin numbers with their highest byte. Without the
// record, as before PyTorch 2.1, they begin with the lowest.
func checkOrder(rec *record, r io.ReaderAt) error {
	if rec == nil {
		return nil
	}
	order := make([]byte, min(8, rec.size))
	if _, err := r.ReadAt(order, rec.at); err != nil {
		return fmt.Errorf("byteorder: %w", err)
	}
	switch string(order) {
	case "little":
		return nil
	case "big":
		return errors.New("its numbers begin with the highest byte (byteorder big); load it in PyTorch on a usual machine and save it again")
	}
	return fmt.Errorf("byteorder is %q, want \"little\"", order)
}
