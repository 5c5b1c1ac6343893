package cutting

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/rondo-ml/rondo/data/files"
	"github.com/rondo-ml/rondo/data/objects"
	"github.com/rondo-ml/rondo/data/shard"
)

// journal is the file beside the sets being written that says what became of each source, in order, so that a cut that
// was stopped goes on without decoding again what stands. It is locked as long as it is written.
//
//	rondo-cut PLAN         first line
//	2                      a source that gave two samples
//	-not a picture         one that was left out, with the reason
//	!damaged JPEG: …       one that cannot be read, with the detail
//
// What it says of a source is true of every cut of the plan, so lines are only ever appended. A line that is not whole,
// at the end of a file whose writer was killed, counts as not there.
//
// Of sets in an object store it is an object, which is written anew whenever a shard was uploaded ([shard.Claim]).
type journal struct {
	path string
	f    *os.File
	far  *farJournal // nil: it is a file
	out  *bufio.Writer
	told int           // sources of which the journal spoke when it was opened
	old  *bufio.Reader // of these, those that were not asked for yet
	at   int           // sources so far
}

// journalEvery is how many sources are between writes to the file.
const journalEvery = 64

// outcome is what became of a source.
type outcome struct {
	samples    int
	left       files.Reason // the reason to leave it out, or ""
	unreadable string       // why it cannot be read, or ""
}

// openJournal opens the journal in a directory for a plan, and says whether a cut of another plan was stopped there. A
// journal of the same plan goes on.
func openJournal(dir, plan string) (j *journal, another bool, err error) {
	if objects.Named(dir) {
		return openFarJournal(dir, plan)
	}
	f, err := shard.OpenJournal(dir)
	if err != nil {
		return nil, false, err
	}
	j = &journal{path: f.Name(), f: f}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	head := shard.JournalHead + plan + "\n"
	end, first, err := j.scan(f, len(head))
	if err != nil {
		return nil, false, err
	}
	if first != head {
		another, j.told, end = first != "", 0, 0
	}
	if err := f.Truncate(end); err != nil {
		return nil, false, err
	}
	if end == 0 {
		if _, err := f.WriteAt([]byte(head), 0); err != nil {
			return nil, false, err
		}
		end = int64(len(head))
	}
	j.old = bufio.NewReader(io.NewSectionReader(f, int64(len(head)), end-int64(len(head))))
	if _, err := f.Seek(end, io.SeekStart); err != nil {
		return nil, false, err
	}
	j.out = bufio.NewWriter(f)
	return j, another, nil
}

// scan counts the whole lines after the first, and gives the end of the last one that makes sense.
func (j *journal) scan(from io.Reader, headLength int) (end int64, first string, err error) {
	r := bufio.NewReader(from)
	for {
		line, err := r.ReadString('\n')
		if err == io.EOF {
			return end, first, nil
		}
		if err != nil {
			return 0, "", err
		}
		if end == 0 {
			if first = line; len(line) != headLength {
				return 0, first, nil
			}
		} else if _, err := parseOutcome(line); err != nil {
			return end, first, nil
		} else {
			j.told++
		}
		end += int64(len(line))
	}
}

// next is what the journal says of the next source, if it does.
func (j *journal) next() (o outcome, told bool, err error) {
	if j.told == 0 {
		return o, false, nil
	}
	j.told--
	line, err := j.old.ReadString('\n')
	if err != nil {
		return o, false, err
	}
	o, err = parseOutcome(line)
	return o, err == nil, err
}

// add says what became of a source.
func (j *journal) add(o outcome) error {
	switch {
	case o.left != "":
		fmt.Fprintf(j.out, "-%s\n", strconv.Quote(string(o.left)))
	case o.unreadable != "":
		fmt.Fprintf(j.out, "!%s\n", strconv.Quote(o.unreadable))
	default:
		fmt.Fprintf(j.out, "%d\n", o.samples)
	}
	if j.at++; j.at%journalEvery == 0 && j.far == nil {
		return j.out.Flush()
	}
	return nil
}

// begun says that sets were begun under this journal, by a source that gave nothing: before, there may be those of another cut.
func (j *journal) begun() error {
	if err := j.add(outcome{}); err != nil {
		return err
	}
	if j.far != nil {
		return j.hold()
	}
	return j.out.Flush()
}

// tag is that of the shards in an object store.
func (j *journal) tag() string {
	if j.far == nil {
		return ""
	}
	return j.far.claim.Tag
}

// uploaded is told how many shards were finished, after each source, and writes a journal in an object store when there are more.
func (j *journal) uploaded(shards int) error {
	if j.far == nil || shards == j.far.shards {
		return nil
	}
	j.far.shards = shards
	return j.hold()
}

// hold writes a journal in an object store, which is an error if another process cuts there meanwhile.
func (j *journal) hold() error {
	if j.far == nil {
		return nil
	}
	if err := j.out.Flush(); err != nil {
		return err
	}
	return j.far.claim.Put(j.far.text.Bytes())
}

func parseOutcome(line string) (o outcome, err error) {
	text, whole := strings.CutSuffix(line, "\n")
	if !whole || text == "" {
		return o, errors.New("no line of a journal")
	}
	switch text[0] {
	case '-', '!':
		said, err := strconv.Unquote(text[1:])
		if err != nil || said == "" {
			return o, errors.New("no reason in a journal")
		}
		if text[0] == '-' {
			return outcome{left: files.Reason(said)}, nil
		}
		return outcome{unreadable: said}, nil
	}
	o.samples, err = strconv.Atoi(text)
	if err == nil && o.samples < 0 {
		err = errors.New("no number of samples in a journal")
	}
	return o, err
}

// end closes the journal and removes it, since nothing is left that could go on.
func (j *journal) end() error {
	if j.far != nil {
		return j.far.claim.Remove()
	}
	os.Remove(j.path)
	return j.f.Close()
}

// leave closes the journal, for another cut of the plan to go on.
func (j *journal) leave() {
	if j.far != nil {
		_ = j.hold()
		return
	}
	_ = j.out.Flush() // what is lost of it is done again
	j.f.Close()
}
