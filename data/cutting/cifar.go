package cutting

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/data/cifar"
	"github.com/rondo-ml/rondo/data/samples"
)

// CIFAR cuts the binary files of CIFAR-10 or CIFAR-100. A path is such a file, or a directory in which they are found by
// name: data_batch_1.bin to data_batch_5.bin or train.bin are for training, test_batch.bin or test.bin are held out. The
// names of the classes are read from batches.meta.txt or fine_label_names.txt beside the first file, if they are there.
func CIFAR(opts Options, paths []string) (Summary, error) {
	if err := opts.check(paths); err != nil {
		return Summary{}, err
	}
	train, held, err := findCIFAR(paths)
	if err != nil {
		return Summary{}, err
	}
	more, moreHeld, err := findCIFAR(opts.HeldOut)
	if err != nil {
		return Summary{}, err
	}
	if len(train) == 0 {
		return Summary{}, fmt.Errorf("%s: only held-out pictures", strings.Join(paths, ", "))
	}
	sources, err := checkCIFAR(train, slices.Concat(held, more, moreHeld))
	if err != nil {
		return Summary{}, err
	}
	classes, err := cifarClasses(sources[0])
	if err != nil {
		return Summary{}, err
	}
	return cutCIFAR(opts, sources, classes)
}

// cifarSource is one file of records.
type cifarSource struct {
	path    string
	held    bool
	format  cifar.Format
	records int
}

// findCIFAR finds the files that paths name.
func findCIFAR(paths []string) (train, held []string, err error) {
	for _, p := range paths {
		info, err := os.Stat(p)
		if err != nil {
			return nil, nil, fmt.Errorf("cannot read the pictures: %w", err)
		}
		if !info.IsDir() {
			train = append(train, p)
			continue
		}
		batches, _ := filepath.Glob(filepath.Join(p, "data_batch_*.bin")) // a pattern without fault
		trains, _ := filepath.Glob(filepath.Join(p, "train.bin"))
		tests, _ := filepath.Glob(filepath.Join(p, "test*.bin"))
		if len(batches)+len(trains)+len(tests) == 0 {
			return nil, nil, fmt.Errorf("%s holds no file such as data_batch_1.bin, train.bin or test_batch.bin; it may be one level further down", p)
		}
		train, held = slices.Concat(train, batches, trains), append(held, tests...)
	}
	return train, held, nil
}

// checkCIFAR tells the format of the files, which must be one.
func checkCIFAR(train, held []string) ([]cifarSource, error) {
	var sources []cifarSource
	for i, path := range slices.Concat(train, held) {
		info, err := os.Stat(path)
		if err == nil && !info.Mode().IsRegular() {
			err = errors.New("not a file")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		format, err := cifar.Detect(info.Size())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if len(sources) > 0 && sources[0].format != format {
			return nil, fmt.Errorf("%s holds CIFAR-%d, and %s holds CIFAR-%d", path, format.Classes, sources[0].path, sources[0].format.Classes)
		}
		sources = append(sources, cifarSource{path, i >= len(train), format, int(info.Size()) / format.Record()})
	}
	return sources, nil
}

// cifarClasses are the names of the classes by number.
func cifarClasses(first cifarSource) ([]string, error) {
	for _, name := range []string{"batches.meta.txt", "fine_label_names.txt"} {
		path := filepath.Join(filepath.Dir(first.path), name)
		text, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		names := strings.Fields(string(text))
		if len(names) != first.format.Classes {
			return nil, fmt.Errorf("%s names %d classes, CIFAR-%d has %d", path, len(names), first.format.Classes, first.format.Classes)
		}
		return names, nil
	}
	if first.format == cifar.Ten {
		return cifar.Names10, nil
	}
	names := make([]string, first.format.Classes)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names, nil
}

func cutCIFAR(opts Options, sources []cifarSource, classes []string) (sum Summary, err error) {
	p := progress{report: opts.Progress}
	var paths []string
	for _, s := range sources {
		p.total += s.records
		paths = append(paths, s.path)
	}
	inputs, err := inputsOf(paths)
	if err != nil {
		return Summary{}, err
	}
	c := cutting{schema: imageSchema([]int{cifar.Side, cifar.Side, cifar.Channels}, classes), plan: plan{Kind: "cifar", Options: opts, Inputs: inputs},
		heldGiven: slices.ContainsFunc(sources, func(s cifarSource) bool { return s.held })}
	sum.Classes = classes
	sum.Train, sum.Valid, err = opts.writeEach(c, func(out *output, book *journal) error {
		for _, s := range sources {
			if err := copyCIFAR(out, book, s, &p); err != nil {
				return err
			}
		}
		return nil
	})
	return sum, err
}

// copyCIFAR writes the pictures of one file.
func copyCIFAR(out *output, book *journal, s cifarSource, p *progress) error {
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<20)
	record := make([]byte, s.format.Record())
	shape := []int{cifar.Side, cifar.Side, cifar.Channels}
	image := make([]byte, cifar.Side*cifar.Side*cifar.Channels)
	for i := range s.records {
		if _, err := io.ReadFull(r, record); err != nil {
			return fmt.Errorf("%s: record %d: %w", s.path, i, err)
		}
		class, err := s.format.Decode(image, record)
		if err != nil {
			return fmt.Errorf("%s: record %d: %w", s.path, i, err)
		}
		if err := out.addNumbered(s.held, filepath.Base(s.path), i, samples.Sample{{Shape: shape, Data: image}, samples.Class(class)}); err != nil {
			return err
		}
		if err := book.uploaded(out.shards()); err != nil {
			return err
		}
		p.step()
	}
	return nil
}
